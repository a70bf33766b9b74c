"""What lists and reports read of a filed request, worked out from what was filed, asked and signed.

Rows come as plain mappings by column: from the door, from the check of the log, and from the migration that filled rows
of before, so that all three reckon alike. Nothing is written here. Facts, dose and outcome are those of the newest
submission, which is the one that is decided on; what was filed first is told beside it. What the record of a judgement
does not hold, as one of an older program, is taken as not known: it must not stop a move.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from utilization.rules.dosing.courses import courses_at_most, courses_within, months_at_most
from utilization.rules.dosing.orders import ordered_g
from utilization.rules.dosing.vials import round_half_up
from utilization.rules.dosing.weights import ADULT_YEARS

Row = Mapping[str, Any]
FILED, DECIDED = "filed", "decided"
INITIAL, RENEWAL = "initial", "renewal"
OBESE_BMI = 30
"""Body mass index in kg/m² from which an adult counts as obese, as the World Health Organization defines it (Obesity
and overweight, fact sheet)."""
UNKNOWN_OUTCOME = "unknown"
"""The outcome by a judgement that names none."""
UNKNOWN_HOURS = 0
"""The hours of a route that names none."""
MOST_CRITERION = 200
"""Characters of a criterion's id that are kept."""
OPEN_APPEAL, UPHELD, OVERTURNED, WITHDRAWN_APPEAL = APPEALS = ("open", "upheld", "overturned", "withdrawn")
"""What became of an appeal."""
FORM_USE = "form"
"""The key under which the first submission keeps, in its checks, how many facts the form asked for ("questions"), had
from the beginning ("prefilled"), and of these had changed when it was filed ("changed")."""
_RECOMMENDATION, _DECISION, _APPEAL, _APPROVE, _MEETS = "recommendation", "decision", "appeal", "approve", "meets"
_UNLISTED = "silent"
_DOSES = ("dose_total_g", "dose_per_day_g", "course_days")


@dataclass(frozen=True, slots=True)
class FiledRequest:
    """The rows of one filed request: its own, its submissions from the first to the newest, what was signed and asked
    on it in order, its authorization, and its appeal. `zone` is the site's; `longest_months` the months that the tables
    beside its criteria allow at most, None where those cannot be read. `treated_first` says that its first dose was
    released before anybody reviewed it."""

    request: Row
    submissions: Sequence[Row]
    decisions: Sequence[Row]
    questions: Sequence[Row]
    authorization: Row | None
    zone: tzinfo
    longest_months: int | None
    appeal: Row | None = None
    treated_first: bool = False

    @property
    def newest(self) -> Row:
        """The submission that is decided on: an appeal may bring another one, which changes nothing of that."""
        decision = self.decision
        if decision is None:
            return self.submissions[-1]
        return self._submission(decision["submission_id"])

    def _submission(self, key: int) -> Row:
        """The submission of that key. Raises KeyError where it is none of this request's."""
        return {row["id"]: row for row in self.submissions}[key]

    @property
    def decision(self) -> Row | None:
        """The decision, where there is one; not that on an appeal."""
        return next((row for row in self.decisions if row["kind"] == _DECISION), None)

    @property
    def on_appeal(self) -> Row | None:
        """The decision on the appeal, where there is one."""
        return next((row for row in self.decisions if row["kind"] == _APPEAL), None)

    @property
    def approved_on(self) -> Row | None:
        """The judgement that an approval rests on, by decision or on appeal; None where nothing is approved."""
        act = self.on_appeal or self.decision
        if act is None or act["choice"] != _APPROVE:
            return None
        judgement: Row = act["judgement"] or self._submission(act["submission_id"])["judgement"]
        return judgement

    @property
    def advice(self) -> Row | None:
        """The recommendation about the newest submission: one about earlier facts counts no more."""
        about = (row for row in self.decisions if row["submission_id"] == self.newest["id"])
        return next((row for row in about if row["kind"] == _RECOMMENDATION), None)

    @property
    def decided_on(self) -> Row | None:
        """The judgement that the decision rests on: that of the changed order, where the order was changed."""
        if self.decision is None:
            return None
        judgement: Row = self.decision["judgement"] or self.newest["judgement"]
        return judgement


