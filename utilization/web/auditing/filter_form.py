"""What an auditor narrows the list to, and what it shows beside: the filters that stand in an address."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode

from utilization.models import Site
from utilization.reports.audit_list import ORDERS, Choices
from utilization.reports.list_terms import term
from utilization.reports.list_terms.term import ListTerm
from utilization.reports.queue import indications
from utilization.rules import words
from utilization.rules.facts.date_words import day_words
from utilization.web.auditing.forms import date_field
from utilization.web.fields import offer

DECISIONS = {
    "approved": "Approved",
    "denied": "Denied",
    "withdrawn": "Withdrawn",
    "open": "Open",
    "unfiled": "Drafts, never filed",
}
MARKS = {
    "off_criteria": "Approved off criteria",
    "overridden": "Against the recommendation",
    "over_ceiling_asked": "Asked above the ceiling",
    "over_ceiling_allowed": "Allowed above the ceiling",
    "response_missing": "Renewal without response or measure",
    "actual_weight_in_obesity": "Actual weight in obesity",
    "late": "Decided late",
    "emergency": "Emergency",
}
APPEALED = {"any": "Appealed", **words.APPEALS}
AFTERWARDS = {"no": "Not decided on yet", "yes": "Decided on afterwards"}
SHOWN = {
    "recommendation": "Recommendation",
    "justification": "Prescriber’s justification",
    "order": "Order as decided",
    "warnings": "Warnings acknowledged",
    "pack": "Criteria and their hash",
    "response": "Response",
    "hours": "Hours with each side",
    "utc": "Times in UTC",
    "patient": "Patient’s number (logged)",
}
"""What may be shown of each request beside what always is, by the code that an address spells."""
SORTS = {
    "": "Newest first",
    "-filed": "Filed, oldest first",
    "decided": "Decided, newest first",
    "-decided": "Decided, oldest first",
    "grams": "Grams, most first",
    "-grams": "Grams, fewest first",
    "hours": "Hours, most first",
    "-hours": "Hours, fewest first",
    "-patient": "Patient’s number, if shown",
    "patient": "Patient’s number, last first",
}
"""In what order the list stands; by patients’ numbers only where they are shown, which is logged."""
_OUTCOMES = [(code, sign.word) for code, sign in words.OUTCOMES.items()]


def _several(label: str, choices: Iterable[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, choices=list(choices), widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the list."},
    )  # fmt: skip


def _one_of(label: str, choices: Mapping[str, str], none: str = "All") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", none), *choices.items()])


def _key(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, required=False, coerce=int, empty_value=None)


class ListTermsField(forms.Field):
    """What a number of the utilization report narrows the list to, as its link spells it; nobody types it."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:
        texts = [text for text in value or [] if text]
        try:
            terms = [term.read(text) for text in texts[: term.MOST + 1]]
        except ValueError:
            raise forms.ValidationError(_UNKNOWN_TERM) from None
        if len(texts) > term.MOST or term.needs_days(terms):
            raise forms.ValidationError(_UNKNOWN_TERM)
        return [str(each) for each in terms]


_UNKNOWN_TERM = "This address narrows the list by something unknown. Open the number in the report again."


_SHOWING = ("show", "sort")
"""Fields that say how the list is shown, not what is on it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A filter in force, in words, with the address without it."""

    words: str
    without: str


