"""What the summary of a request should say, reckoned the slow way: from the entries of the log, one after another, from
judging again what was filed, and from the plan as values. Shares nothing with `rules.request_summary`.
"""

import json
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from utilization import criteria, workflow
from utilization.models import Authorization, Event, Request, RequestSummary, UnmetCriterion
from utilization.rules.judging.judge import judge
from utilization.workflow.order_change import judge_changed, read_changes

_SIGNED = {"decision.recommended": "recommended", "decision.approved": "decided", "decision.denied": "decided"}


def summary_differences(requests=None):
    """(request, column, expected, kept) wherever a summary is not what the slow way gives; drafts have none."""
    wrong = []
    for request in requests or Request.objects.order_by("pk"):
        kept = RequestSummary.objects.filter(request=request).first()
        if request.submitted_at is None:
            wrong += [(request.pk, "a draft has a summary")] if kept else []
            continue
        if kept is None:
            wrong.append((request.pk, "a filed request has no summary"))
            continue
        wanted, unmet = reckoned(request)
        columns = {field.attname for field in RequestSummary._meta.concrete_fields} - {"id", "request_id"}
        assert set(wanted) == columns, set(wanted) ^ columns
        wrong += [(request.pk, name, value, getattr(kept, name)) for name, value in wanted.items()
                  if getattr(kept, name) != value]  # fmt: skip
        have = set(UnmetCriterion.objects.filter(summary=kept).values_list("at", "criterion"))
        wrong += [(request.pk, "unmet", unmet, have)] if have != unmet else []
    return wrong


def reckoned(request):
    """(columns of the summary, {(when, criterion)}) of a filed request."""
    lived, zone = _lived(request), ZoneInfo(request.site.time_zone)
    versions = list(request.submissions.order_by("ordinal"))
    newest = versions[lived.decided_about - 1] if lived.decided else versions[-1]
    judged = _judged(newest)
    decision = request.decisions.filter(pk=lived.decided["decision"]).get() if lived.decided else None
    decided = _decided(newest, judged, decision)
    advised = lived.recommended.get(newest.ordinal)
    allowed = Authorization.objects.filter(request=request).first()
    facts, plan, order = criteria.facts_of(newest), judged.dose, workflow.asked_order(newest)
    approved = decided if decided and lived.decided["choice"] == "approve" else None
    if lived.appeal == "overturned":
        about = versions[lived.on_appeal["submission"] - 1]
        signed = request.decisions.get(pk=lived.on_appeal["decision"])
        approved = _decided(about, _judged(about), signed)
    approved_plan = approved.dose if approved else None
    weight, height, age = facts.get("weight_kg"), facts.get("height_cm"), facts.get("age_years")
    bmi = weight * 10000 / (height * height) if weight and height else None
    renewal = facts.get("request_type") == "renewal"
    needs = lived.decided["reason_needed_for"] if lived.decided else []
    columns = {
        "site_id": request.site_id, "department_id": request.department_id, "prescriber_id": request.author_id,
        "patient_id": request.patient_id, "pack_id": newest.pack_id, "indication": judged.judged_as,
        "kind": "renewal" if renewal else "initial",
        "listed": judged.judged_as in criteria.pack_of(newest.pack).indications,
        "asked_for": request.indication, "status": request.status,
        "off_criteria": approved.outcome.value != "meets" if approved else None,
        "appeal": lived.appeal, "appealed_at": lived.appealed_at, "appeal_decided_at": lived.appeal_decided_at,
        "response_missing": (not facts.get("objective_measure") or facts.get("response_documented") is not True)
        if renewal
        else None,
        "emergency": lived.emergency, "expedited": judged.route.expedited,
        "outcome_filed": _judged(versions[0]).outcome.value, "outcome_asked": judged.outcome.value,
        "outcome_decided": decided.outcome.value if decided else "",
        "choice": lived.decided["choice"] if decided else "",
        "reason_code": lived.decided["reason_code"] if decided else "",
        "decided_by_id": lived.decider if decided else None,
        "order_changed": "order_changed" in needs if decided else None,
        "recommendation": advised[0] if advised else "", "recommended_by_id": advised[1] if advised else None,
        "overridden": "against_recommendation" in needs if decided and advised else None,
        "grams_asked": _places(order.dose_total_g, 3),
        "total_asked": _places(order.dose_total_g and order.dose_total_g * order.courses, 3),
        "grams_allowed": allowed and _places(allowed.grams_per_course, 3),
        "total_allowed": allowed and _places(allowed.grams_total, 3), "grams_known": order.dose_total_g is not None,
        "g_per_kg_asked": _places(plan and plan.g_per_kg, 3),
        "g_per_kg_allowed": _places(approved_plan and approved_plan.g_per_kg, 3),
        "ceiling_g_per_kg": _places(plan and plan.limit_g and plan.limit_g / plan.dosing_weight_kg, 2),
        "over_ceiling_asked": _over(plan), "over_ceiling_allowed": _over(approved_plan),
        "actual_weight_kg": _places(weight, 3), "dosing_weight_kg": _places(plan and plan.dosing_weight_kg, 3),
        "weight_used": (plan and plan.weight_basis) or "", "bmi": _places(bmi, 2),
        "actual_weight_in_obesity": None
        if bmi is None or age is None or age < 18 or not plan or not plan.weight_basis
        else plan.weight_basis == "actual" and weight >= 30 * (height / 100) * (height / 100),
        "height_known": height is not None, "weight_known": weight is not None,
        "age_years": None if age is None else int(age), "product": facts.get("product") or "",
        "response": facts.get("response") or "",
        "response_documented": bool(facts.get("response_documented")) if renewal else None,
        "objective_measure": bool(facts.get("objective_measure")) if renewal else None,
        "clock_hours": judged.route.clock_hours, "questions": lived.asked, "asked_seconds": lived.with_prescriber,
        "warnings_acknowledged": len(newest.acknowledged), **_form(request, versions[0]),
        "calendar_seconds": lived.calendar, "late": lived.late,
        "clock_seconds": None if lived.calendar is None else lived.calendar - lived.with_prescriber,
    }  # fmt: skip
    for name in ("filed", "decided", "ended"):
        at = getattr(lived, f"{name}_at")
        columns |= {f"{name}_at": at, f"{name}_on": at.astimezone(zone).date() if at else None}
    unmet = {("filed", finding.id) for finding in _judged(versions[0]).findings if finding.result == "not_met"}
    unmet |= {
        ("decided", finding.id) for finding in (decided.findings if decided else ()) if finding.result == "not_met"
    }
    return columns, unmet