def summary(told: FiledRequest) -> dict[str, Any]:
    """Every column of a summary but its keys, by name."""
    return {column: value for part in PARTS for column, value in part(told).items()}


def unmet_criteria(told: FiledRequest) -> frozenset[tuple[str, str]]:
    """(criterion, when) for each that is not met: as filed first, and as decided."""
    judged = {FILED: told.submissions[0]["judgement"], DECIDED: told.decided_on}
    return frozenset(
        (criterion, at) for at, judgement in judged.items() if judgement for criterion in _unmet(judgement)
    )


def _unmet(judgement: Row) -> Iterable[str]:
    findings = judgement.get("findings") or ()
    not_met = (finding.get("id") for finding in findings if finding.get("result") == "not_met")
    return (criterion[:MOST_CRITERION] for criterion in not_met if criterion)


def _outcome(judgement: Row) -> str:
    return judgement.get("outcome") or UNKNOWN_OUTCOME


def _plan(judgement: Row) -> Row:
    """The dose as planned; empty where there is none."""
    plan: Row = judgement.get("dose") or {}
    return plan


def _who(told: FiledRequest) -> dict[str, Any]:
    request, newest = told.request, told.newest
    return {
        "site_id": request["site_id"], "department_id": request["department_id"],
        "prescriber_id": request["author_id"], "patient_id": request["patient_id"], "pack_id": newest["pack_id"],
        "indication": newest["judgement"].get("judged_as") or newest["indication"],
        "asked_for": request["indication"], "status": request["status"],
        "kind": RENEWAL if _is_renewal(newest) else INITIAL,
        "listed": _UNLISTED not in _unmet(newest["judgement"]),
        "emergency": request["emergency"] or told.treated_first, "expedited": request["expedited"],
    }  # fmt: skip


def _moments(told: FiledRequest) -> dict[str, Any]:
    decision = told.decision
    moments = {
        "filed": told.request["submitted_at"],
        "decided": decision["signed_at"] if decision else None,
        "ended": told.request["ended_at"],
    }
    days = {f"{name}_on": at.astimezone(told.zone).date() if at else None for name, at in moments.items()}
    return {f"{name}_at": at for name, at in moments.items()} | days


def _outcomes(told: FiledRequest) -> dict[str, Any]:
    decided = "" if told.decided_on is None else _outcome(told.decided_on)
    approved = UNKNOWN_OUTCOME if told.approved_on is None else _outcome(told.approved_on)
    return {
        "off_criteria": None if approved == UNKNOWN_OUTCOME else approved != _MEETS,
        "outcome_filed": _outcome(told.submissions[0]["judgement"]),
        "outcome_asked": _outcome(told.newest["judgement"]),
        "outcome_decided": decided,
    }


def _signed(told: FiledRequest) -> dict[str, Any]:
    decision, advice = told.decision, told.advice
    both = decision is not None and advice is not None
    return {
        "choice": decision["choice"] if decision else "",
        "reason_code": decision["reason_code"] if decision else "",
        "decided_by_id": decision["signed_by_id"] if decision else None,
        "order_changed": decision["order"] is not None if decision else None,
        "recommendation": advice["choice"] if advice else "",
        "recommended_by_id": advice["signed_by_id"] if advice else None,
        "overridden": _departs(decision, advice) if both and decision and advice else None,
    }


def _departs(decision: Row, advice: Row) -> bool:
    """Whether a decision is another than was recommended: another choice, another order, or a condition left out."""
    if decision["choice"] != advice["choice"] or decision["choice"] != _APPROVE:
        return bool(decision["choice"] != advice["choice"])
    dropped = bool(advice["conditions"]) and decision["conditions"] != advice["conditions"]
    return dropped or _order(decision) != _order(advice)


