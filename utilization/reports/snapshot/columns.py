"""The dictionary of the snapshot: its tables, and of each column its name, type, meaning and what is done to guard it.

Names are stable: a column may be added, and none is renamed or given another meaning under the same `FORMAT`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FORMAT = 1


class Care(StrEnum):
    """What the de-identified edition does to a column."""

    AS_IS = "as it is"
    SHIFTED = "shifted by days that are one patient's own and secret"
    KEY = "replaced by a key that means nothing outside of the snapshots of this installation"
    CELL = "kept, made coarser or empty, so that each cell of these columns holds enough patients"
    RARE = "“other” where too few patients have it"
    TENTH = "to one decimal place"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `type` is DuckDB's word for it."""

    name: str
    type: str
    care: Care
    meaning: str


_TEXT, _DAY, _YES, _WHOLE, _GRAMS = "VARCHAR", "DATE", "BOOLEAN", "INTEGER", "DECIMAL(12,3)"
_REQUEST = Column("request_key", _TEXT, Care.KEY, "The request; the same in every table.")
_PATIENT = Column("patient_key", _TEXT, Care.KEY, "The patient; the same in every request of one patient.")

TABLES: Mapping[str, tuple[Column, ...]] = {
    "requests": (
        _REQUEST,
        _PATIENT,
        Column("request_number", _TEXT, Care.LEFT_OUT, "The number by which people know the request."),
        Column("mrn", _TEXT, Care.LEFT_OUT, "The patient's medical record number."),
        Column("patient_name", _TEXT, Care.LEFT_OUT, "The patient's name."),
        Column("date_of_birth", _DAY, Care.LEFT_OUT, "The patient's birth date."),
        Column("prescriber", _TEXT, Care.LEFT_OUT, "Who wrote the request, by username."),
        Column("age_years", _WHOLE, Care.LEFT_OUT, "Age on the day of filing, as judged."),
        Column("actual_weight_kg", "DECIMAL(7,3)", Care.LEFT_OUT, "Weight as measured."),
        Column("dosing_weight_kg", "DECIMAL(7,3)", Care.LEFT_OUT, "Weight that the dose was planned on."),
        Column("bmi", "DECIMAL(6,2)", Care.LEFT_OUT, "Body mass index in kg/m²."),
        Column("site", _TEXT, Care.CELL, "Code of the site."),
        Column("indication", _TEXT, Care.CELL, "Code of the indication, as judged."),
        Column("department", _TEXT, Care.CELL, "Department of the prescriber."),
        Column("age_group", _TEXT, Care.CELL, "0-17, 18-39, 40-64, 65-79, 80-89 or 90+ years."),
        Column("sex", _TEXT, Care.CELL, "As recorded."),
        Column("pack", _TEXT, Care.RARE, "Name and version of the criteria that judged it."),
        Column("kind", _TEXT, Care.AS_IS, "initial or renewal."),
        Column("listed", _YES, Care.AS_IS, "Whether the criteria list the indication."),
        Column("emergency", _YES, Care.AS_IS, "Whether an emergency was declared, or a first dose released."),
        Column("expedited", _YES, Care.AS_IS, "Whether the expedited clock ran."),
        Column("filed_on", _DAY, Care.SHIFTED, "Day of filing at the site."),
        Column("decided_on", _DAY, Care.SHIFTED, "Day of the decision at the site; empty while undecided."),
        Column("ended_on", _DAY, Care.SHIFTED, "Day on which it ended: decided, withdrawn."),
        Column("outcome_filed", _TEXT, Care.AS_IS, "Outcome of the first submission by the criteria."),
        Column("outcome_asked", _TEXT, Care.AS_IS, "Outcome of the newest submission."),
        Column("outcome_decided", _TEXT, Care.AS_IS, "Outcome of what was decided, a changed order included."),
        Column("choice", _TEXT, Care.AS_IS, "approve or deny; empty while undecided."),
        Column("reason_code", _TEXT, Care.RARE, "Code of the reason of the decision."),
        Column("recommendation", _TEXT, Care.AS_IS, "What the pharmacist recommended, where one did."),
        Column("overridden", _YES, Care.AS_IS, "Whether the decision departs from the recommendation."),
        Column("order_changed", _YES, Care.AS_IS, "Whether the decision changed the order."),
        Column("appeal", _TEXT, Care.RARE, "open, upheld, overturned or withdrawn; empty without an appeal."),
        Column("grams_asked", _GRAMS, Care.AS_IS, "Grams a course, as asked; empty where not known."),
        Column("grams_allowed", _GRAMS, Care.AS_IS, "Grams a course, as authorized."),
        Column("total_asked", _GRAMS, Care.AS_IS, "Grams of all courses, as asked."),
        Column("total_allowed", _GRAMS, Care.AS_IS, "Grams of all courses, as authorized."),
        Column("g_per_kg_asked", "DECIMAL(7,3)", Care.TENTH, "Grams a course and kg of dosing weight, as asked."),
        Column("g_per_kg_allowed", "DECIMAL(7,3)", Care.TENTH, "The same, as authorized."),
        Column("ceiling_g_per_kg", "DECIMAL(7,2)", Care.TENTH, "Ceiling of the criteria."),
        Column("over_ceiling_asked", _YES, Care.AS_IS, "Whether asked above it; empty without ceiling or dose."),
        Column("over_ceiling_allowed", _YES, Care.AS_IS, "Whether authorized above it."),
        Column("weight_used", _TEXT, Care.AS_IS, "actual, adjusted, ideal or another weight of the plan."),
        Column("actual_weight_in_obesity", _YES, Care.AS_IS, "Whether an obese adult was dosed by actual weight."),
        Column("product", _TEXT, Care.RARE, "Product asked for."),
        Column("response", _TEXT, Care.RARE, "Response that a renewal tells of."),
        Column("response_documented", _YES, Care.AS_IS, "Of a renewal: whether the response is documented."),
        Column("objective_measure", _YES, Care.AS_IS, "Of a renewal: whether an objective measure is given."),
        Column("clock_hours_given", _WHOLE, Care.AS_IS, "Hours that the clock gave; empty where the route names none."),
        Column("clock_hours", "DECIMAL(12,1)", Care.AS_IS, "Hours used until the decision, without those asked."),
        Column("calendar_hours", "DECIMAL(12,1)", Care.AS_IS, "Hours from filing to the decision."),
        Column("asked_hours", "DECIMAL(12,1)", Care.AS_IS, "Hours spent with the prescriber."),
        Column("late", _YES, Care.AS_IS, "Whether decided after the clock ran out."),
        Column("questions", _WHOLE, Care.AS_IS, "Questions put to the prescriber."),
        Column("warnings_acknowledged", _WHOLE, Care.AS_IS, "Warnings that the prescriber acknowledged."),
    ),
    "criteria_results": (
        _REQUEST,
        Column("stage", _TEXT, Care.AS_IS, "filed: of the first submission; decided: of what was decided."),
        Column("criterion", _TEXT, Care.RARE, "Id of the criterion in its pack."),
        Column("result", _TEXT, Care.AS_IS, "met, not_met or unknown."),
    ),
    "decisions": (
        _REQUEST,
        Column("step", _WHOLE, Care.AS_IS, "Its place among the signed acts of the request, from 1."),
        Column("kind", _TEXT, Care.AS_IS, "recommendation, decision, or appeal: the decision on one."),
        Column("choice", _TEXT, Care.AS_IS, "approve or deny."),
        Column("reason_code", _TEXT, Care.RARE, "Code of the reason."),
        Column("order_changed", _YES, Care.AS_IS, "Whether it changed the order."),
        Column("signed_as", _TEXT, Care.AS_IS, "Role in which it was signed."),
        Column("signed_by", _TEXT, Care.LEFT_OUT, "Who signed, by username."),
        Column("signed_on", _DAY, Care.SHIFTED, "Day of signing at the site."),
    ),
    "orders": (
        _REQUEST,
        Column("stage", _TEXT, Care.AS_IS, "asked: of the newest submission; allowed: of the authorization."),
        Column("grams_per_course", _GRAMS, Care.AS_IS, "Grams a course; empty where not known."),
        Column("course_days", _WHOLE, Care.AS_IS, "Days of a course, as asked."),
        Column("interval_weeks", "DECIMAL(5,1)", Care.AS_IS, "Weeks between courses."),
        Column("courses", _WHOLE, Care.AS_IS, "Courses; of an authorization alone."),
        Column("route", _TEXT, Care.RARE, "Route, as asked; empty where intravenous was taken for granted."),
        Column("planned_duration", _TEXT, Care.RARE, "How long it is planned for, as asked."),
    ),
    "authorizations": (
        _REQUEST,
        _PATIENT,
        Column("authorization_number", _TEXT, Care.LEFT_OUT, "The number by which people know it."),
        Column("course", _WHOLE, Care.AS_IS, "Which course, from 1; one row each that falls due."),
        Column("scheduled_on", _DAY, Care.SHIFTED, "Day on which the course falls due; infusions has what was given."),
        Column("grams", _GRAMS, Care.AS_IS, "Grams scheduled; empty where not known."),
        Column("valid_from", _DAY, Care.SHIFTED, "First day."),
        Column("valid_to", _DAY, Care.SHIFTED, "Last day."),
        Column("voided_on", _DAY, Care.SHIFTED, "Day on which it became void, where it did."),
    ),
    "infusions": (
        _REQUEST,
        _PATIENT,
        Column("step", _WHOLE, Care.AS_IS, "Its place by day among the infusions recorded of the request, from 1."),
        Column("given_on", _DAY, Care.SHIFTED, "Day on which it was given."),
        Column("grams", _GRAMS, Care.AS_IS, "Grams given, as recorded last. What nobody recorded has no row."),
        Column("product", _TEXT, Care.RARE, "Product that was given."),
        Column("lot", _TEXT, Care.LEFT_OUT, "Lot of the product, as written."),
        Column("outside_terms", _YES, Care.AS_IS, "Whether it stood outside the terms when it was recorded."),
        Column("reaction", _TEXT, Care.RARE, "Kind of reaction; empty for none."),
        Column("seriousness", _TEXT, Care.RARE, "How serious the reaction was."),
        Column("recorded_on", _DAY, Care.SHIFTED, "Day of recording at the site; of a corrected one, of correcting."),
    ),
    "events": (
        _REQUEST,
        Column("step", _WHOLE, Care.AS_IS, "Its place among the events of the request, from 1."),
        Column("type", _TEXT, Care.AS_IS, "What happened."),
        Column("on_day", _DAY, Care.SHIFTED, "Day on which it happened at the site."),
        Column("actor_role", _TEXT, Care.AS_IS, "Roles of who did it."),
    ),
}  # fmt: skip
"""Every table, in the order in which they are read."""

CELL = tuple(column.name for column in TABLES["requests"] if column.care == Care.CELL)
"""The columns that together might single a patient out, those made coarser last first."""


def columns_of(table: str, *, identified: bool) -> tuple[Column, ...]:
    """The columns of `table` in the edition asked for."""
    return tuple(column for column in TABLES[table] if identified or column.care != Care.LEFT_OUT)