class AuditFilterForm(forms.Form):
    """What the list of one site is narrowed to, and what it shows."""

    since = date_field("Filed from")
    until = date_field("Filed to")
    decided_since = date_field("Decided from")
    decided_until = date_field("Decided to")
    indication = forms.ChoiceField(required=False)
    mark = _one_of("What to look for", MARKS, "Nothing in particular")
    decision = _one_of("Decision", DECISIONS, "All filed")
    ended_since = date_field("Ended from")
    ended_until = date_field("Ended to")
    department = _key("Department")
    prescriber = _key("Prescriber")
    reviewer = _key("Signed by")
    appeal = _one_of("Appeals", APPEALED)
    reviewed_after = _one_of("Emergencies", AFTERWARDS)
    unmet = forms.CharField(
        label="Criterion not met, by its code", required=False, max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    words = forms.CharField(
        label="Words in a reason", required=False, min_length=3, max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"min_length": "Type three letters or more."},
    )  # fmt: skip
    overdue = forms.ChoiceField(
        label="Review", required=False, choices=[("", "All"), ("yes", "Overdue")],
    )  # fmt: skip
    top = forms.ChoiceField(label="Users", required=False, choices=[("", "All"), ("yes", "20 largest")])
    outcome = _several("Outcome as filed last", _OUTCOMES)
    outcome_decided = _several("Outcome as decided", _OUTCOMES)
    show = _several("Show of each request", SHOWN.items())
    also = ListTermsField(required=False)
    sort = forms.ChoiceField(label="In order of", required=False, choices=list(SORTS.items()))
    ask = forms.ChoiceField(
        required=False, choices=[("", ""), ("criteria", "criteria"), ("given", "given")], widget=forms.HiddenInput
    )

    FIRST = ("site", "decided_since", "decided_until", "since", "until", "indication", "decision", "mark")
    """Fields that are always shown; the others stand under “More filters”."""

    def __init__(self, data: QueryDict, *, sites: Iterable[Site], site: Site, choices: Choices) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.site = site
        known = [
            (indication.code, f"{indication.name} ({indication.short})" if indication.short else indication.name)
            for indication in indications([site])
        ]
        self._offer("indication", known)
        self._offer("reviewer", [(reviewer.pk, reviewer.full_name) for reviewer in choices.reviewers])
        self._offer("prescriber", [(prescriber.pk, prescriber.full_name) for prescriber in choices.prescribers])
        self._offer("department", [(department.pk, department.name) for department in choices.departments])
        self.many = [(choice.code, choice.name) for choice in sites]
        if len(self.many) > 1:
            offered = forms.ChoiceField(label="Site", required=False, choices=self.many, initial=site.code)
            self.fields = {"site": offered, **self.fields}
        for field in self.fields.values():
            field.error_messages.setdefault("invalid_choice", "Choose from the list.")
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = "Choose from the list."

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        offer(self, name, [("", "All"), *choices])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for first, last in (("since", "until"), ("decided_since", "decided_until"), ("ended_since", "ended_until")):
            since, until = cleaned.get(first), cleaned.get(last)
            if since and until and until < since:
                self.add_error(last, "This is before the first date. Swap the two.")
        return cleaned

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """The filters that are asked for most."""
        return [self[name] for name in self.FIRST if name in self.fields]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """The others, but what is shown of each request."""
        return [field for field in self.visible_fields() if field.name not in (*self.FIRST, *_SHOWING)]

    @property
    def opens(self) -> bool:
        """Whether one of the further filters is set or cannot be read."""
        return any(field.errors or self.wanted().get(field.name) for field in self.more_fields)

    def wanted(self) -> dict[str, Any]:
        """The filters that are set and can be read, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value and name not in ("site", *_SHOWING)}

    @property
    def shown(self) -> Sequence[str]:
        """What is to be shown of each request beside what always is."""
        self.is_valid()
        return self.cleaned_data.get("show") or []

    @property
    def order(self) -> str:
        """What the list is ordered by, as the address spells it; empty for the newest first."""
        self.is_valid()
        order: str = self.cleaned_data.get("sort") or ""
        by_patient = order.endswith("patient") and "patient" not in self.shown
        return "" if by_patient or self.wanted().get("decision") == "unfiled" else order

    def heads(self) -> dict[str, dict[str, str]]:
        """For each order of `audit_list.ORDERS`: the address that sets it, or turns it round; how it stands now."""
        now, kept = self.order or "filed", {name: part for name, part in self.query().items() if name != "sort"}
        return {
            name: {
                "address": "?" + urlencode({**kept, **({} if turned == "filed" else {"sort": turned})}, True),
                "stands": ("ascending" if now.startswith("-") else "descending") if now.endswith(name) else "",
            }
            for name in ORDERS
            for turned in [f"-{name}" if now == name else name]
        }

    def query(self) -> dict[str, Any]:
        """The filters that are set and what is shown, as an address spells them."""
        values = {
            name: value if isinstance(value, list) else str(value)
            for name, value in {**self.wanted(), "show": self.shown, "sort": self.order}.items()
            if value
        }
        return values | ({"site": self.data["site"]} if self.data.get("site") in dict(self.many) else {})

    def tokens(self) -> list[Token]:
        """The filters in force, in words."""
        return [
            Token(
                self._in_words(name, value), "?" + urlencode({n: v for n, v in self.query().items() if n != name}, True)
            )
            for name, value in self.wanted().items()
            if name not in ("ask", "also")
        ] + [
            Token(term.in_words(each, self.site), "?" + urlencode({**self.query(), "also": self._without(each)}, True))
            for each in term.terms_of(self.wanted())
        ]

    def _without(self, left_out: ListTerm) -> list[str]:
        """The terms but one; with the days of courses, those go that count by them."""
        by_days = term.OF_PATIENTS if left_out.name == "due" else ()
        kept = term.terms_of(self.wanted())
        return [str(each) for each in kept if each != left_out and each.name not in by_days]

    def _in_words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if hasattr(value, "isoformat"):
            return f"{field.label}: {day_words(value)}"
        offered: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
        choices: dict[Any, Any] = dict(offered)
        values = value if isinstance(value, list) else [value]
        said = " or ".join(str(choices.get(part, part)) for part in values)
        by_itself = name in ("mark", "indication", "decision", "appeal")
        return said if by_itself else f"{field.label or name.title()}: {said}"
