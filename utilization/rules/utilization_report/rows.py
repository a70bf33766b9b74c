"""The rows that a report is reckoned from, as plain tuples. Days are ISO text; amounts are whole milligrams."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from utilization.rules.utilization_report.bitmaps import BitmapTable, Parts


class RequestRow(NamedTuple):
    """What the report reads of one filed request; "" or None is not known.

    `*_mg` is grams over all courses, in milligrams; weights are in grams, doses a kilogram in milligrams.
    """

    request: int
    patient: int
    department: str
    prescriber: int
    indication: str
    kind: str
    age_years: int | None
    listed: bool | None
    filed_on: str
    decided_on: str
    ended_on: str
    pack: str
    outcome_filed: str
    outcome_decided: str
    choice: str
    reason_code: str
    recommendation: str
    overridden: bool | None
    order_changed: bool | None
    asked_mg: int | None
    allowed_mg: int | None
    mg_per_kg_asked: int | None
    ceiling_mg_per_kg: int | None
    over_ceiling_asked: bool | None
    over_ceiling_allowed: bool | None
    actual_weight_g: int | None
    dosing_weight_g: int | None
    weight_used: str
    actual_weight_in_obesity: bool | None
    response: str
    response_documented: bool | None
    objective_measure: bool | None
    emergency: bool
    expedited: bool
    clock_seconds: int | None
    calendar_seconds: int | None
    late: bool | None
    questions: int
    warnings_acknowledged: int
    grams_known: bool | None
    height_known: bool | None
    weight_known: bool | None
    appeal: str
    form_questions: int | None
    form_prefilled: int | None
    form_changed: int | None
    form_seconds: int | None


class AuthorizationRow(NamedTuple):
    """One authorization, with what its request was filed for; `interval_tenths` are tenths of a week."""

    request: int
    patient: int
    department: str
    indication: str
    kind: str
    age_years: int | None
    product: str
    dosing_weight_g: int | None
    course_mg: int | None
    courses: int
    interval_tenths: int | None
    valid_from: str
    valid_to: str
    review_by: str
    voided_on: str


class UnmetRow(NamedTuple):
    """One criterion that was not met when the request was decided."""

    request: int
    criterion: str


class GivenRow(NamedTuple):
    """Milligrams that were recorded as given by the authorization of a request in a month (`2026-03`); what was summed
    over a whole period stands under its first."""

    request: int
    month: str
    mg: int


class PublicationRow(NamedTuple):
    """One version of the criteria, in force from a day on."""

    name: str
    version: str
    effective_from: str
    sha256: str


class Rows(NamedTuple):
    """Everything that a report of one site is reckoned from."""

    requests: tuple[RequestRow, ...]
    authorizations: tuple[AuthorizationRow, ...]
    unmet: tuple[UnmetRow, ...]
    publications: tuple[PublicationRow, ...]
    given: tuple[GivenRow, ...] = ()


class ReportColumns(NamedTuple):
    """The same in columns by name, requests and authorizations each in the order of their patients."""

    requests: BitmapTable
    authorizations: BitmapTable
    unmet: Parts
    publications: Sequence[PublicationRow]
    given: Sequence[GivenRow] | None = ()
    """None in circulation, where it is not settled yet what was recorded."""


_PATIENT = attrgetter("patient")


def columns_of(rows: Rows) -> ReportColumns:
    """`rows` in columns."""
    requests = table_of(RequestRow._fields, [sorted(rows.requests, key=_PATIENT)])
    return ReportColumns(
        requests, table_of(AuthorizationRow._fields, [sorted(rows.authorizations, key=_PATIENT)]),
        requests.by("request", rows.unmet), rows.publications, rows.given,
    )  # fmt: skip


def table_of(names: Sequence[str], rows: Iterable[Iterable[tuple[Any, ...]]]) -> BitmapTable:
    """The columns `names` of `rows`, which come some at a time and in the order of their patients."""
    columns: list[list[Any]] = [[] for _ in names]
    for some in rows:
        for column, values in zip(columns, zip(*some, strict=True), strict=False):
            column.extend(values)
    return BitmapTable(dict(zip(names, columns, strict=True)))
