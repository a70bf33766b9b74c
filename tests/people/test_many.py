"""Lists of people at a site with many: a page at a time, found by name, each person once."""

import pytest
from django.urls import reverse

from tests.prescribing.pages import words
from utilization.reports import access_list, people
from utilization.rules.roles import Role


@pytest.fixture
def crowd(north, monkeypatch):
    """Eleven more people, two of one name, on pages of four."""
    monkeypatch.setattr(people, "PAGE", 4)
    monkeypatch.setattr(access_list, "MOST_OFFERED", 5)
    made = [north.person(f"worker{number:02d}", Role.AUDITOR) for number in range(11)]
    type(made[0]).objects.filter(pk__in=[made[3].pk, made[4].pk]).update(full_name="Twin Name")
    return made


def shown(actor, **place):
    return people.rosters(actor, **place)[0]


def test_leafing_through_people_shows_each_once_by_name_both_ways(north, crowd):
    admin, wanted = north["administrator"], list(people.people_at(north.site).values_list("pk", flat=True))
    pages, place = [], {}
    while True:
        roster = shown(admin, **place)
        pages.append([person.user.pk for person in roster.staff])
        if roster.next is None:
            break
        place = {"site": "north", "after": roster.next}
    assert [pk for page in pages for pk in page] == wanted
    back = [pages[-1]]
    while roster.previous is not None:
        roster = shown(admin, site="north", before=roster.previous)
        back.append([person.user.pk for person in roster.staff])
    assert [pk for page in reversed(back) for pk in page] == wanted
    # The place of one site moves no other, and a place that nobody has moves none.
    assert [person.user.pk for person in shown(admin, site="south", after=wanted[5]).staff] == pages[0]
    assert [person.user.pk for person in shown(admin, site="north", after=999_999).staff] == pages[0]


def test_people_are_found_by_a_part_of_the_name(north, crowd, signed_in):
    page = signed_in(north["administrator"]).get(reverse("people-list"), {"q": "twin"})
    assert words(page).count("Twin Name") == 2
    assert "worker00" not in words(page)
    nobody = signed_in(north["administrator"]).get(reverse("people-list"), {"q": "zebra"})
    assert "Nobody whose name contains “zebra”" in words(nobody)


@pytest.mark.parametrize("place", ["", "x", "9" * 30, "-1", "0"])
def test_a_place_that_nobody_gave_is_the_first_page(north, crowd, signed_in, place):
    page = signed_in(north["administrator"]).get(reverse("people-list"), {"site": "north", "after": place})
    assert page.status_code == 200
    assert "4 shown" in words(page)


def test_the_access_log_of_a_site_with_many_finds_the_reader_by_name(north, crowd, signed_in):
    auditor = signed_in(north["auditor"])
    assert "Read by: name, or part of it" in words(auditor.get(reverse("audit-access")))
    one = auditor.get(reverse("audit-access"), {"who": "worker07"})
    assert one.context["who"] == crowd[7]
    several = auditor.get(reverse("audit-access"), {"who": "twin"})
    assert several.context["who"] is None
    assert {person.pk for person in several.context["named"]} == {crowd[3].pk, crowd[4].pk}
    chosen = auditor.get(reverse("audit-access"), {"person": crowd[3].pk})
    assert "By Twin Name alone" in words(chosen)
    nobody = auditor.get(reverse("audit-access"), {"who": "zebra"})
    assert "is called “zebra”, so everybody is shown" in words(nobody)


def test_a_reader_of_another_site_is_nobody_here(north, south, crowd, signed_in):
    foreign = signed_in(north["auditor"]).get(reverse("audit-access"), {"person": south["pharmacist"].pk})
    assert foreign.context["who"] is None
    assert "south" not in words(foreign, "//main")
