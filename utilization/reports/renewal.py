"""What a renewal is decided by, beside the little that it asks: the score before treatment and those since, what was
given, and the last attempt with less."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from utilization import access
from utilization.authorization_terms import as_given, infusions_of, terms_of
from utilization.models import Authorization, Request, Submission
from utilization.plots import CourseColumn, Plot, ScorePoint, patient_plot
from utilization.rules.authorization.reduction import DecidedOrder, Reduction, last_reduction
from utilization.rules.authorization.use import Use, use_as_it_stands
from utilization.rules.facts.values import plain
from utilization.rules.form.renewal import BASELINE, CURRENT, MEASURE

_BEHIND = timedelta(days=365)
"""How far the plot reaches back where nothing began before."""
_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Score:
    """A score as stated on `day`, by the request `number`; both empty of what is typed now."""

    value: Decimal
    day: date
    number: str


@dataclass(frozen=True, slots=True)
class Response:
    """The measure chosen at the start, empty where none was named; the score before treatment and the newest one, None
    where none is stated; the change between both in words."""

    measure: str
    before: Score | None
    now: Score | None
    change: str


@dataclass(frozen=True, slots=True)
class RenewalBasis:
    """What stands beside the questions of a renewal. `held` is None where what is renewed has no authorization, `given`
    the grams recorded as given by all authorizations for the same use, `lately` the last day of them."""

    source: Request
    response: Response
    held: Authorization | None
    use: Use | None
    given: Decimal
    lately: date | None
    reduction: Reduction | None
    plot: Plot


def renewal_basis(actor: Any, draft: Request, facts: Mapping[str, Any], *, at: datetime) -> RenewalBasis:
    """What the renewal `draft`, whose answers so far are `facts`, stands on. What `actor` may not read is left out."""
    source, today = draft.copied_from, draft.site.date_at(at)
    assert source is not None, "a renewal is begun from a request"
    earlier = access.visible_requests(actor).filter(
        patient__in=access.records_of(draft.patient), indication=draft.indication, submitted_at__isnull=False
    )
    requests = list(earlier.select_related("site").order_by("submitted_at", "pk"))
    access.note_listed(actor, requests, at=at)
    filed = _newest_versions(requests)
    held = list(Authorization.objects.filter(request__in=requests).select_related("request", "site"))
    infusions = as_given(infusions_of(*(one.request for one in held)))
    columns = [CourseColumn(given.day, given.grams, given=True) for given in infusions]
    response, points = _response(filed, facts, today)
    renewed = next((one for one in held if one.request_id == source.pk), None)
    return RenewalBasis(
        source=source,
        response=response,
        held=renewed,
        use=use_as_it_stands(terms_of(renewed), as_given(infusions_of(source))) if renewed else None,
        given=sum((column.grams for column in columns), Decimal(0)),
        lately=max((column.day for column in columns), default=None),
        reduction=last_reduction(_orders(held)),
        plot=_plot(response, points, columns, today),
    )


def _newest_versions(requests: Sequence[Request]) -> list[Submission]:
    rows = Submission.objects.filter(request__in=requests).select_related("request").defer("judgement")
    newest = {row.request_id: row for row in rows.order_by("request_id", "ordinal")}
    return [newest[request.pk] for request in requests if request.pk in newest]


def _orders(held: Iterable[Authorization]) -> list[DecidedOrder]:
    return [
        DecidedOrder(one.valid_from, one.grams_per_course, one.interval_weeks)
        for one in held
        if one.grams_per_course and one.interval_weeks
    ]


def _score(facts: Mapping[str, Any], name: str, day: date, number: str) -> Score | None:
    value = facts.get(name)
    return None if value is None else Score(Decimal(str(value)), day, number)


def _response(filed: Sequence[Submission], facts: Mapping[str, Any], today: date) -> tuple[Response, list[ScorePoint]]:
    """The response, and every score by day. A score before treatment is of the day of the request that stated it
    first: nobody is asked when it was taken."""
    befores = [_score(row.facts, BASELINE, row.as_of, row.request.number or "") for row in filed]
    stated = [_score(row.facts, CURRENT, row.as_of, row.request.number or "") for row in filed]
    typed = _score(facts, CURRENT, today, "")
    now = [score for score in (*stated, typed) if score]
    # Typed now it counts as typed: a wrong one can be corrected here.
    before = _score(facts, BASELINE, today, "")
    first = next((score for score in befores if score and before and score.value == before.value), before)
    measures = [str(row.facts[MEASURE]) for row in filed if row.facts.get(MEASURE)]
    points = {score.day: score.value for score in ((first,) if first and first.number else ())}
    points |= {score.day: score.value for score in now}
    newest = now[-1] if now else None
    response = Response(measures[0] if measures else "", first, newest, _change(first, newest))
    return response, [ScorePoint(day, value) for day, value in sorted(points.items())]


def _change(before: Score | None, now: Score | None) -> str:
    if before is None or now is None:
        return ""
    by = now.value - before.value
    if not by:
        return f"The score is as before treatment: {plain(now.value)}."
    share = f", {abs(by / before.value * 100):.0f}%" if before.value else ""
    way = "higher" if by > 0 else "lower"
    return f"From {plain(before.value)} before treatment to {plain(now.value)}: {plain(abs(by))} {way}{share}."


def _plot(response: Response, points: Sequence[ScorePoint], columns: Sequence[CourseColumn], today: date) -> Plot:
    days = [*(point.day for point in points), *(column.day for column in columns), today - _BEHIND]
    heading = response.change or "Scores and grams given"
    return patient_plot("renewal", heading.removesuffix("."), (min(days), today + _AHEAD), today, columns, points)