def _order(signed: Row) -> dict[str, Decimal | None] | None:
    """The changed order of a signed act, as numbers however they are written; None where it is as asked."""
    parts = ("dose_total_g", "course_days", "interval_weeks", "months", "courses")
    return None if signed["order"] is None else {part: _number(signed["order"].get(part)) for part in parts}


def _grams(told: FiledRequest) -> dict[str, Any]:
    asked, allowed = _asked_grams(told.newest), told.authorization
    given = _number(allowed["grams_per_course"]) if allowed else None
    courses = _asked_courses(told.newest, told.longest_months)
    return {
        "grams_asked": fitted(asked, 9, 3), "grams_allowed": fitted(given, 9, 3),
        "total_asked": fitted(None if asked is None or courses is None else asked * courses, 12, 3),
        "total_allowed": fitted(given * allowed["courses"] if given is not None and allowed else None, 12, 3),
        "grams_known": asked is not None,
    }  # fmt: skip


def _asked_grams(newest: Row) -> Decimal | None:
    """Grams of a course as ordered; for an order per kg, those to give after rounding."""
    ordered = ordered_g({name: _number(newest["facts"].get(name)) for name in _DOSES})
    return ordered if ordered is not None else _number(_plan(newest["judgement"]).get("rounded_g"))


def _asked_courses(newest: Row, longest: int | None) -> int | None:
    if longest is None:
        return None
    facts, judgement = newest["facts"], newest["judgement"]
    most = months_at_most(judgement, longest)
    months = min(int(_number(facts.get("requested_authorization_months")) or most), most)
    interval = _number(facts.get("interval_weeks"))
    return courses_within(facts.get("planned_duration"), interval, months, courses_at_most(judgement))


def _dose(told: FiledRequest) -> dict[str, Any]:
    asked = _plan(told.newest["judgement"])
    allowed = _plan(told.approved_on) if told.approved_on else {}
    limit, weight = _number(asked.get("limit_g")), _number(asked.get("dosing_weight_kg"))
    return {
        "g_per_kg_asked": fitted(_number(asked.get("g_per_kg")), 7, 3),
        "g_per_kg_allowed": fitted(_number(allowed.get("g_per_kg")), 7, 3),
        "ceiling_g_per_kg": fitted(limit / weight if limit is not None and weight else None, 7, 2),
        "over_ceiling_asked": _not(asked.get("within_ceiling")),
        "over_ceiling_allowed": _not(allowed.get("within_ceiling")),
    }


def _weights(told: FiledRequest) -> dict[str, Any]:
    facts, dose = told.newest["facts"], _plan(told.newest["judgement"])
    weight, height = _number(facts.get("weight_kg")), _number(facts.get("height_cm"))
    bmi = fitted(weight / (height / 100) ** 2 if weight is not None and height else None, 6, 2)
    used = dose.get("weight_basis") or ""
    return {
        "actual_weight_kg": fitted(weight, 7, 3),
        "dosing_weight_kg": fitted(_number(dose.get("dosing_weight_kg")), 7, 3),
        "weight_used": used[:20], "bmi": bmi, "actual_weight_in_obesity": _obese_by_actual(facts, bmi, used),
        "height_known": height is not None, "weight_known": weight is not None,
    }  # fmt: skip


def _obese_by_actual(facts: Row, bmi: Decimal | None, used: str) -> bool | None:
    """Whether an obese adult was dosed by actual weight; None of a child, for whom other limits hold, and where index
    or age or weight is not known."""
    age = _number(facts.get("age_years"))
    if bmi is None or age is None or not used or age < ADULT_YEARS:
        return None
    return used == "actual" and bmi >= OBESE_BMI


