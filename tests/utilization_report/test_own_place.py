"""A prescriber sees their own place among the approvals of a site, and nobody else's can be worked out from it."""

import re

import pytest

from tests.cast import AT, Cast
from tests.reviewing.pages import words
from tests.utilization_report.database_site import DatabaseSite
from tests.utilization_report.sites import site
from utilization.models import Membership
from utilization.rules.roles import Role
from utilization.rules.statistics.funnel import bands
from utilization.rules.utilization_report.own_place import Approval, own_place

PAGE = "/reports/mine/"
SITES = ((1, 160, 800, 0.6), (2, 110, 600, 0.35), (3, 60, 350, 0.5), (4, 25, 160, 0.8), (5, 1, 9, 0.6))


def groups_left(rows: list[Approval], own: int) -> list[int]:
    """Patients of every group that the page and one's own patients give: all, and the others, on and off criteria."""
    sizes = []
    for off in (True, False):
        all_of_it = [row for row in rows if row.off == off]
        sizes += [len({row.patient for row in all_of_it}), len({row.patient for row in all_of_it if row[0] != own})]
    return [size for size in sizes if size]


@pytest.mark.long
@pytest.mark.parametrize("limit", [11, 8, 5])
def test_what_is_shown_tells_of_no_small_group_and_of_no_single_colleague(limit):
    shown = 0
    for seed, patients, requests, slope in SITES:
        for colleagues in (7, 3, 2):
            rows = [
                Approval(row.prescriber % colleagues, row.patient, row.outcome_decided != "meets")
                for row in site(seed, patients, requests, slope).requests
                if row.choice == "approve" and row.decided_on[:4] == "2025"
            ]
            for own in range(colleagues):
                place = own_place(rows, own, limit)
                mine = [row for row in rows if row.prescriber == own]
                assert (place["n"], place["of"]) == (sum(row.off for row in mine), len(mine))
                others = {row.prescriber for row in rows} - {own}
                safe = len(others) >= 3 and min(groups_left(rows, own)) >= limit
                assert bool(place["all"]) == safe
                if safe:
                    shown += 1
                    assert (place["all"]["n"], place["all"]["of"]) == (sum(row.off for row in rows), len(rows))
                    if funnel := place["funnel"]:
                        [group] = funnel.groups
                        assert (group.count, group.of) == (place["n"], place["of"])
                        assert group.within_95 == bands(place["all"]["n"], place["all"]["of"], place["of"])[0]
    assert shown >= 7


@pytest.mark.long
def test_the_page_has_the_own_figures_and_no_name_of_another(cast: Cast, client):
    written = DatabaseSite(cast.north, site(21, 60, 500))
    department = written.departments["1"]
    for person in written.people.values():
        Membership.objects.create(
            user=person, site=cast.north, department=department, role=Role.PRESCRIBER, started_at=AT
        )
    for key in (1, 2):
        client.force_login(written.people[key])
        page = client.get(PAGE, {"year": "2025-01"})
        approved = [
            row
            for row in written.rows.requests
            if row.prescriber == key and row.choice == "approve" and row.decided_on[:4] == "2025"
        ]
        off = sum(row.outcome_decided != "meets" for row in approved)
        assert f"{off} of {len(approved)} approved" in words(page)
        assert set(re.findall(r"Prescriber \d+", page.content.decode())) <= {f"Prescriber {key}"}
        assert page.context["plot"].heading.startswith("Your approvals off criteria")
    assert client.get(PAGE, {"year": "2025-02"}).status_code == 422
    assert client.get(PAGE, {"year": "x" * 900, "site": "south"}).status_code == 422


def test_without_colleagues_nothing_of_the_site_is_shown(cast: Cast, seen_by):
    page = seen_by("petra").get(PAGE)
    assert page.context["place"]["all"] is None
    assert "at least 3 other prescribers" in words(page)
