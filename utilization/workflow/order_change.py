"""The order as asked and as a reviewer would change it: read, compared, planned and judged again."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from utilization import criteria
from utilization.models import Submission
from utilization.order_terms import ORDER_PARTS, Order, courses_of, longest_months, most_courses, weeks_of
from utilization.rules.dosing.courses import MOST_COURSES
from utilization.rules.dosing.plan import ordered_g, ordered_g_per_kg
from utilization.rules.dosing.products import find_product
from utilization.rules.dosing.slips import Trap, changed_traps
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import BadInput, Facts, read_number, read_value
from utilization.rules.judging.judge import Judgement
from utilization.workflow.dose_checks import rule_for
from utilization.workflow.errors import Invalid
from utilization.workflow.reading import judged
from utilization.workflow.text_input import sentence

_PER_DAY = ("dose_per_day_g", "dose_per_day_g_per_kg")
_DOSE = ("dose_total_g", "dose_total_g_per_kg", *_PER_DAY)


def left_to_pharmacy(submission: Submission) -> bool:
    """Whether `submission` states no order: its dose was left to be advised by pharmacy."""
    return not any(name in submission.facts for name in _DOSE)


def check_stated(submission: Submission, order: Order) -> None:
    """Raises Invalid where the dose was left to be advised by pharmacy and `order`, to be approved, states none."""
    if left_to_pharmacy(submission) and order.dose_total_g is None:
        raise Invalid({"dose_total_g": ["The dose was left to be advised by pharmacy: state the grams of a course."]})


def read_changes(asked: Order, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What `typed` (text or values, by the names of `Order`; blank is unchanged) changes in `asked`.

    Raises Invalid on each name that cannot be read.
    """
    changes: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, raw in typed.items():
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            continue
        try:
            value = _read(name, raw.strip() if isinstance(raw, str) else raw)
        except BadInput as bad:
            errors[name if name in ORDER_PARTS else "order"] = [sentence(bad.message)]
            continue
        # Months stated for a single course say that its weeks are not enough.
        if value != getattr(asked, name) or (name == "months" and asked.weeks is not None):
            changes[name] = value
    if errors:
        raise Invalid(errors)
    return changes


def _read(name: str, raw: Any) -> Any:
    if name in ("dose_total_g", "course_days", "interval_weeks"):
        return read_value(CATALOGUE[name], raw, name)
    most = {"months": longest_months(), "courses": MOST_COURSES}
    if name not in most:
        raise BadInput(name, "the form holds a field that is not known here; reload the page and try again")
    number = read_number(raw, whole=True)
    if number is None or not 1 <= number <= most[name]:
        raise BadInput(name, f"expected a whole number from 1 to {most[name]}")
    return int(number)


def changed_order(
    asked: Order, changes: Mapping[str, Any], facts: Facts, judgement: Mapping[str, Any] | None = None
) -> Order:
    """`asked` with `changes`; courses follow months and interval unless they are changed themselves.

    Grams that were not known until the days were stated are those of the changed order's `judgement`, as a record.
    """
    values = asdict(asked) | dict(changes)
    planned = ((judgement or {}).get("dose") or {}).get("rounded_g")
    if values["dose_total_g"] is None and planned is not None:
        values["dose_total_g"] = Decimal(planned)
    if "courses" not in changes and ("months" in changes or "interval_weeks" in changes):
        most = most_courses(judgement or {})
        values["courses"] = courses_of(facts, values["interval_weeks"], values["months"], most)
    values["weeks"] = None if "months" in changes else weeks_of(values["courses"])
    return Order(**values)


def judge_changed(submission: Submission, changes: Mapping[str, Any]) -> Judgement:
    """Plan and judge the order with `changes`, all else as filed, by the pack and tables that judged the submission.

    Raises Invalid where the changed order contradicts itself or is impossible.
    """
    facts = changed_facts(criteria.facts_of(submission), changes)
    return judged(
        criteria.pack_of(submission.pack), submission.indication, facts,
        as_of=submission.as_of, emergency=submission.request.emergency, tables=criteria.tables_of(submission.pack),
    )  # fmt: skip


def traps_of_change(submission: Submission, changes: Mapping[str, Any]) -> tuple[Trap, ...]:
    """What looks like a slip in a changed order: the order as asked is what it is held against."""
    facts = criteria.facts_of(submission)
    tables, pack = criteria.tables_of(submission.pack), criteria.pack_of(submission.pack)
    name: Any = facts.get("product")
    product = find_product(tables.products, name) if name else None
    given = changed_facts(facts, changes)
    rule = rule_for(pack, submission.judgement["judged_as"], given, submission.as_of)
    return changed_traps(facts, given, rule, product)


def changed_facts(facts: Facts, changes: Mapping[str, Any]) -> Facts:
    """`facts` with the order changed. A new total replaces every dose stated; new days keep the total, and complete
    the dose of a day whose days were not known."""
    values = dict(facts)
    if "dose_total_g" in changes:
        values = {name: value for name, value in values.items() if name not in _DOSE}
        values["dose_total_g"] = changes["dose_total_g"]
    elif "course_days" in changes:
        whole = {"dose_total_g": ordered_g(facts), "dose_total_g_per_kg": ordered_g_per_kg(facts)}
        if known := {name: total for name, total in whole.items() if total is not None}:
            values = {name: value for name, value in values.items() if name not in _PER_DAY} | known
    for name, fact in (("course_days",) * 2, ("interval_weeks",) * 2, ("months", "requested_authorization_months")):
        if name in changes:
            values[fact] = changes[name]
    return Facts(values)


def gives_more(asked: Order, decided: Order, *, by_pharmacy: bool = False) -> bool:
    """Whether `decided` gives more than was asked: grams a course, courses or time. Unknown grams count as less,
    unless the dose was left to be advised `by_pharmacy`: then any grams are what was asked for.
    """
    left = by_pharmacy and asked.dose_total_g is None
    grams = not left and decided.dose_total_g is not None and decided.dose_total_g > (asked.dose_total_g or 0)
    return grams or decided.courses > asked.courses or decided.lasts_weeks > asked.lasts_weeks
