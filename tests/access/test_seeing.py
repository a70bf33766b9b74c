"""Who sees which request, and through which permission, held against a table written apart from the code."""

import itertools

import pytest

from tests.access.hospital import AT
from utilization import access
from utilization.models import Membership
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission, Role

# Of the prescriber's requests: which statuses each person sees.
NOT_FILED = {Status.DRAFT, Status.DISCARDED}
FILED = set(Status) - NOT_FILED
SEES = {
    "prescriber": set(Status),
    "colleague": FILED,
    "other department": set(),
    "pharmacist": FILED,
    "physician_reviewer": FILED,
    "auditor": set(Status),
    "formulary": set(),
    "administrator": set(),
}


@pytest.mark.parametrize(("who", "status"), list(itertools.product(SEES, Status)))
def test_a_person_sees_what_the_table_says(north, south, who, status):
    request, foreign = north.request(status), south.request(status)
    seen = access.visible_requests(north[who])
    assert (request in seen) == (status in SEES[who])
    assert foreign not in seen


@pytest.mark.parametrize(
    ("who", "permission"),
    [
        ("prescriber", Permission.FILE),
        ("colleague", Permission.FILE),
        ("pharmacist", Permission.REVIEW),
        ("physician_reviewer", Permission.REVIEW_AS_PHYSICIAN),
        ("auditor", Permission.AUDIT),
    ],
)
@pytest.mark.parametrize("status", Status)
def test_a_permission_reaches_the_requests_that_its_holder_sees(north, south, who, permission, status):
    request = north.request(status)
    assert bool(access.can(north[who], permission, request)) == (status in SEES[who])
    refused = access.can(south[who], permission, request)
    assert not refused
    assert north.site.name in refused.why


@pytest.mark.parametrize("status", sorted(FILED))
def test_a_prescriber_cannot_file_on_another_department_s_request(north, status):
    request = north.request(status, by="other department", department=north.rheumatology)
    refused = access.can(north["prescriber"], Permission.FILE, request)
    assert not refused
    assert refused.why == "This request belongs to another department, or is another person's draft."


def test_reading_at_the_site_gives_no_right_to_file_there(north):
    """A prescriber who also audits reads another department's request, but does not answer or withdraw it."""
    Membership.objects.create(user=north["prescriber"], site=north.site, role=Role.AUDITOR, started_at=AT)
    request = north.request(Status.APPROVED, by="other department", department=north.rheumatology)
    assert request in access.visible_requests(north["prescriber"])
    assert not access.can(north["prescriber"], Permission.FILE, request)


def test_the_administrator_s_permission_reaches_no_request(north):
    assert not access.can(north["administrator"], Permission.MANAGE_PEOPLE, north.request(Status.APPROVED))


def test_the_author_keeps_sight_of_their_own_after_moving_to_another_department(north):
    request = north.request(Status.PHARMACIST_REVIEW)
    north["prescriber"].memberships.update(department=north.rheumatology)
    assert access.can(north["prescriber"], Permission.FILE, request)
    assert request in access.visible_requests(north["prescriber"])


@pytest.mark.parametrize("who", SEES)
def test_patients_are_seen_by_those_who_treat_review_or_audit_at_their_site(north, south, who):
    seen = set(access.visible_patients(north[who]))
    assert seen == (set() if who in ("formulary", "administrator") else {north.patient})


@pytest.mark.parametrize("who", SEES)
def test_only_the_administrator_sees_people_and_only_those_of_the_site(north, south, who):
    seen = set(access.visible_people(north[who]))
    assert seen == (set(north.people.values()) if who == "administrator" else set())


def test_a_person_of_the_site_is_fetched_and_a_foreign_one_is_not_found(north, south):
    assert access.fetch_person(north["administrator"], north["auditor"].pk) == north["auditor"]
    for pk in (south["auditor"].pk, 10**9, 10**30, "x"):
        with pytest.raises(access.NotFound):
            access.fetch_person(north["administrator"], pk)
