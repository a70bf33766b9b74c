"""What a reviewer types. Whether it may be done is the workflow's question; here text becomes its arguments."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from utilization import criteria, workflow
from utilization.models.decisions import APPEAL, APPROVE, DECISION, DENY, RECOMMENDATION
from utilization.reports.case import ReviewCase, askable
from utilization.reports.print_words import label_of
from utilization.rules.dosing.plan import round_grams
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import BadInput, read_value
from utilization.rules.lifecycle import Verb
from utilization.web.account.signature import SignatureFields
from utilization.web.fields import offer
from utilization.workflow import ORDER_PARTS, rule_of, sentence

ORDER = ORDER_PARTS
"""The parts of an order that a decision may change, by the names of `workflow.Order`."""

_PER_KG = "dose_total_g_per_kg"
_TERMS = ("reason", "reason_code", "conditions")
_STALE = "The page that you sent from is out of date. Reload it and try again."


class ActForm(forms.Form):
    """One thing that a reviewer does to a case. Its fields carry the verb in their ids: a case shows many forms."""

    verb: Verb
    version = forms.IntegerField(
        widget=forms.HiddenInput, min_value=0, error_messages={"required": _STALE, "invalid": _STALE}
    )

    def __init__(self, case: ReviewCase, data: Mapping[str, Any] | None = None) -> None:
        initial = {"version": case.request.version, **self.starting(case)}
        super().__init__(data, auto_id=f"{self.verb.value}_%s", initial=initial)
        self.case = case

    def starting(self, case: ReviewCase) -> dict[str, Any]:
        """The values with which the form starts out, by field."""
        return {}

    def refuse(self, errors: Mapping[str, Any]) -> None:
        """Show what the workflow found wrong beside the fields that it is about."""
        for field, sentences in errors.items():
            self.add_error(field if field in self.fields else None, sentences)

    def arguments(self) -> dict[str, Any]:
        """What the workflow's verb of the same name takes, apart from who, when and which request."""
        return dict(self.cleaned_data)


def _text(label: str, *, help_text: str = "", required: str = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=bool(required),
        error_messages={"required": required},
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class _Signed(SignatureFields, ActForm):
    """An act that is signed, by password or passkey."""


class _Number(forms.CharField):
    """A number as typed, with its unit; the rules read it, so that every door reads numbers alike."""

    def __init__(self, label: str, unit: str = "", help_text: str = "") -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label=label, required=False, help_text=help_text, widget=widget)
        self.unit = unit


class _Order(forms.Form):
    """The order as a reviewer would change it; what is left empty stays as asked."""

    dose_total_g = _Number("Total of a course", "g")
    dose_total_g_per_kg = _Number("or by weight", "g/kg")
    course_days = _Number("Days of a course", "days")
    interval_weeks = _Number("Interval", "weeks")
    months = _Number("Months", "months")
    courses = _Number("Courses")

    def order(self) -> dict[str, str]:
        """The changes as `workflow.Order` names them, as typed; empty where the order stays as asked."""
        return {name: value for name in ORDER if (value := self.cleaned_data.get(name, ""))}

    def grams_of(self, per_kg: str, case: ReviewCase) -> Decimal:
        """Grams of a course at `per_kg` g/kg of dosing weight, rounded as the criteria say.

        Raises BadInput.
        """
        value = read_value(CATALOGUE[_PER_KG], per_kg.strip(), _PER_KG)
        weight = (case.judgement["dose"] or {}).get("dosing_weight_kg")
        if weight is None:
            raise BadInput(_PER_KG, "the dosing weight is not known, so give the total in grams")
        exact = Decimal(str(value)) * Decimal(weight)
        return round_grams(exact, rule_of(case.pack, case.judgement["judged_as"]))[0]


