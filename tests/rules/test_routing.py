"""Which clock a request gets: the one in force on the day on which it is filed, the shorter one on a named ground."""

from datetime import date

import pytest

from utilization.rules.routing import read_routing, route_request

TABLE = """
routes: [{approvals: [pharmacist], because: Every request.}]
expedited:
  - {because: A disease that does not wait., indications: [gbs]}
  - {because: Declared., emergency: true}
clocks:
  - {from: 2026-01-01, standard_hours: 72, expedited_hours: 24}
  - {from: 2026-07-01, standard_hours: 48, expedited_hours: 12}
authorization: {months: 12, review_before_days: 30}
denial_reasons: {other: Other}
"""


@pytest.mark.parametrize(
    ("day", "indication", "emergency", "hours"),
    [
        ("2026-06-30", "cidp", False, 72), ("2026-07-01", "cidp", False, 48), ("2026-07-02", "cidp", False, 48),
        ("2026-06-30", "gbs", False, 24), ("2026-07-01", "gbs", False, 12), ("2026-07-01", "cidp", True, 12),
        # Before the first clock there is none but that.
        ("2025-12-31", "cidp", False, 72),
    ],
)  # fmt: skip
def test_a_clock_counts_from_its_own_day_on(day, indication, emergency, hours):
    route = route_request(
        read_routing(TABLE, "r.yaml"), outcome="meets", indication=indication, facts={}, over_ceiling=False,
        emergency=emergency, as_of=date.fromisoformat(day),
    )  # fmt: skip
    assert (route.clock_hours, route.expedited) == (hours, hours in (24, 12))
