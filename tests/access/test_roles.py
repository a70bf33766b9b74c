"""What each role may do, held against a table written apart from the code."""

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.access.hospital import AT
from utilization import access
from utilization.models import Membership
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission, Role

EXPECTED = """
                     prescriber  pharmacist  physician_reviewer  auditor  formulary  administrator
file                 yes         -           -                   -        -          -
review               -           yes         -                   -        -          -
review_as_physician  -           -           yes                 -        -          -
audit                -           -           -                   yes      -          -
read_evidence        yes         yes         yes                 yes      yes        yes
keep_criteria        -           -           -                   -        yes        -
manage_people        -           -           -                   -        -          yes
read_reports         -           yes         yes                 yes      yes        yes
record_infusions     -           yes         -                   -        -          -
"""


def _expected():
    head, *rows = [line.split() for line in EXPECTED.strip().splitlines()]
    return {(role, row[0]): cell == "yes" for row in rows for role, cell in zip(head, row[1:], strict=True)}


@pytest.mark.parametrize(("role", "permission"), list(_expected()))
def test_a_role_permits_what_the_table_says_at_its_site_alone(north, south, role, permission):
    person, wanted = north[role], _expected()[role, permission]

    assert bool(access.can(person, Permission(permission), site=north.site)) == wanted
    assert bool(access.can(person, Permission(permission))) == wanted
    assert not access.can(person, Permission(permission), site=south.site)
    assert set(access.sites(person, Permission(permission))) == ({north.site} if wanted else set())


def test_the_table_names_every_role_and_permission():
    assert set(_expected()) == {(role.value, permission.value) for role in Role for permission in Permission}


def test_a_refusal_says_what_the_roles_lack_and_where(north):
    refused = access.can(north["auditor"], Permission.FILE, site=north.site)
    assert refused.why == "Your roles at north hospital do not let you file requests."
    assert access.can(north["auditor"], Permission.FILE).why == "Your roles do not let you file requests."


def test_several_roles_add_up(north):
    person = north["auditor"]
    Membership.objects.create(
        user=person, site=north.site, role=Role.PRESCRIBER, department=north.neurology, started_at=AT
    )
    assert access.roles(person, north.site) == {Role.AUDITOR, Role.PRESCRIBER}
    both = {Permission.AUDIT, Permission.FILE, Permission.READ_EVIDENCE, Permission.READ_REPORTS}
    assert access.permissions(person, north.site) == both


@pytest.mark.parametrize("nobody", [None, AnonymousUser()])
def test_nobody_may_do_nothing(north, nobody):
    request = north.request(Status.APPROVED)
    assert access.roles(nobody) == frozenset()
    assert not any(access.can(nobody, permission) for permission in Permission)
    assert not any(access.can(nobody, permission, request) for permission in Permission)
    assert not access.visible_requests(nobody).exists()
    assert not access.visible_patients(nobody).exists()
    assert not access.visible_people(nobody).exists()


def test_an_ended_role_counts_for_nothing_at_once(north):
    north["pharmacist"].memberships.update(ended_at=AT)
    north.request(Status.PHARMACIST_REVIEW)
    assert access.roles(north["pharmacist"]) == frozenset()
    assert not access.visible_requests(north["pharmacist"]).exists()


def test_a_deactivated_account_counts_for_nothing_though_the_caller_still_holds_it(north):
    held = north["pharmacist"]
    north.request(Status.PHARMACIST_REVIEW)
    type(held).objects.filter(pk=held.pk).update(is_active=False)
    assert held.is_active
    assert access.permissions(held) == frozenset()
    assert not access.visible_requests(held).exists()


def test_the_department_is_the_one_prescribed_for(north, south):
    assert access.department(north["prescriber"], north.site) == north.neurology
    assert access.department(north["other department"], north.site) == north.rheumatology
    assert access.department(north["prescriber"], south.site) is None
    assert access.department(north["pharmacist"], north.site) is None