class OrderingForm(_Order, ActForm):
    """An act that may change the order."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        per_kg = cleaned.get(_PER_KG, "")
        if per_kg and cleaned.get("dose_total_g"):
            self.add_error(_PER_KG, "Give the total in grams or by weight, not both.")
        elif per_kg:
            try:
                cleaned["dose_total_g"] = str(self.grams_of(per_kg, self.case))
            except BadInput as bad:
                self.add_error(_PER_KG, sentence(bad.message))
        return cleaned

    @property
    def unfolded(self) -> bool:
        """Whether something stands in the fields of the order or beside them that must not be out of sight."""
        beside = ("conditions",) if self.verb in (Verb.APPROVE, Verb.OVERTURN) else ("conditions", "reason_code")
        return any(self[name].value() or self[name].errors for name in (*ORDER, _PER_KG, *beside))

    @property
    def numbers(self) -> list[forms.BoundField]:
        """The fields of the order, the two ways to give a total side by side."""
        return [self[name] for name in (ORDER[0], _PER_KG, *ORDER[1:])]

    @property
    def faults(self) -> list[str]:
        """What is wrong with what was typed, each with the label of its field."""
        return [
            f"{self.fields[name].label}: {sentence}" if name in self.fields else str(sentence)
            for name, sentences in self.errors.items()
            for sentence in sentences
        ]

    def about_the_order_alone(self) -> None:
        """Forget every error but those about the order: nothing is signed yet."""
        for name in set(self.errors) - {*ORDER, _PER_KG}:
            del self.errors[name]

    def arguments(self) -> dict[str, Any]:
        kept = {name: value for name, value in self.cleaned_data.items() if name not in (*ORDER, _PER_KG, *_TERMS)}
        return {**kept, "terms": self.terms()}

    def terms(self) -> workflow.DecisionTerms:
        """What would be signed beside the choice."""
        return workflow.DecisionTerms(**{name: self.cleaned_data[name] for name in _TERMS}, order=self.order())


class PreviewForm(OrderingForm):
    """A changed order to be planned and judged; it decides nothing."""

    verb = Verb.APPROVE
    version = None  # type: ignore[assignment]  # Django's way to leave out an inherited field


def starting_order(case: ReviewCase) -> dict[str, str]:
    """What the recommendation that counts changes of the order as asked, as it would be typed: a decision starts there.

    Empty where nothing was changed, or where denial is recommended.
    """
    advised = case.recommendation
    if advised is None or advised.choice != APPROVE or not advised.order:
        return {}
    asked = workflow.asked_order(case.filed).as_json()
    changed = {name: advised.order.get(name) for name in ORDER if advised.order.get(name) != asked[name]}
    if "weeks" in asked and "weeks" not in advised.order:
        changed["months"] = advised.order["months"]
    return {name: str(value) for name, value in changed.items() if value is not None}


def duties_of(case: ReviewCase) -> str:
    """What the criteria oblige an approval to, a line each: the conditions that an approval starts from."""
    allowed = case.judgement.get("authorization") or {}
    return "\n".join(duty["text"] for duty in allowed.get("duties", ()))


class _Reasoned(ActForm):
    """An act with a coded reason, which the words beside it say for this patient."""

    reason_code = forms.ChoiceField(label="Reason", required=False)

    def __init__(self, case: ReviewCase, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(case, data)
        reasons = dict(criteria.reference_tables().routing.approval_reasons)
        if case.recommendation is None:
            reasons.pop("as_recommended", None)
        offer(self, "reason_code", [("", "Choose a reason"), *reasons.items()])


class ApproveForm(OrderingForm, _Reasoned, _Signed):
    """Approve as asked, or with a changed order and conditions. It starts from what was recommended."""

    verb = Verb.APPROVE
    conditions = _text("Conditions", help_text="Printed with the approval; leave empty for none.", rows=2)
    reason = _text("In words", help_text="The prescriber reads it; it is printed with the decision.", rows=3)
    meaning = workflow.MEANINGS[DECISION, APPROVE]

    field_order = (*ORDER, _PER_KG, "conditions", "reason_code", "reason", "password")

    @property
    def reason_open(self) -> bool:
        """Whether something stands in the fields of the reason that must not be out of sight."""
        return any(self[name].value() or self[name].errors for name in ("reason_code", "reason"))

    def starting(self, case: ReviewCase) -> dict[str, Any]:
        advised = case.recommendation
        terms = advised.conditions if advised is not None and advised.choice == APPROVE else duties_of(case)
        return {**starting_order(case), "conditions": terms}


class RecommendForm(OrderingForm, _Reasoned, _Signed):
    """Recommend approval or denial to the physician."""

    verb = Verb.RECOMMEND
    choice = forms.ChoiceField(
        label="You recommend",
        choices=[(APPROVE, "Approval"), (DENY, "Denial")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose to recommend approval or denial."},
    )
    reason = _text(
        "Reason", required="Write why you recommend this.", help_text="The physician and the prescriber read it."
    )
    conditions = _text("Conditions", help_text="Which you would set; leave empty for none.", rows=2)
    reason_code = forms.ChoiceField(
        label="Reason for the change", required=False, help_text="Needed where you change the order."
    )
    meaning = workflow.MEANINGS[RECOMMENDATION, APPROVE]
    meaning_denial = workflow.MEANINGS[RECOMMENDATION, DENY]

    def starting(self, case: ReviewCase) -> dict[str, Any]:
        return {**super().starting(case), "conditions": duties_of(case)}

    def terms(self) -> workflow.DecisionTerms:
        given = super().terms()
        if self.cleaned_data["choice"] == APPROVE:
            return given
        # What an approval would oblige to is no condition of a denial.
        kept = "" if given.conditions == duties_of(self.case) else given.conditions
        return workflow.DecisionTerms(reason=given.reason, conditions=kept)


class DenyForm(_Signed):
    """Deny with a coded reason in words."""

    verb = Verb.DENY
    reason_code = forms.ChoiceField(label="Reason", error_messages={"required": "Choose a reason from the list."})
    reason = _text(
        "In words",
        required="Write why it is denied, in words that the prescriber can act on.",
        help_text="The prescriber reads it; it is printed with the decision.",
        rows=4,
    )
    meaning = workflow.MEANINGS[DECISION, DENY]

    def __init__(self, case: ReviewCase, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(case, data)
        reasons = criteria.reference_tables().routing.denial_reasons
        offer(self, "reason_code", [("", "Choose a reason"), *reasons.items()])


class OverturnForm(ApproveForm):
    """Overturn a denial on appeal: an approval, always with a reason."""

    verb = Verb.OVERTURN
    reason = _text(
        "In words",
        required="Write why the denial is overturned.",
        help_text="The prescriber reads it; it is printed with the decision.",
        rows=4,
    )
    meaning = workflow.MEANINGS[APPEAL, APPROVE]


class UpholdForm(DenyForm):
    """Uphold a denial on appeal with a coded reason in words."""

    verb = Verb.UPHOLD
    reason = _text(
        "In words",
        required="Write why the denial stands, in words that answer the grounds of the appeal.",
        help_text="The prescriber reads it; it is printed with the decision. No further appeal follows.",
        rows=4,
    )
    meaning = workflow.MEANINGS[APPEAL, DENY]


class AskForm(ActForm):
    """Ask the prescriber for facts, in a question."""

    verb = Verb.ASK
    text = _text(
        "Question, and why you ask",
        required="Write what you need to know.",
        help_text="The prescriber reads it. The clock is stopped until it is answered.",
    )
    wanted_by = forms.DateField(
        label="Answer by",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give a date as YYYY-MM-DD.", "required": "Give the day by which you need it."},
    )
    facts = forms.MultipleChoiceField(
        label="Facts to confirm or correct",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The prescriber sees them named beside the question, each with a link to its field.",
    )

    def __init__(self, case: ReviewCase, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(case, data)
        known = case.pack.catalogue
        groups = [(title, [(name, label_of(known, name)) for name in names]) for title, names in askable(case)]
        offer(self, "facts", groups)

    def starting(self, case: ReviewCase) -> dict[str, Any]:
        """The day that is meant where none is named."""
        today = case.request.site.date_at(timezone.now())
        return {"wanted_by": today + timedelta(days=workflow.DAYS_TO_ANSWER)}


class ReferForm(ActForm):
    """Hand the case to the physician without a recommendation."""

    verb = Verb.REFER
    reason = _text("Reason", required="Write why the physician should decide.", help_text="The physician reads it.")


class NoteForm(ActForm):
    """An internal note."""

    verb = Verb.NOTE
    version = None  # type: ignore[assignment]  # Django's way to leave out an inherited field
    text = _text("Note", required="Write the note.", help_text="For reviewers and auditors. Prescribers never see it.")


class ClaimForm(ActForm):
    """Hold the case."""

    verb = Verb.CLAIM


class ReleaseForm(ActForm):
    """Let the case go."""

    verb = Verb.RELEASE


FORMS: dict[Verb, type[ActForm]] = {
    form.verb: form
    for form in (
        ClaimForm,
        ReleaseForm,
        ApproveForm,
        RecommendForm,
        DenyForm,
        OverturnForm,
        UpholdForm,
        AskForm,
        ReferForm,
        NoteForm,
    )
}
"""The form of each verb, in the order of the decision panel."""
