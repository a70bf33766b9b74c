"""The request form, generated: which fields, from the questionnaire; what each looks like, from the catalogue.

Fields hold raw text and validate nothing: a draft may be wrong while it is written. What is wrong with an answer
is said beside it, from the intake.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Layout
from django import forms

from utilization.rules.facts.catalogue import CATALOGUE, PREGNANCY, Fact, Kind
from utilization.rules.facts.elapsed import apart, as_of_now
from utilization.rules.form.answers import NONE, NONE_OF_THESE, NOT_KNOWN, SAFETY, Intake, safety_rows
from utilization.rules.form.questions import OPTIONAL, ORDER_FACTS, TITLES, Ask, Section
from utilization.rules.packs.pack import DiagnosisCode
from utilization.web.prescribing.form_content import FormParts, FormQuestions, Say, checklist_of
from utilization.web.prescribing.form_data import (
    AS_KEPT,
    DOSE,
    DOSE_BY_PHARMACY,
    DOSE_FACTS,
    DOSE_UNIT,
    EMERGENCY,
    EMERGENCY_REASON,
    JUSTIFICATION,
    ONE_BY_ONE,
    choice_shown,
    dose_shown,
)
from utilization.workflow import DIAGNOSIS_CODE, IDENTIFIERS, MOST_IDENTIFIER, SUMMARY

DOSE_UNITS = {
    "": "Choose the unit",
    "dose_total_g_per_kg": "g/kg, whole course",
    "dose_total_g": "g, whole course",
    "dose_per_day_g_per_kg": "g/kg each day",
    "dose_per_day_g": "g each day",
}
NOT_KNOWN_WORDS = "Not known"
THEN = "then"
_NONE = f"Write “{NONE}” where there was none."
_INPUT_MODES = {Kind.INT: "numeric", Kind.DEC: "decimal"}
_ALWAYS_KNOWN = frozenset({"request_type", "route"})
"""What whoever writes the request decides; "not known" would be no answer."""
_NOTHING = Say()
_UNASKED = (*ORDER_FACTS, SAFETY, EMERGENCY, EMERGENCY_REASON, JUSTIFICATION, SUMMARY, DIAGNOSIS_CODE, *IDENTIFIERS)
IDENTIFIER_LABELS = {
    "prescriber_number": "Prescriber’s number",
    "payer_name": "Payer",
    "payer_member_number": "Member number",
}
_IDENTIFIER_TOLD = {"prescriber_number": "Optional, as the two below: an NPI or a licence, as the payer knows you."}
_REST = [(ONE_BY_ONE, "One by one"), (NONE_OF_THESE, "None of the others"), (NOT_KNOWN, "The others not known")]
_WHERE_IT_APPLIES = frozenset({"weight_rule_opt_out_reason", "interval_weeks", "requested_authorization_months"})
"""Fields that the style sheet shows where they apply; filled in, they always show, which an empty placeholder tells."""


class FieldGroup(Div):
    """Fields under a title that a clinician would give them."""

    template = "prescribing/field_group.html"

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
    rows = safety_rows(sex)
    apart = [
        replace(section, questions=tuple(ask for ask in section.questions if ask.fact not in rows))
        for section in sections
    ]
    main = tuple(section for section in apart if not section.optional and section.questions)
    optional = [ask for section in apart if section.optional for ask in section.questions]
    shown = {ask.fact for section in main for ask in section.questions} | {ask.fact for ask in optional}
    left = [
        Ask(name, False)
        for name, raw in draft.items()
        if raw and name in catalogue and name not in (*shown, *rows, *_UNASKED)
    ]
    return main, tuple(optional + left)


class RequestForm(forms.Form):
    """The fields of one request; `in_questions`, `in_order`, `in_safety` and `in_more` lay them out in their groups."""

    def __init__(
        self,
        draft: Mapping[str, Any],
        asked: FormQuestions,
        parts: FormParts,
        *,
        says: Mapping[str, Say] = MappingProxyType({}),
        answered: Intake | None = None,
        at: datetime | None = None,
    ) -> None:
        super().__init__()
        self.catalogue = asked.catalogue
        self.at = at
        self.intake = answered
        self.may_leave_to_pharmacy = parts.by_pharmacy
        self.draft = draft
        self.says = says
        self.products = tuple(asked.products)
        self.usual_product = asked.usual_product
        self.assumed = asked.assumed
        main, optional = sections_to_show(asked.sections, draft, asked.sex, asked.catalogue)
        groups = [FieldGroup(section.title, *(self._fact(ask.fact) for ask in section.questions)) for section in main]
        if asked.codes:
            first = groups[0] if groups else FieldGroup(TITLES["Request"])
            first.fields.insert(0, self._code(asked.codes))
            groups = groups or [first]
        self.in_questions = self._layout(*groups)
        more = [FieldGroup(OPTIONAL, *(self._fact(ask.fact) for ask in optional))] if optional else []
        self.in_order = self._layout(FieldGroup("The order", *self._order_fields()))
        self.in_safety = self._layout(FieldGroup("Safety", self._safety(asked.sex)))
        if parts.words:
            summary = self._summary()
            self.in_summary = self._layout(FieldGroup("Clinical summary", summary))
            more.append(FieldGroup("Clinical summary", summary))
        if parts.justify:
            more.append(FieldGroup("Clinical justification", self._justification()))
        if parts.emergency:
            more.append(FieldGroup("Urgency", *self._emergency()))
        if parts.words:
            more.append(FieldGroup("For the payer", *map(self._identifier, IDENTIFIERS)))
        self.in_more = self._layout(*more)
        names = [ask.fact for section in main for ask in section.questions] + [ask.fact for ask in optional]
        self.shown = " ".join([*names, *([JUSTIFICATION] if parts.justify else [])])

    def slots(self) -> dict[str, Say]:
        """What to say beside every field, by its name."""
        return {
            name: self.says.get(name, _NOTHING) for name in self.fields if name not in (DOSE_UNIT, DOSE_BY_PHARMACY)
        }

    def _layout(self, *groups: Any) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(*groups)
        return helper

    def _add(self, name: str, field: forms.Field, initial: Any, template: str, **marks: Any) -> Field:
        field.required = False
        field.initial = initial
        field.say = self.says.get(name, _NOTHING)  # type: ignore[attr-defined]  # read by our templates
        for mark, value in marks.items():
            setattr(field, mark, value)
        self.fields[name] = field
        return Field(name, template=f"prescribing/field_{template}.html")

    def _fact(self, name: str) -> Field:
        fact = self.catalogue[name]
        raw = choice_shown(fact, self.draft.get(name) or self.assumed.get(name, ""))
        if fact.kind in (Kind.BOOL, Kind.CHOICE):
            options = _options(fact)
            if name not in _ALWAYS_KNOWN:
                options.append((NOT_KNOWN, NOT_KNOWN_WORDS))
            row = forms.ChoiceField(choices=options, label=fact.label, help_text=fact.note, widget=forms.RadioSelect)
            return self._add(name, row, raw, "choices", **_width(options))
        return self._text(name, fact.label, raw, unit=fact.unit, told=fact.note, not_known=True)

    def _code(self, codes: Sequence[DiagnosisCode]) -> Field:
        """The diagnosis code, chosen among those of the indication; typed where a code stands for those below it."""
        chosen = self.draft.get(DIAGNOSIS_CODE) or self.assumed.get(DIAGNOSIS_CODE, "")
        label, attributes = "Diagnosis code (ICD-10-CM)", _said_beside(DIAGNOSIS_CODE)
        field: forms.Field
        if any(code.with_subcodes for code in codes):
            widget = forms.TextInput(
                attrs={**attributes, "list": "codes", "autocomplete": "off", "spellcheck": "false"}
            )
            field = forms.CharField(label=label, widget=widget, help_text="One of those listed, or a code below it.")
        else:
            options = [(code.code, f"{code.code} {code.title}".strip()) for code in codes]
            if chosen and chosen not in dict(options):
                options.append((chosen, f"{chosen} (not a code of this indication)"))
            choices = options if len(options) == 1 else [("", "Choose the code"), *options]
            field = forms.ChoiceField(label=label, choices=choices, widget=forms.Select(attrs=attributes))
        return self._add(DIAGNOSIS_CODE, field, chosen, "code", codes=codes)

    def _text(
        self, name: str, label: str, raw: Any, *, unit: str = "", told: str = "", not_known: bool = False
    ) -> Field:
        unknown, fact = raw == NOT_KNOWN, self.catalogue[name]
        kept = raw if fact.counts_back and self.at else None
        if kept and self.at:
            raw = as_of_now(fact, kept, self.at.date(), self.at)
        attributes = {"autocomplete": "off", "hx-preserve": "true", **_said_beside(name)}
        if inputmode := _INPUT_MODES.get(fact.kind):
            attributes["inputmode"] = inputmode
        if name in _WHERE_IT_APPLIES:
            attributes["placeholder"] = " "
        widget: forms.Widget = forms.TextInput(attrs=attributes)
        if fact.or_never:
            told = f"{told} As 2026-06-30, or the word never.".strip()
        elif fact.kind is Kind.DATE:
            widget = forms.DateInput(attrs={**attributes, "type": "date"})
        elif fact.kind is Kind.LIST_RECORD:
            widget, told = forms.Textarea(attrs={**attributes, "rows": 3}), f"{_ended(told)} {_lines(fact)}".strip()
        elif fact.kind is Kind.LIST_DEC:
            told = f"{told} With a space between. {_NONE}".strip()
        field = forms.CharField(label=label, help_text=told, widget=widget)
        short = fact.kind in (Kind.INT, Kind.DEC, Kind.DATE)
        marks = {"unit": unit, "not_known": not_known, "unknown": unknown, "short": short}
        if kept is not None:
            shown_at = f"{self.at:%Y-%m-%dT%H:%M%z}" if self.at and apart(kept)[1] else ""
            marks |= {"kept": f"{shown_at} {kept}" if shown_at else "", "kept_name": AS_KEPT + name}
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
        days, *repeat = [
            self._text(name, CATALOGUE[name].label, self.draft.get(name, ""), unit=CATALOGUE[name].unit,
                       not_known=name == "course_days", told=CATALOGUE[name].note)
            for name in ("course_days", "interval_weeks", "requested_authorization_months")
        ]  # fmt: skip
        then = Div(*repeat, css_class="question-row order-repeat")
        first = Div(days, self._then(), css_class="question-row")
        return [*rows, first, then, self._product(), *self._opt_out()]

    def _then(self) -> Field:
        """Whether the course is repeated, which only shows the fields that this needs: no answer of the request."""
        repeated = any(self.draft.get(name) for name in ("interval_weeks", "requested_authorization_months"))
        renewal = (self.draft.get("request_type") or self.assumed.get("request_type")) == "renewal"
        options = [("once", "One course only"), ("repeat", "Repeat")]
        row = forms.ChoiceField(choices=options, label="Then", widget=forms.RadioSelect)
        return self._add(THEN, row, "repeat" if repeated or renewal else "", "choices", **_width(options))

    def _opt_out(self) -> list[Field]:
        """Dosing by actual weight against the rule of the criteria, which needs a written reason."""
        name, why = "weight_rule_opt_out", "weight_rule_opt_out_reason"
        raw = choice_shown(CATALOGUE[name], self.draft.get(name) or "")
        options = [("false", "No, by the rule of the criteria"), ("true", "Yes, by actual weight")]
        row = forms.ChoiceField(choices=options, label=CATALOGUE[name].label, widget=forms.RadioSelect)
        reason = self._text(why, CATALOGUE[why].label, self.draft.get(why, ""), told="Needed only with “yes”.")
        return [self._add(name, row, raw, "choices", segments=True), reason]

    def _product(self) -> Field:
        fact = CATALOGUE["product"]
        widget = forms.TextInput(attrs={"list": "products", "autocomplete": "off", **_said_beside("product")})
        field = forms.CharField(label=fact.label, help_text=f"{fact.note}{self._usual()}", widget=widget)
        return self._add("product", field, self.draft.get("product", ""), "product", products=self.products)

    def _usual(self) -> str:
        """What the site says of the product: with which it began the request, or which it usually gives."""
        if not self.usual_product:
            return ""
        if self.draft.get("product") == self.usual_product:
            return " This is the usual product here: change or clear it where another is meant."
        return f" Usual here: {self.usual_product}."

    def _safety(self, sex: str) -> Field:
        names, intake = safety_rows(sex), self.intake
        for name in names:
            options = [("yes", "Yes"), ("no", "No")] if name != PREGNANCY else _options(CATALOGUE[PREGNANCY])
            row = forms.ChoiceField(
                choices=[*options, (NOT_KNOWN, NOT_KNOWN_WORDS)], label=CATALOGUE[name].label, widget=forms.RadioSelect
            )
            self._add(name, row, self._row(name), "safety")
        field = forms.ChoiceField(choices=_REST, label="Does any of these apply to the patient?")
        said = _in_list(self.draft.get(SAFETY))
        rest = said[0] if len(said) == 1 and said[0] in dict(_REST) else ONE_BY_ONE
        marks = {"rows": [self[name] for name in names], "count": checklist_of(intake, sex) if intake else None}
        return self._add(SAFETY, field, rest, "safety", **marks)

    def _row(self, name: str) -> str:
        """The answer that a row of the checklist has of its own, be it that it was ticked before there were rows."""
        raw = str(self.draft.get(name) or "")
        if raw or self.intake is None or name in self.intake.by_rest:
            return {"true": "yes", "false": "no"}.get(raw.lower(), raw)
        value = self.intake.facts.get(name)
        return "" if value is None else "yes" if value is True else "no" if value is False else str(value)

    def _emergency(self) -> list[Field]:
        declared = forms.BooleanField(label="This is an emergency: review it within 24 hours")
        reason = forms.CharField(
            label="Why it is an emergency",
            widget=forms.Textarea(
                attrs={"rows": 2, "hx-preserve": "true", "placeholder": " ", **_said_beside(EMERGENCY_REASON)}
            ),
        )
        return [
            self._add(EMERGENCY, declared, self.draft.get(EMERGENCY) == "yes", "box"),
            self._add(EMERGENCY_REASON, reason, self.draft.get(EMERGENCY_REASON, ""), "words"),
        ]

    def _summary(self) -> Field:
        field = forms.CharField(
            label="Summary for the reviewers",
            help_text="Optional: history, findings, what was tried. A few lines are enough; they are printed.",
            widget=forms.Textarea(attrs={"rows": 4, "hx-preserve": "true", **_said_beside(SUMMARY)}),
        )
        return self._add(SUMMARY, field, self.draft.get(SUMMARY, ""), "words")

    def _identifier(self, name: str) -> Field:
        field = forms.CharField(
            label=IDENTIFIER_LABELS[name],
            help_text=_IDENTIFIER_TOLD.get(name, ""),
            widget=forms.TextInput(
                attrs={
                    "maxlength": MOST_IDENTIFIER, "autocomplete": "off", "spellcheck": "false", "hx-preserve": "true",
                    **_said_beside(name),
                }
            ),
        )  # fmt: skip
        return self._add(name, field, self.draft.get(name, ""), "words")

    def _justification(self) -> Field:
        field = forms.CharField(
            label="Why this patient should have IVIG all the same",
            help_text="The reviewers read this beside the criteria that are not met. At most 4,000 characters.",
            widget=forms.Textarea(attrs={"rows": 4, "hx-preserve": "true", **_said_beside(JUSTIFICATION)}),
        )
        return self._add(JUSTIFICATION, field, self.draft.get(JUSTIFICATION, ""), "words")


def _in_list(raw: Any) -> list[str]:
    return [raw] if isinstance(raw, str) and raw else list(raw) if isinstance(raw, list | tuple) else []


_MOST_SEGMENTS, _WIDEST, _SHORT = 5, 72, 38
_AROUND = 4
"""Letters that dot and edges of a segment take."""


def _width(options: list[tuple[str, str]]) -> dict[str, bool]:
    """Whether the options fit into one control of segments, and whether that leaves room for a field beside it."""
    letters = sum(len(words) + _AROUND for _, words in options)
    return {"segments": len(options) <= _MOST_SEGMENTS and letters <= _WIDEST, "short": letters <= _SHORT}


def _said_beside(name: str) -> dict[str, str]:
    return {"aria-describedby": f"say_{name}"}


def _lines(fact: Fact) -> str:
    """How entries of a list are typed."""
    parts = [f"{field.noun}{f' in {field.unit}' if field.unit else ''}{_codes(field)}"
             for field in fact.fields.values()]  # fmt: skip
    return f"One entry a line, with commas between: {', '.join(parts)}. {_NONE}"


def _ended(note: str) -> str:
    """A note as a sentence that another can follow."""
    return note if not note or note.endswith((".", "?", "!", ":")) else f"{note}."


def _codes(field: Fact) -> str:
    if field.kind is Kind.DATE:
        return " (YYYY-MM-DD)"
    # Either is taken; words that hold a comma would be read as two values.
    named = [code if "," in words or ";" in words else words for code, words in field.choices.items()]
    choices = ["yes", "no"] if field.kind is Kind.BOOL else named
    return f" ({' or '.join(choices)})" if choices else ""


def _options(fact: Fact) -> list[tuple[str, str]]:
    if fact.kind is Kind.BOOL:
        return [("true", "Yes"), ("false", "No")]
    return [(code, words[:1].upper() + words[1:]) for code, words in fact.choices.items()]