def _patient(told: FiledRequest) -> dict[str, Any]:
    facts = told.newest["facts"]
    age = _number(facts.get("age_years"))
    return {"age_years": None if age is None else int(age), "product": str(facts.get("product") or "")[:60]}


def _is_renewal(submission: Row) -> bool:
    return bool(submission["facts"].get("request_type") == RENEWAL)


def _response(told: FiledRequest) -> dict[str, Any]:
    facts, renewal = told.newest["facts"], _is_renewal(told.newest)
    documented, measure = facts.get("response_documented") is True, bool(facts.get("objective_measure"))
    return {
        "response": str(facts.get("response") or "")[:60],
        "response_documented": documented if renewal else None,
        "objective_measure": measure if renewal else None,
        "response_missing": not (documented and measure) if renewal else None,
    }


def _clock(told: FiledRequest) -> dict[str, Any]:
    """The hours of the route, and the seconds that a request took: all of them, with the prescriber, and the others.

    A decided request keeps the time by which it was due, which had moved while it was asked about.
    """
    request, decision = told.request, told.decision
    asked = _asked_seconds(told.questions, request["ended_at"])
    whole = _seconds(request["submitted_at"], decision["signed_at"]) if decision else None
    due = told.appeal["denial_due_at"] if told.appeal else request["due_at"]
    return {
        "clock_hours": (told.newest["judgement"].get("route") or {}).get("clock_hours") or UNKNOWN_HOURS,
        "asked_seconds": asked, "calendar_seconds": whole,
        "clock_seconds": None if whole is None else whole - asked,
        "late": decision["signed_at"] > due if decision and due else None,
        "questions": len(told.questions),
        "warnings_acknowledged": len(told.newest["acknowledged"]),
    }  # fmt: skip


def _form(told: FiledRequest) -> dict[str, Any]:
    """What the form asked when it was filed, and the seconds since it was opened; nothing where that was not recorded,
    as of what was filed by the version before."""
    used = (told.submissions[0].get("checks") or {}).get(FORM_USE)
    return {
        **{f"form_{name}": used[name] if used else None for name in ("questions", "prefilled", "changed")},
        "form_seconds": _seconds(told.request["created_at"], told.request["submitted_at"]) if used else None,
    }


def _appeal(told: FiledRequest) -> dict[str, Any]:
    if told.appeal is None:
        return {"appeal": "", "appealed_at": None, "appeal_decided_at": None}
    act = told.on_appeal
    if act is None:
        stands = WITHDRAWN_APPEAL if told.request["ended_at"] else OPEN_APPEAL
    else:
        stands = OVERTURNED if act["choice"] == _APPROVE else UPHELD
    return {
        "appeal": stands,
        "appealed_at": told.appeal["filed_at"],
        "appeal_decided_at": act["signed_at"] if act else None,
    }


def _asked_seconds(questions: Iterable[Row], ended: datetime | None) -> int:
    """Seconds spent with the prescriber; a question that was never answered lasts until the request ended, and counts
    nothing while it is open."""
    spans = ((row["asked_at"], row["answered_at"] or ended) for row in questions)
    return sum(_seconds(since, until) for since, until in spans if until)


def _seconds(since: datetime, until: datetime) -> int:
    return int((until - since).total_seconds())


def _number(value: Any) -> Decimal | None:
    return None if value is None or value == "" else Decimal(str(value))


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def fitted(value: Decimal | None, digits: int, places: int) -> Decimal | None:
    """`value` to that many places; None where it has more digits than its column, as of a mistyped height."""
    if value is None or abs(value) >= Decimal(10) ** (digits - places):
        return None
    return round_half_up(value, places)


PARTS: tuple[Callable[[FiledRequest], dict[str, Any]], ...] = (
    _who, _moments, _outcomes, _signed, _appeal, _grams, _dose, _weights, _patient, _response, _clock,
    _form,
)  # fmt: skip
"""What a summary is put together from: columns that are worked out together."""
