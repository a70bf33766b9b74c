"""The request form, generated: which fields, from the questionnaire; what each looks like, from the catalogue.

Fields hold raw text and validate nothing: a draft may be wrong while it is written. What is wrong with an answer
is said beside it, from the intake.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms

from utilization.rules.asking.answers import NONE, NONE_OF_THESE, NOT_KNOWN, SAFETY, safety_options
from utilization.rules.asking.questions import OPTIONAL, ORDER_FACTS, Ask, Section
from utilization.rules.facts.catalogue import CATALOGUE, Fact, Kind
from utilization.web.prescribing.typed import (
    DOSE,
    DOSE_BY_PHARMACY,
    DOSE_FACTS,
    DOSE_UNIT,
    EMERGENCY,
    EMERGENCY_REASON,
    JUSTIFICATION,
    choice_shown,
    dose_shown,
)

DOSE_UNITS = {
    "": "Choose the unit",
    "dose_total_g_per_kg": "g/kg, whole course",
    "dose_total_g": "g, whole course",
    "dose_per_day_g_per_kg": "g/kg each day",
    "dose_per_day_g": "g each day",
}
NOT_KNOWN_WORDS = "Not known"
_NONE = f"Write “{NONE}” where there was none."
_INPUT_MODES = {Kind.INT: "numeric", Kind.DEC: "decimal"}
_ALWAYS_KNOWN = frozenset({"request_type", "route"})
"""What whoever writes the request decides; "not known" would be no answer."""
_UNASKED = (*ORDER_FACTS, SAFETY, EMERGENCY, EMERGENCY_REASON, JUSTIFICATION)


@dataclass(frozen=True, slots=True)
class Say:
    """What stands beside a field: what is wrong with it, what is unusual about it, whether it could still decide."""

    problem: str = ""
    doubt: str = ""
    matters: bool = False


class Group(Div):
    """Fields under a title that a clinician would give them."""

    template = "prescribing/group.html"

    def __init__(self, title: str, *fields: Any, note: str = "") -> None:
        super().__init__(*fields)
        self.title = title
        self.note = note
        self.key = "".join(letter for letter in title.lower() if letter.isalnum())


def sections_to_show(
    sections: Iterable[Section], draft: Mapping[str, Any], sex: str, catalogue: Mapping[str, Fact] = CATALOGUE
) -> tuple[tuple[Section, ...], tuple[Ask, ...]]:
    """The sections that are asked, and the optional questions: those of the pack, and answers that nothing reads now.

    An answer that stopped to matter stays in sight: it is filed with the rest.
    """
    main = tuple(section for section in sections if not section.optional)
    optional = [ask for section in sections if section.optional for ask in section.questions]
    shown = {ask.fact for section in main for ask in section.questions} | {ask.fact for ask in optional}
    in_checklist = {key for key, _ in safety_options(sex)} | {"pregnancy_status"}
    left = [
        Ask(name, False)
        for name, raw in draft.items()
        if raw and name in catalogue and name not in shown | in_checklist and name not in _UNASKED
    ]
    return main, tuple(optional + left)


class RequestForm(forms.Form):
    """The fields of one request; `in_questions`, `in_order`, `in_safety` and `in_more` lay them out in their groups."""

    def __init__(
        self,
        draft: Mapping[str, Any],
        *,
        sections: Iterable[Section],
        sex: str,
        products: Iterable[str] = (),
        assumed: Mapping[str, Any] | None = None,
        says: Mapping[str, Say] | None = None,
        justify: bool = False,
        emergency: bool = True,
        by_pharmacy: bool = True,
        catalogue: Mapping[str, Fact] = CATALOGUE,
    ) -> None:
        super().__init__()
        self.catalogue = catalogue
        self.may_leave_to_pharmacy = by_pharmacy
        self.draft = draft
        self.says = says or {}
        self.products = tuple(products)
        self.assumed = assumed or {}
        main, optional = sections_to_show(sections, draft, sex, catalogue)
        self.in_questions = self._layout(
            *(Group(one.title, *(self._fact(ask.fact) for ask in one.questions)) for one in main)
        )
        more = [Group(OPTIONAL, *(self._fact(ask.fact) for ask in optional))] if optional else []
        self.in_order = self._layout(Group("The order", *self._order_fields()))
        self.in_safety = self._layout(Group("Safety", self._safety(sex)))
        if justify:
            more.append(Group("Clinical justification", self._justification()))
        if emergency:
            more.append(Group("Urgency", *self._emergency()))
        self.in_more = self._layout(*more)
        asked = [ask.fact for one in main for ask in one.questions] + [ask.fact for ask in optional]
        self.shown = " ".join([*asked, *([JUSTIFICATION] if justify else [])])

    def slots(self) -> dict[str, Say]:
        """What to say beside every field, by its name."""
        return {name: self.says.get(name, Say()) for name in self.fields if name not in (DOSE_UNIT, DOSE_BY_PHARMACY)}

    def _layout(self, *groups: Any) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(*groups)
        return helper

    def _add(self, name: str, field: forms.Field, initial: Any, template: str, **marks: Any) -> Field:
        field.required = False
        field.initial = initial
        field.say = self.says.get(name, Say())  # type: ignore[attr-defined]  # read by our templates
        for mark, value in marks.items():
            setattr(field, mark, value)
        self.fields[name] = field
        return Field(name, template=f"prescribing/field_{template}.html")

    def _fact(self, name: str) -> Field:
        fact = self.catalogue[name]
        raw = choice_shown(name, self.draft.get(name) or self.assumed.get(name, ""))
        if fact.kind in (Kind.BOOL, Kind.CHOICE):
            options = _options(fact)
            if name not in _ALWAYS_KNOWN:
                options.append((NOT_KNOWN, NOT_KNOWN_WORDS))
            row = forms.ChoiceField(choices=options, label=fact.label, help_text=fact.note, widget=forms.RadioSelect)
            return self._add(name, row, raw, "choices")
        return self._text(name, fact.label, raw, unit=fact.unit, told=fact.note, not_known=True)

    def _text(
        self, name: str, label: str, raw: Any, *, unit: str = "", told: str = "", not_known: bool = False
    ) -> Field:
        unknown = raw == NOT_KNOWN
        attributes = {"autocomplete": "off", "hx-preserve": "true", **_said_beside(name)}
        fact = self.catalogue[name]
        if inputmode := _INPUT_MODES.get(fact.kind):
            attributes["inputmode"] = inputmode
        widget: forms.Widget = forms.TextInput(attrs=attributes)
        if fact.kind is Kind.DATE:
            widget = forms.DateInput(attrs={**attributes, "type": "date"})
        elif fact.kind is Kind.LIST_RECORD:
            widget, told = forms.Textarea(attrs={**attributes, "rows": 3}), f"{told} {_lines(fact)}".strip()
        elif fact.kind is Kind.LIST_DEC:
            told = f"{told} With a space between. {_NONE}".strip()
        field = forms.CharField(label=label, help_text=told, widget=widget)
        marks = {"unit": unit, "not_known": not_known, "unknown": unknown}
        return self._add(name, field, "" if unknown else raw, "text", **marks)

    def _order_fields(self) -> list[Any]:
        amount, unit, beside = dose_shown(self.draft)
        units = forms.ChoiceField(choices=list(DOSE_UNITS.items()), label="Unit of the dose")
        self._add(DOSE_UNIT, units, unit, "dose")
        if self.may_leave_to_pharmacy:
            left = forms.BooleanField(label="Dose to be advised by pharmacy")
            self._add(DOSE_BY_PHARMACY, left, self.draft.get(DOSE_BY_PHARMACY) == "yes", "box")
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", **_said_beside(DOSE)})
        dose = forms.CharField(label="Dose", widget=widget)
        marks = {"facts": [name for name in DOSE_FACTS if name not in beside]}
        rows = [self._add(DOSE, dose, "" if amount == NOT_KNOWN else amount, "dose", **marks)]
        rows += [self._text(name, f"{CATALOGUE[name].label}, also stated", self.draft.get(name, ""),
                            unit=CATALOGUE[name].unit) for name in beside]  # fmt: skip
        rest = [
            self._text(name, CATALOGUE[name].label, self.draft.get(name, ""), unit=CATALOGUE[name].unit,
                       not_known=name == "course_days", told=CATALOGUE[name].note)
            for name in ("course_days", "interval_weeks", "requested_authorization_months")
        ]  # fmt: skip
        return [*rows, Div(*rest, css_class="question-row"), self._product(), *self._opt_out()]

    def _opt_out(self) -> list[Field]:
        """Dosing by actual weight against the rule of the criteria, which needs a written reason."""
        name, why = "weight_rule_opt_out", "weight_rule_opt_out_reason"
        raw = choice_shown(name, self.draft.get(name) or "")
        options = [("false", "No, by the rule of the criteria"), ("true", "Yes, by actual weight")]
        row = forms.ChoiceField(choices=options, label=CATALOGUE[name].label, widget=forms.RadioSelect)
        reason = self._text(why, CATALOGUE[why].label, self.draft.get(why, ""), told="Needed only with “yes”.")
        return [self._add(name, row, raw, "choices"), reason]

    def _product(self) -> Field:
        fact = CATALOGUE["product"]
        widget = forms.TextInput(attrs={"list": "products", "autocomplete": "off", **_said_beside("product")})
        field = forms.CharField(label=fact.label, help_text=fact.note, widget=widget)
        return self._add("product", field, self.draft.get("product", ""), "product", products=self.products)

    def _safety(self, sex: str) -> Field:
        options = [*safety_options(sex), (NONE_OF_THESE, "None of these"), (NOT_KNOWN, NOT_KNOWN_WORDS)]
        field = forms.MultipleChoiceField(
            choices=options, label="Does any of these apply to the patient?", widget=forms.CheckboxSelectMultiple
        )
        return self._add(SAFETY, field, self.draft.get(SAFETY) or [], "safety")

    def _emergency(self) -> list[Field]:
        declared = forms.BooleanField(label="This is an emergency: review it within 24 hours")
        reason = forms.CharField(
            label="Why it is an emergency", widget=forms.Textarea(attrs={"rows": 2, **_said_beside(EMERGENCY_REASON)})
        )
        return [
            self._add(EMERGENCY, declared, self.draft.get(EMERGENCY) == "yes", "box"),
            self._add(EMERGENCY_REASON, reason, self.draft.get(EMERGENCY_REASON, ""), "words"),
        ]

    def _justification(self) -> Field:
        field = forms.CharField(
            label="Why this patient should have IVIG all the same",
            help_text="The reviewers read this beside the criteria that are not met. At most 4,000 characters.",
            widget=forms.Textarea(attrs={"rows": 4, "hx-preserve": "true", **_said_beside(JUSTIFICATION)}),
        )
        return self._add(JUSTIFICATION, field, self.draft.get(JUSTIFICATION, ""), "words")


def _said_beside(name: str) -> dict[str, str]:
    return {"aria-describedby": f"say_{name}"}


def _lines(fact: Fact) -> str:
    """How entries of a list are typed."""
    parts = [f"{field.noun}{f' in {field.unit}' if field.unit else ''}{_codes(field)}"
             for field in fact.fields.values()]  # fmt: skip
    return f"One entry a line, with commas between: {', '.join(parts)}. {_NONE}"


def _codes(field: Fact) -> str:
    if field.kind is Kind.DATE:
        return " (YYYY-MM-DD)"
    choices = ("yes", "no") if field.kind is Kind.BOOL else tuple(field.choices)
    return f" ({' or '.join(choices)})" if choices else ""


def _options(fact: Fact) -> list[tuple[str, str]]:
    if fact.kind is Kind.BOOL:
        return [("true", "Yes"), ("false", "No")]
    return [(code, words[:1].upper() + words[1:]) for code, words in fact.choices.items()]
