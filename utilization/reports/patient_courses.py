"""What a patient was given and what is scheduled, as a reviewer weighs a request: on a line of days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from utilization.models import Authorization, Request, Submission
from utilization.plots import CourseColumn, Plot, ScorePoint, patient_plot
from utilization.rules.authorization.use import GivenGrams
from utilization.rules.dosing.courses import days_due

BEHIND, AHEAD = timedelta(days=365), timedelta(days=183)
"""How far the plot reaches to both sides of today."""


@dataclass(frozen=True, slots=True)
class AskedCourses:
    """The courses that a request asks for; nobody knows yet when they would begin."""

    grams: Decimal
    courses: int
    interval_weeks: Decimal | None


@dataclass(frozen=True, slots=True)
class PatientCourses:
    """Grams of a patient in the calendar year `year`, and the plot: `given` as infusions were recorded, and `grams` due
    by authorizations, of which nobody knows whether they were given. `whole` is False where an authorization says no
    grams.
    """

    year: int
    given: Decimal
    grams: Decimal
    whole: bool
    plot: Plot


def patient_courses(
    filed: Submission,
    others: Sequence[Request],
    held: Sequence[Authorization],
    given: Sequence[GivenGrams],
    today: date,
    *,
    asked: AskedCourses | None = None,
) -> PatientCourses:
    """The courses of the patient of `filed`, whose other requests are `others` and whose authorizations are `held`;
    `given` is what was recorded of them.

    `asked` is drawn from today on, where nothing is decided yet.

    Scores are those of requests for the same indication: another measure would be another score.
    """
    due = [(day, authorization.grams_per_course) for authorization in held for day in _due(authorization)]
    this_year = [grams for day, grams in due if day.year == today.year]
    grams = sum((value for value in this_year if value is not None), Decimal(0))
    given_this_year = sum((dose.grams for dose in given if dose.day.year == today.year), Decimal(0))
    columns = [CourseColumn(day, value) for day, value in due if value is not None]
    columns += [CourseColumn(dose.day, dose.grams, given=True) for dose in given]
    if asked:
        days = days_due(today, today + AHEAD, asked.courses, asked.interval_weeks)
        columns += [CourseColumn(day, asked.grams, asked=True) for day in days]
    scores = _scores([*_same_use(filed, others), filed])
    heading = f"{today.year}: {given_this_year.normalize():f} g given, {grams.normalize():f} g scheduled"
    heading += f"; score {_chain(scores)}" if scores else ""
    span = (today - BEHIND, today + AHEAD)
    plot = patient_plot("patient-courses", heading, span, today, columns, scores)
    return PatientCourses(today.year, given_this_year, grams, None not in this_year, plot)


def _due(held: Authorization) -> tuple[date, ...]:
    """The days of its courses; of one that is void, those before that day."""
    end = held.valid_to
    if held.voided_at is not None:
        end = min(end, held.site.date_at(held.voided_at) - timedelta(days=1))
    return days_due(held.valid_from, end, held.courses, held.interval_weeks)


def _same_use(filed: Submission, others: Sequence[Request]) -> Iterable[Submission]:
    """The newest submission of each of `others` for the same indication."""
    same = [other.pk for other in others if other.indication == filed.indication]
    rows = Submission.objects.filter(request__in=same).only("request_id", "ordinal", "as_of", "facts", "indication")
    newest: dict[int, Submission] = {}
    for row in rows.order_by("request_id", "ordinal"):
        newest[row.request_id] = row
    return newest.values()


def _scores(filed: Iterable[Submission]) -> list[ScorePoint]:
    points = [ScorePoint(row.as_of, score) for row in filed if (score := _score(row.facts)) is not None]
    return sorted(points, key=lambda point: point.day)


def _score(facts: Mapping[str, str]) -> Decimal | None:
    """The score now, or, where none is stated, that before treatment."""
    said = facts.get("current_score", facts.get("baseline_score"))
    return Decimal(str(said)) if said is not None else None


def _chain(scores: Sequence[ScorePoint]) -> str:
    return " → ".join(f"{point.value.normalize():f}" for point in scores[-4:])
