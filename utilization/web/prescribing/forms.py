"""What a prescriber types around a request: the submission, an answer, a withdrawal."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from utilization.rules import words
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.packs.pack import to_acknowledge
from utilization.web.fields import offer
from utilization.workflow import ATTESTATION, DOSE_AGAIN, WEIGHT_AGAIN, Checked, Confirmations, Invalid

REASON = "reason_"


class RefusableForm(forms.Form):
    """A form whose last word is the workflow's."""

    def refuse(self, errors: Mapping[str, Iterable[str]]) -> None:
        """Show what the workflow found wrong beside the fields that it is about."""
        for field, sentences in errors.items():
            self.add_error(field if field in self.fields else None, list(sentences))


class DoseCheckFields:
    """The fields that check the dose, and the traps that each reason answers; a form holds them only where asked."""

    fields: dict[str, forms.Field]

    @property
    def stated_again(self) -> list[forms.BoundField]:
        """The fields in which dose and weight are stated a second time."""
        return [self[name] for name in (DOSE_AGAIN, WEIGHT_AGAIN) if name in self.fields]  # type: ignore[index]  # mixed into forms

    @property
    def to_reason(self) -> list[forms.BoundField]:
        """The fields for a reason against a trap; the `trap` of each says what looks wrong."""
        return [self[name] for name in self.fields if name.startswith(REASON)]  # type: ignore[index]  # mixed into forms


_MRN = {"autocomplete": "off", "spellcheck": "false"}


class StatedForm(DoseCheckFields, RefusableForm):
    """The MRN, and the dose and the weight a second time, from the order and the chart."""

    mrn = forms.CharField(
        label="MRN of the patient",
        required=False,
        help_text="From the patient’s label or chart.",
        widget=forms.TextInput(attrs={**_MRN, "autofocus": True}),
    )

    def __init__(self, checked: Checked, *args: Any, mrn: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not mrn:
            del self.fields["mrn"]
        _ask_again(self, checked)


class SubmitForm(DoseCheckFields, RefusableForm):
    """The last page before filing: warnings, unusual values, the MRN once more, and the attestation.

    `initial` holds what the first step asked for; it is carried along and not asked for again.
    """

    acknowledged = forms.MultipleChoiceField(label="Warnings", required=False, widget=forms.CheckboxSelectMultiple)
    confirmed = forms.MultipleChoiceField(label="Unusual values", required=False, widget=forms.CheckboxSelectMultiple)
    mrn = forms.CharField(
        label="MRN of the patient, typed again",
        required=False,
        help_text="From the patient’s label or chart, not from this page.",
        widget=forms.TextInput(attrs=_MRN),
    )
    attested = forms.BooleanField(label="Attestation", help_text=ATTESTATION, required=False)

    def __init__(
        self, judgement: Mapping[str, Any], doubts: Iterable[Any], checked: Checked, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer_boxes(self, judgement, doubts, checked)
        _ask_reasons(self, checked)
        self.order_fields([name for name in self.fields if name != "attested"])
        if checked.wants_dose or checked.wants_weight:
            for name in ("mrn", DOSE_AGAIN, WEIGHT_AGAIN):
                self.fields[name] = forms.CharField(required=False, widget=forms.HiddenInput)


class AnswerForm(DoseCheckFields, RefusableForm):
    """The answer in words, with what newly corrected facts ask of the prescriber."""

    text = forms.CharField(label="Your answer", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    acknowledged = forms.MultipleChoiceField(label="Warnings", required=False, widget=forms.CheckboxSelectMultiple)
    confirmed = forms.MultipleChoiceField(label="Unusual values", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, judgement: Mapping[str, Any], doubts: Iterable[Any], checked: Checked, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _offer_boxes(self, judgement, doubts, checked)
        _ask_reasons(self, checked)


class AppealForm(AnswerForm):
    """Why a denial should not stand, with what newly added facts ask of the prescriber."""

    grounds = forms.CharField(label="Your grounds", required=False, widget=forms.Textarea(attrs={"rows": 6}))
    text = None  # type: ignore[assignment]  # Django's way to leave out an inherited field


def again_in(post: QueryDict) -> dict[str, str]:
    """What was stated a second time, as `workflow.submit` takes it."""
    return {"dose": post.get(DOSE_AGAIN, ""), "weight": post.get(WEIGHT_AGAIN, "")}


def reasons_in(post: QueryDict) -> dict[str, str]:
    """The reasons written against traps, by the trap's code."""
    return {name.removeprefix(REASON): post.get(name, "") for name in post if name.startswith(REASON)}


def confirmations_in(post: QueryDict, again: Mapping[str, str]) -> Confirmations:
    """What was ticked and explained in `post`, with the second statement `again`."""
    return Confirmations(post.getlist("acknowledged"), post.getlist("confirmed"), again, reasons_in(post))


def _ask_again(form: forms.Form, checked: Checked) -> None:
    exactly = {"autocomplete": "off", "spellcheck": "false", "inputmode": "decimal"}
    if checked.wants_dose:
        unit, example = {
            "dose_total_g": ("grams", "72.5"), "dose_total_g_per_kg": ("g/kg", "0.8"),
        }[checked.wants_dose]  # fmt: skip
        form.fields[DOSE_AGAIN] = forms.CharField(
            label=f"Dose of the whole course again, in {unit}",
            required=False,
            help_text=f"As the order says it: for example {example}.",
            widget=forms.TextInput(attrs=exactly),
        )
    if checked.wants_weight:
        form.fields[WEIGHT_AGAIN] = forms.CharField(
            label="Weight again, with its unit",
            required=False,
            help_text="As the chart says it: for example 63.4 kg or 139.8 lb.",
            widget=forms.TextInput(attrs={**exactly, "inputmode": "text"}),
        )


def _ask_reasons(form: forms.Form, checked: Checked) -> None:
    for trap in checked.open:
        if checked.reasons.get(trap.code) and REASON + trap.code not in form.data:
            continue  # told with an earlier version already
        fact = CATALOGUE[trap.fact].noun
        field = forms.CharField(
            label=trap.asks or f"Why this is right: {fact}", required=False, widget=forms.Textarea(attrs={"rows": 2})
        )
        field.trap = trap.text  # type: ignore[attr-defined]  # read by our templates
        form.fields[REASON + trap.code] = field


def _offer_boxes(form: forms.Form, judgement: Mapping[str, Any], doubts: Iterable[Any], checked: Checked) -> None:
    """A box for each warning of the judgement that is acknowledged, and for each unusual value."""
    form.judgement = judgement  # type: ignore[attr-defined]  # read by our templates, for the words of its warnings
    own = judgement.get("own_warnings", {})
    offered = {
        "acknowledged": [
            (code, own[code]["title"] if code in own else words.warning(code).title)
            for code in to_acknowledge(judgement)
        ],
        "confirmed": [(doubt.fact, doubt.text) for doubt in doubts if doubt.fact not in checked.facts],
    }
    for name, choices in offered.items():
        offer(form, name, choices)
        if not choices:
            del form.fields[name]


class WithdrawForm(RefusableForm):
    """Why a request is taken back."""

    reason = forms.CharField(
        label="Why is it withdrawn?",
        required=False,
        help_text="The reviewers and the auditor read this. At most 4,000 characters.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def faults(invalid: Invalid, shown: Iterable[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The errors of `invalid` apart: those about fields in `shown`, and those about answers of the request."""
    here = set(shown)
    mine = {name: texts for name, texts in invalid.errors.items() if name in here}
    return mine, {name: texts for name, texts in invalid.errors.items() if name not in here}
