"""What a draft holds as typed: its fields beside the facts, answers with their moment, and all of it read as facts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from utilization.models import Request
from utilization.rules.dosing.orders import NO_DOSE_RULE
from utilization.rules.facts.catalogue import PREGNANCY, Fact
from utilization.rules.facts.date_words import day_words
from utilization.rules.facts.elapsed import apart, keep
from utilization.rules.form.answers import NOT_KNOWN, SAFETY, Intake, PatientFacts, facts_from_answers
from utilization.rules.packs.pack import Pack

SUMMARY, DIAGNOSIS_CODE = "clinical_summary", "diagnosis_code"
PRESCRIBER_NUMBER = "prescriber_number"
IDENTIFIERS = (PRESCRIBER_NUMBER, "payer_name", "payer_member_number")
"""What a payer knows prescriber and patient by, where somebody typed it: printed, and read by no criterion."""
MOST_IDENTIFIER = 80
"""Characters of an identifier, on one line."""
DOSE, DOSE_BARE, DOSE_BY_PHARMACY = "dose", "dose_bare", "dose_by_pharmacy"
"""The field of the dose; what a draft holds of it beside facts: an amount without its unit, and whether the dose is
left to be advised by pharmacy ("yes")."""
NOT_FACTS = (
    "justification", "emergency", "emergency_reason", SUMMARY, DIAGNOSIS_CODE, *IDENTIFIERS, DOSE_BARE,
    DOSE_BY_PHARMACY,
)  # fmt: skip
"""What a draft holds beside answers about facts."""
NO_UNIT = "Choose the unit of the dose: an amount alone could be grams or grams per kilogram, a course or a day."
_STILL_FRESH = timedelta(hours=12)
"""A night shift: what was typed late in the evening is not asked again at dawn."""

Catalogue = Mapping[str, Fact]


def read(typed: Mapping[str, Any], request: Request, as_of: date, pack: Pack, at: datetime) -> Intake:
    """What `typed` says of the patient of `request` on `as_of`, at the moment `at`, as facts of `pack`.

    An answer to a fact that another version brought and this one does not is left out: nothing reads it. So is one
    that was true on an earlier day, until somebody says that it still is (`to_confirm`).
    """
    old = to_confirm(typed, request, at, pack.catalogue)
    answers = {
        name: with_its_moment(request, pack.catalogue, name, value)
        for name, value in typed.items()
        if name == SAFETY or (name in pack.catalogue and name not in old)
    }
    patient, covered = request.patient, pack.indications.get(request.indication)
    known = PatientFacts(patient.date_of_birth, patient.sex, patient.weight_kg, patient.height_cm)
    rule = covered.dose if covered else NO_DOSE_RULE
    intake = facts_from_answers(
        answers, known, as_of, pack.catalogue, rule,
        now=_local(request, at), ticks_settle=request.submitted_at is not None,
        rest_leaves=(PREGNANCY,) if _of_an_earlier_day(SAFETY, request, at) else (),
    )  # fmt: skip
    if typed.get(DOSE_BARE):
        return replace(intake, problems={**intake.problems, DOSE: NO_UNIT})
    return intake


def to_confirm(typed: Mapping[str, Any], request: Request, at: datetime, catalogue: Catalogue) -> dict[str, date]:
    """Answers of a draft that were true on the day on which they were typed, with that day, once it has passed."""
    if request.submitted_at is not None:
        return {}
    days = {}
    for name, value in typed.items():
        fact = catalogue.get(name)
        if not value or fact is None or not fact.of_its_day or fact.counts_back:
            continue
        if (day := _of_an_earlier_day(name, request, at)) is not None:
            days[name] = day
    return days


def _of_an_earlier_day(name: str, request: Request, at: datetime) -> date | None:
    """The day on which this answer of a draft was typed, once it has passed; None of what is filed."""
    mark = request.entered.get(name)
    if mark is None or request.submitted_at is not None:
        return None
    then = datetime.fromisoformat(mark["at"])
    day = request.site.date_at(then)
    return day if day < request.site.date_at(at) and at - then > _STILL_FRESH else None


def with_its_moment(request: Request, catalogue: Catalogue, name: str, value: Any, at: datetime | None = None) -> Any:
    """An answer that counts back from a moment with that moment: `at`, or when it was typed. Any other as it is."""
    fact = catalogue.get(name)
    if fact is None or not fact.counts_back or not isinstance(value, str) or value in ("", NOT_KNOWN):
        return value
    typed, then = apart(value)
    if then is not None and (at is None or then <= at):
        return value
    mark = request.entered.get(name)
    when = at or (datetime.fromisoformat(mark["at"]) if mark else None)
    return keep(typed, _local(request, when)) if when else typed


def _local(request: Request, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(request.site.time_zone))


def declared(typed: Mapping[str, Any]) -> bool:
    """Whether the prescriber declared an emergency."""
    return typed.get("emergency") == "yes"


def asks_again(day: date) -> str:
    """What is said beside an answer that was typed on an earlier `day` and was true on it."""
    return f"Answered on {day_words(day)}. Is it still so? Confirm it, or correct it."
