"""A number of the utilization report as terms that narrow the auditor's list: `also` in an address, `name:value` each.

The list has filters for what auditors ask; terms say the rest of what a report counts, by the report's own names, and
are reached by its links.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from utilization import criteria
from utilization.models import PackVersion, RequestSummary, Site, User
from utilization.models.decisions import APPROVE, DENY
from utilization.reports.due_courses import days_of
from utilization.reports.queue import indication
from utilization.rules import words
from utilization.rules.facts.date_words import day_words
from utilization.rules.request_summary import APPEALS, INITIAL, RENEWAL
from utilization.rules.utilization_report.basis import group_words
from utilization.rules.utilization_report.groups import AGE_GROUPS, UNKNOWN, WEIGHT_BANDS

MOST = 12
"""Terms that one address holds at most."""
MOST_LETTERS = 250
OF_PATIENTS = ("each", "new", "top")
"""Those that choose patients, each counted once, by the courses due to them."""
COLUMNS = {
    "indication": "Judged as", "kind": "Kind", "choice": "Decided", "outcome_decided": "Outcome as decided",
    "reason_code": "Reason for denial", "weight_used": "Weight used", "response": "Response", "pack": "Criteria",
    "prescriber": "Prescriber", "appeal": "Appeal",
}  # fmt: skip
TRUTHS = {
    "late": "Late", "off_criteria": "Off criteria", "overridden": "Against the recommendation",
    "order_changed": "Order changed by the reviewer", "over_ceiling_asked": "Asked above the ceiling",
    "over_ceiling_allowed": "Allowed above the ceiling", "emergency": "Emergency",
    "actual_weight_in_obesity": "Actual weight in obesity", "response_documented": "Response documented",
    "objective_measure": "Objective measure", "grams_known": "Grams known", "height_known": "Height known",
    "weight_known": "Weight known", "listed": "In the criteria",
}  # fmt: skip
_KNOWN = {
    "clock_seconds": "hours of the clock", "calendar_seconds": "calendar hours", "g_per_kg_asked": "the dose asked",
    "form_seconds": "the form",
}  # fmt: skip
_UNUSED = {"weight": "by the dosing weight", "reviewer": "by a reviewer’s change", "refusal": "by refusal"}
_URGENCIES = {"standard": "Standard", "expedited": "Expedited", "emergency": "Emergency"}
_EACH = {"all": "", "department": "department", "indication": "indication", "age": "age group", "kind": "kind",
         "product": "product", "weight": "dosing weight"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListTerm:
    """One term: its name, and its value as the address spells it."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}:{self.value}"


def read(text: str) -> ListTerm:
    """What `text` spells. Raises ValueError where it spells none."""
    name, _, value = text.partition(":")
    if len(text) > MOST_LETTERS or "\0" in text or not value or name not in _READERS:
        raise ValueError(text)
    _READERS[name](value)
    return ListTerm(name, value)


def needs_days(terms: Sequence[ListTerm]) -> bool:
    """Whether they count patients by courses due, and name no days in which."""
    names = {term.name for term in terms}
    return bool(names & {*OF_PATIENTS}) and "due" not in names


def terms_of(wanted: Mapping[str, Any]) -> list[ListTerm]:
    """The terms of `wanted`, which holds them as their address spells them."""
    return [read(text) for text in wanted.get("also", ())]


def value_of(wanted: Mapping[str, Any], name: str) -> str:
    """The value of the first term of that name; empty where there is none."""
    return next((term.value for term in terms_of(wanted) if term.name == name), "")


def _one_of(values: Sequence[str] | Mapping[str, Any]) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in values:
            raise ValueError(value)

    return check


def _number(value: str) -> None:
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise ValueError(value)


def _percent(value: str) -> None:
    _number(value)
    if not 1 <= int(value) <= 100:
        raise ValueError(value)


def _day(value: str) -> None:
    days_of(f"{value}..{value}")


