"""How many answers a renewal asks for, by indication of the built-in criteria; what a reduction of treatment is."""

from datetime import date
from decimal import Decimal

import pytest

from utilization import criteria
from utilization.rules.authorization.reduction import DecidedOrder, last_reduction
from utilization.rules.facts.values import read_facts
from utilization.rules.form.renewal import MOST_ANSWERS
from utilization.rules.judging.judge import judge

TODAY = date(2026, 3, 2)
ANSWERS = {"response": "improved", "response_documented": True}
NEEDED = {
    # Response, whether it is documented, and the safety checklist; in myasthenia gravis the severity of that day too.
    "cidp": 3, "mmn": 3, "lems": 3, "dermatomyositis": 3, "stiff_person": 3, "ms": 3, "mg": 4,
    # The criteria ask nothing more at a renewal: a person weighs it. The checklist alone is answered.
    "gbs": 1, "miller_fisher": 1, "igm_paraprotein_neuropathy": 1, "anti_mag_neuropathy": 1,
    "diabetic_radiculoplexus_neuropathy": 1, "polymyositis": 1, "postpolio": 1,
    # Nothing of it is ever approved by the criteria, so that there is nothing to renew.
    "ibm": 0,
}  # fmt: skip
"""By indication, the most answers that a renewal of what was filed once needs, by the criteria as they are written."""


def answers_needed(code, facts):
    """The facts that are asked one round after the other until the renewal can be judged, and the checklist."""
    pack = criteria.builtin_pack()
    known = {name: value for name, value in facts.items() if not pack.catalogue[name].of_its_day}
    known |= {"request_type": "renewal", "age_years": known.get("age_years", 60)}
    asked = {"safety"}
    for _ in range(10):
        judged = judge(
            pack, code, read_facts(known, catalogue=pack.catalogue), tables=criteria.reference_tables(), as_of=TODAY
        )
        left = [name for name in judged.questions if name not in known]
        if judged.outcome.value != "needs_information" or not left:
            break
        asked |= set(left)
        known |= {name: facts.get(name, ANSWERS.get(name)) for name in left}
        known = {name: value for name, value in known.items() if value is not None}
        if not any(name in known for name in left):
            break
    return asked


@pytest.mark.parametrize("code", sorted(criteria.builtin_pack().indications))
def test_a_renewal_needs_at_most_five_answers(code):
    pack = criteria.builtin_pack()
    # What was filed once and may be renewed: an example that could be approved, with a dose.
    filed = [
        example for example in pack.examples
        if example.indication == code and example.expected["outcome"] in ("meets", "exception_review")
        and example.facts.get("request_type") != "renewal"
    ]  # fmt: skip
    counts = {example.says: answers_needed(code, dict(example.facts)) for example in filed}
    most = max(map(len, counts.values()), default=0)
    assert most == NEEDED[code], counts
    assert most <= MOST_ANSWERS


def order(day, grams, weeks):
    return DecidedOrder(date.fromisoformat(day), Decimal(grams), Decimal(weeks))


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ([], None),
        ([order("2025-01-01", 80, 4), order("2025-07-01", 80, 4)], None),
        ([order("2025-01-01", 80, 4), order("2025-07-01", 100, 4)], None),
        ([order("2025-07-01", 60, 4), order("2025-01-01", 80, 4)], ("2025-07-01", True, False, None)),
        ([order("2025-01-01", 80, 4), order("2025-07-01", 80, 6)], ("2025-07-01", False, True, None)),
        # Fewer grams, yet more often: 20 g a week before and after.
        ([order("2025-01-01", 80, 4), order("2025-07-01", 60, 3)], None),
        (
            [order("2025-01-01", 80, 4), order("2025-04-01", 60, 4), order("2025-07-01", 70, 4)],
            ("2025-04-01", True, False, "2025-07-01"),
        ),
    ],
)
def test_a_reduction_gives_less_a_week_than_the_order_before(orders, expected):
    found = last_reduction(orders)
    if expected is None:
        assert found is None
        return
    raised = found.raised.first.isoformat() if found.raised else None
    assert (found.after.first.isoformat(), found.by_dose, found.by_interval, raised) == expected