def _form(request, first):
    """What the form asked, by what is frozen of it; time from the entry that began the draft to that of its filing."""
    used = first.checks.get("form")
    if used is None:
        return dict.fromkeys(("form_questions", "form_prefilled", "form_changed", "form_seconds"))
    times = {event.type: event.at for event in Event.objects.filter(request_id=request.pk)
             if event.type in ("request.started", "request.submitted")}  # fmt: skip
    spent = times["request.submitted"] - times["request.started"]
    return {
        "form_questions": used["questions"], "form_prefilled": used["prefilled"], "form_changed": used["changed"],
        "form_seconds": spent // timedelta(seconds=1),
    }  # fmt: skip


def _lived(request):
    """What the entries tell of the request's life, with its own clock, which stands still while asked."""
    told = SimpleNamespace(
        filed_at=None, decided_at=None, ended_at=None, decided=None, decider=None, recommended={}, emergency=False,
        decided_about=0, appeal="", appealed_at=None, appeal_decided_at=None, on_appeal=None, asked=0,
        with_prescriber=0, calendar=None, late=None,
    )  # fmt: skip
    ordinal, due, left, since = 0, None, None, None
    for event in Event.objects.filter(request_id=request.pk).order_by("seq"):
        body = json.loads(bytes(event.body))
        kind, at, said = body["type"], datetime.fromisoformat(body["at"]), body["data"]
        told.emergency |= kind == "first_dose.released"
        if kind == "request.submitted":
            told.filed_at, told.emergency = at, said["emergency"] is not None
            ordinal, due = 1, at + timedelta(hours=said["clock_hours"])
        elif kind == "information.asked":
            told.asked += 1
            since, left, due = at, int((due - at).total_seconds()), None
        elif kind == "information.answered":
            told.with_prescriber += int((at - since).total_seconds())
            if "submission" in said:
                ordinal, left = said["submission"], min(left, said["clock_hours"] * 3600)
            since, due = None, at + timedelta(seconds=left)
        elif kind == "decision.recommended":
            told.recommended[ordinal] = (said["choice"], body["actor"]["id"])
        elif kind in ("decision.approved", "decision.denied"):
            told.decided, told.decider, told.decided_at, told.ended_at = said, body["actor"]["id"], at, at
            told.decided_about = said["submission"]
            told.calendar, told.late = int((at - told.filed_at).total_seconds()), at > due
        elif kind.startswith("appeal."):
            _appealed(told, kind.removeprefix("appeal."), at, said)
        elif kind == "request.withdrawn" or (kind == "order.disowned" and said["to"] != said["from"]):
            told.appeal = "withdrawn" if told.appeal == "open" else told.appeal
            told.ended_at = at
            told.with_prescriber += int((at - since).total_seconds()) if since else 0
    return told


def _appealed(told, what, at, said):
    if what == "filed":
        told.appeal, told.appealed_at, told.ended_at = "open", at, None
    else:
        told.appeal, told.on_appeal, told.appeal_decided_at, told.ended_at = what, said, at, at


def _judged(submission):
    """The judgement of a submission as values, judged again."""
    return judge(
        criteria.pack_of(submission.pack), submission.indication, criteria.facts_of(submission),
        tables=criteria.tables_of(submission.pack), as_of=submission.as_of, emergency=submission.request.emergency,
    )  # fmt: skip


def _decided(submission, judged, decision):
    """The judgement that was decided on: of the order that the decision gives, planned and judged anew."""
    if decision is None or decision.order is None:
        return judged if decision else None
    asked = workflow.asked_order(submission)
    parts = {name: decision.order[name] for name in workflow.ORDER_PARTS if decision.order[name] is not None}
    if decision.order.get("weeks") is not None:
        del parts["months"]
    return judge_changed(submission, read_changes(asked, parts))


def _over(plan):
    return None if plan is None or plan.within_ceiling is None else plan.within_ceiling is False


def _places(value, places):
    return None if value is None else Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
