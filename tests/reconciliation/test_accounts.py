"""What was done to accounts, held against the log: a forged confirmation is found, and two sites tell one act once."""

from datetime import timedelta

import pytest

from tests.cast import AT
from utilization import access
from utilization.models import AccountAct, Event, Membership
from utilization.reconciliation import reconcile
from utilization.rules.roles import Role
from utilization.workflow import people

LATER = AT + timedelta(days=9)


def places(result):
    return {(finding.place.table, finding.kind) for finding in result.findings}


@pytest.mark.long
def test_a_forged_confirmation_is_found_whatever_it_is_called(history, unguarded):
    fern, head = history.hospital["fern"], history.hospital["head.north"]
    people.reset_password(fern, by=head, at=LATER)
    assert reconcile().findings == ()
    insert = (
        "INSERT INTO utilization_accountact (user_id, kind, by_id, at)"
        " SELECT user_id, %s, NULL, at FROM utilization_accountact WHERE user_id = %s AND kind = 'reset'"
    )
    last = AccountAct.objects.latest("pk").pk
    for kind in ("before", "confirmed"):
        unguarded((insert, kind, fern.pk))
        assert access.why_not_sign(fern) == ""
        assert places(reconcile()) == {("accountact", "unknown")}
        unguarded(("DELETE FROM utilization_accountact WHERE id > %s", last))
    assert reconcile().findings == ()


def test_an_act_that_two_sites_tell_is_one_act(history):
    """The roles at the second site are laid by hand: no door gives one to somebody who never worked there."""
    hospital = history.hospital
    fern, head = hospital["fern"], hospital["head.north"]
    for user, role in ((fern, Role.AUDITOR), (head, Role.ADMINISTRATOR)):
        Membership.objects.create(user=user, site=hospital.south, role=role, started_at=LATER)
    resets = Event.objects.filter(type="password.reset")
    before = resets.count()
    people.reset_password(fern, by=head, at=LATER)
    assert resets.count() == before + 2
    assert AccountAct.objects.filter(user=fern, kind="reset").count() == 1
    assert {table for table, _ in places(reconcile())} == {"membership"}
