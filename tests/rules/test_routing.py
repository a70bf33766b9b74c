"""Which clock a request gets: the one in force on the day on which it is filed, the shorter one on a named ground."""

from datetime import date

import pytest

from utilization.rules.routing import OwnRoute, read_routing, route_request

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


OWN_ROUTES = [
    # (what the pack sets, emergency, above the ceiling) -> approvals, hours, expedited
    ({}, False, False, ("pharmacist",), 48, False),
    ({"clock": "expedited"}, False, False, ("pharmacist",), 12, True),
    ({"clock": "standard"}, False, False, ("pharmacist",), 48, False),
    ({"hours": 240}, False, False, ("pharmacist",), 240, False),
    ({"hours": 6}, False, False, ("pharmacist",), 6, True),
    # A declared emergency keeps its clock where the pack's is longer, and takes the pack's where that is shorter.
    ({"hours": 240}, True, False, ("pharmacist",), 12, True),
    ({"clock": "standard"}, True, False, ("pharmacist",), 12, True),
    ({"hours": 6}, True, False, ("pharmacist",), 6, True),
    # A panel advises a physician; above the ceiling no pack spares one.
    ({"panel": "Board"}, False, False, ("pharmacist", "physician"), 48, False),
    ({"approvals": ("pharmacist", "physician")}, False, False, ("pharmacist", "physician"), 48, False),
    ({"approvals": ("pharmacist",)}, False, True, ("pharmacist", "physician"), 48, False),
]


@pytest.mark.parametrize(("sets", "emergency", "above", "approvals", "hours", "expedited"), OWN_ROUTES)
def test_a_pack_sets_the_route_within_what_keeps_a_patient_safe(sets, emergency, above, approvals, hours, expedited):
    table = TABLE.replace(
        "routes: [", "routes: [{approvals: [pharmacist, physician], because: Above., over_ceiling: true}, "
    )
    route = route_request(
        read_routing(table, "r.yaml"), outcome="meets", indication="cidp", facts={}, over_ceiling=above,
        emergency=emergency, as_of=date(2026, 8, 1), own=OwnRoute("The policy says so.", **sets),
    )  # fmt: skip
    assert (route.approvals, route.clock_hours, route.expedited) == (approvals, hours, expedited)
    assert "The policy says so." in route.because


@pytest.mark.parametrize(("above", "approvals"), [(False, ("pharmacist",)), (True, ("pharmacist", "physician"))])
def test_a_pack_spares_the_physician_below_the_ceiling_alone(above, approvals):
    table = TABLE.replace("approvals: [pharmacist]", "approvals: [pharmacist, physician]")
    route = route_request(
        read_routing(table, "r.yaml"), outcome="meets", indication="cidp", facts={}, over_ceiling=above,
        emergency=False, as_of=date(2026, 8, 1), own=OwnRoute("The policy says so.", ("pharmacist",)),
    )  # fmt: skip
    assert route.approvals == approvals
