"""What a site lacks before it can work, on the page where its administrator starts, until nothing is missing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import AT, Cast, known
from tests.formulary.acts import a_publication
from tests.rules.test_opening_hours import TYPED
from utilization import workflow
from utilization.models import AccountAct, Membership, Site, User
from utilization.reports.site_setup import setups_left, site_setup
from utilization.rules.account_owner import AccountDeed
from utilization.rules.roles import Role

NEEDED = ["Letterhead", "Clock", "Department", "Prescriber", "Pharmacist", "Physician reviewer", "Auditor", "Formulary",
          "Criteria", "On call"]  # fmt: skip
"""What issue 12 asks for, in the order of the list."""


@pytest.fixture
def founded(db) -> tuple[Site, User]:
    """A site as the command on the server makes it, and its administrator."""
    site = workflow.NewSite("east", "East Hospital", "Europe/Vienna")
    head = workflow.found_site(
        at=AT, site=site, administrator=workflow.NewPerson("eva", "eva@east.example", "Eva East")
    )
    return Site.objects.get(code="east"), head


def missing(site, at=AT):
    return [step.what for step in site_setup(site, at).steps if step.missing]


def employ(site, role, *names, confirmed=True, department=None):
    for name in names:
        user = User.objects.create(username=name, email=f"{name}@east.example", full_name=name)
        Membership.objects.create(user=user, site=site, role=role, department=department, started_at=AT)
        if confirmed:
            known(user)
        else:
            AccountAct.objects.create(user=user, kind=AccountDeed.MADE, at=AT)


def test_a_new_site_lacks_everything_and_each_thing_that_is_done_leaves_the_list(founded):
    site, head = founded
    assert missing(site) == NEEDED
    typed = workflow.hospital_settings.HospitalSettings("East Hospital", "1 Quay", "Europe/Vienna")
    workflow.hospital_settings.set_hospital(site, typed, by=head, at=AT)
    workflow.site_clock.set_clock(site, since=AT.date(), typed=TYPED, by=head, at=AT)
    ward = workflow.add_department(by=head, at=AT, site=site, name="Neurology")
    calls = workflow.EmergencySettings("On call", "0100", "24", "24")
    workflow.set_emergency_settings(site, calls, by=head, at=AT)
    site.refresh_from_db()
    left = [step for step in NEEDED if step not in ("Letterhead", "Clock", "Department", "On call")]
    assert missing(site) == left
    for role, name in ((Role.PRESCRIBER, "Prescriber"), (Role.PHARMACIST, "Pharmacist"),
                       (Role.PHYSICIAN, "Physician reviewer"), (Role.AUDITOR, "Auditor")):  # fmt: skip
        employ(site, role, role.value, department=ward if role == Role.PRESCRIBER else None)
        left.remove(name)
        assert missing(site) == left
    employ(site, Role.FORMULARY, "first")
    assert missing(site) == ["Formulary", "Criteria"]
    employ(site, Role.FORMULARY, "second")
    assert missing(site) == ["Criteria"]
    User.objects.filter(username="pharmacist").update(is_active=False)
    Membership.objects.filter(user__username="auditor").update(ended_at=AT)
    assert missing(site) == ["Pharmacist", "Auditor", "Criteria"]
    workflow.departments.close_department(
        workflow.add_department(by=head, at=AT, site=site, name="Urology").pk, by=head, at=AT
    )
    assert "Department" not in missing(site)


def test_an_account_that_nobody_confirmed_does_not_sign_and_the_step_says_where(founded):
    site, _ = founded
    employ(site, Role.FORMULARY, "first")
    employ(site, Role.FORMULARY, "second", confirmed=False)
    [step] = [step for step in site_setup(site, AT).steps if step.what == "Formulary"]
    assert step.page == "accounts"
    assert "confirmed" in step.missing


def test_of_several_accounts_the_step_says_how_many_are_confirmed(founded):
    site, _ = founded
    employ(site, Role.FORMULARY, "first")
    employ(site, Role.FORMULARY, "second", "third", confirmed=False)
    employ(site, Role.AUDITOR, "fourth", "fifth", confirmed=False)
    said = {step.what: step.missing for step in site_setup(site, AT).steps}
    assert said["Formulary"] == "1 of 3 accounts is confirmed: two are needed to sign."
    assert said["Auditor"] == "None of 2 accounts is confirmed: one is needed to sign."


@pytest.mark.parametrize(
    ("prescribers", "pharmacists", "physicians", "lacks"),
    [
        ("a", "a", "b", ["Pharmacist"]),
        ("a", "b", "b", ["Physician reviewer"]),
        ("a", "b", "a", ["Physician reviewer"]),
        ("ab", "a", "b", ["Physician reviewer"]),
        ("a", "a", "a", ["Pharmacist", "Physician reviewer"]),
        ("ab", "a", "bc", []),
        ("abc", "abc", "abc", []),
        ("a", "", "a", ["Pharmacist", "Physician reviewer"]),
    ],
)
def test_who_files_reviews_and_decides_are_different_people(founded, prescribers, pharmacists, physicians, lacks):
    site, head = founded
    ward = workflow.add_department(by=head, at=AT, site=site, name="Neurology")
    people = {name: User.objects.create(username=name, email=f"{name}@east.example", full_name=name) for name in "abc"}
    for role, names in (
        (Role.PRESCRIBER, prescribers), (Role.PHARMACIST, pharmacists), (Role.PHYSICIAN, physicians)
    ):  # fmt: skip
        for name in names:
            department = ward if role == Role.PRESCRIBER else None
            Membership.objects.create(user=people[name], site=site, role=role, department=department, started_at=AT)
    for user in people.values():
        known(user)
    reviewing = {"Prescriber", "Pharmacist", "Physician reviewer"}
    left = [step for step in site_setup(site, AT).steps if step.missing and step.what in reviewing]
    assert [step.what for step in left] == lacks
    assert {step.page for step in left} <= {"invite"}


def test_criteria_count_from_their_day_on(cast: Cast):
    day = (AT + timedelta(days=30)).date()
    a_publication(cast, at=AT, day=day)
    assert "Criteria" in missing(cast.north, AT + timedelta(days=29))
    assert "Criteria" not in missing(cast.north, AT + timedelta(days=31))


def test_the_page_has_the_list_of_its_own_sites_until_all_is_done(cast: Cast, seen_by):
    adam, page = seen_by("adam"), reverse("people-list")
    shown = " ".join(adam.get(page).content.decode().split())
    lacking = missing(cast.north, timezone.now())
    assert f"To set up North Hospital: {len(lacking)} to do" in shown
    assert "To set up South Hospital" not in shown
    for name, args in (("people-hospital", ["north"]), ("people-clock", ["north"]), ("people-invite", []),
                       ("people-emergencies", [])):  # fmt: skip
        assert f'href="{reverse(name, args=args)}"' in shown
    a_publication(cast, at=AT, day=(AT + timedelta(days=30)).date())
    Site.objects.filter(code="north").update(address="1 Quay", on_call_name="On call", on_call_phone="0100")
    assert missing(Site.objects.get(code="north"), timezone.now()) == ["Clock"]
    workflow.site_clock.set_clock(cast.north, since=AT.date(), typed=TYPED, by=cast["adam"], at=AT)
    assert setups_left(Site.objects.filter(code="north"), timezone.now()) == []
    assert "To set up" not in adam.get(page).content.decode()