_UP_TO_3 = ("0", "1", "2", "3+")
_YES_OR_NO = ("yes", "no")
_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(COLUMNS, str),
    **dict.fromkeys(TRUTHS, _one_of(_YES_OR_NO)),
    "appeal": _one_of(APPEALS),
    "kind": _one_of((INITIAL, RENEWAL)),
    "choice": _one_of((APPROVE, DENY, "none")),
    "pack": _number,
    "prescriber": _number,
    "age": _one_of((*AGE_GROUPS, UNKNOWN)),
    "weight": _one_of((*WEIGHT_BANDS, UNKNOWN)),
    "questions": _one_of(_UP_TO_3),
    "warnings": _one_of(_UP_TO_3),
    "urgency": _one_of(_URGENCIES),
    "unmet": str,
    "unused": _one_of(_UNUSED),
    "response_silent": _one_of(("yes",)),
    "known": _one_of(_KNOWN),
    "decided_by": _day,
    "product": str,
    "course_grams": _one_of(("known", UNKNOWN)),
    "due": days_of,
    "given": days_of,
    "closed": days_of,
    "overdue": _day,
    "each": _one_of(_EACH),
    "new": _one_of(("yes",)),
    "top": _percent,
}


def in_words(term: ListTerm, site: Site) -> str:
    """What it narrows to, as a token on the list of `site` says it."""
    name, value = term.name, term.value
    if name in TRUTHS:
        return TRUTHS[name] if value == "yes" else f"{TRUTHS[name]}: no"
    if name in COLUMNS:
        return f"{COLUMNS[name]}: {_column_words(name, value, site)}"
    return _SAID[name](value)


def _column_words(name: str, value: str, site: Site) -> str:
    # A key is typed by anybody: whom or what no request of the site names is answered as a key that nothing has.
    if name in ("pack", "prescriber") and not RequestSummary.objects.filter(site=site, **{name: value}).exists():
        return value
    if name == "pack":
        pack = PackVersion.objects.only("name", "version").get(pk=value)
        return f"{pack.name} {pack.version}"
    if name == "prescriber":
        return User.objects.only("full_name").get(pk=value).full_name
    if name == "indication":
        return indication(value).name
    known: Mapping[str, Mapping[str, str]] = {
        "kind": group_words("kind"),
        "choice": {APPROVE: "approved", DENY: "denied", "none": "no decision"},
        "reason_code": criteria.reference_tables().routing.reasons,
        "outcome_decided": {code: sign.word for code, sign in words.OUTCOMES.items()},
        "weight_used": words.WEIGHT_BASES,
    }
    return known.get(name, {}).get(value) or words.plain(value)


def _span(value: str) -> str:
    since, until = days_of(value)
    return f"{day_words(since)} to {day_words(until)}"


def _group_word(dimension: str, value: str) -> str:
    return group_words(dimension).get(value, "not known")


_SAID: Mapping[str, Callable[[str], str]] = {
    "age": lambda value: f"Age: {_group_word('age', value)}",
    "weight": lambda value: f"Dosing weight: {_group_word('weight', value)}",
    "questions": lambda value: f"Questions asked: {value}",
    "warnings": lambda value: f"Warnings acknowledged: {value}",
    "urgency": lambda value: _URGENCIES[value],
    "unmet": lambda value: f"Not met as decided: {value}",
    "unused": lambda value: f"Grams not used, {_UNUSED[value]}",
    "response_silent": lambda value: "Response not documented",
    "known": lambda value: f"Known: {_KNOWN[value]}",
    "decided_by": lambda value: f"Decided by {day_words(date.fromisoformat(value))}",
    "product": lambda value: f"Product: {words.plain(value)}",
    "course_grams": lambda value: "Grams authorized known" if value == "known" else "Grams authorized not known",
    "due": lambda value: f"Courses due: {_span(value)}",
    "given": lambda value: f"Recorded as given: {_span(value)}",
    "closed": lambda value: f"Authorization ended: {_span(value)}",
    "overdue": lambda value: f"Review overdue on {day_words(date.fromisoformat(value))}",
    "each": lambda value: f"Each patient once, by {_EACH[value]}" if _EACH[value] else "Each patient once",
    "new": lambda value: "New patients",
    "top": lambda value: f"The {value} % of patients with most grams",
}
