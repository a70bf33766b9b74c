"""A transfer that a department did not answer before it was closed, and what two hospitals could begin at once."""

import pytest

from tests.cast import Cast, a_request, approved
from tests.workflow.test_hospital_transfers import HOUR, LATER, accept, ask, filed, held, kinds, state
from utilization import access, workflow
from utilization.models import Membership, Request

__all__ = ["held"]


def renewal(cast: Cast, held) -> Request:
    """A draft of North Hospital that renews what is held there."""
    return workflow.start_draft(
        by=cast["petra"], at=LATER, patient_uid=held.patient.uid, indication="cidp", copy_of=held.request.uid,
        request_type="renewal",
    )  # fmt: skip


def test_a_department_that_was_closed_answers_nothing_once_another_one_was_asked(cast: Cast, held):
    rosa = Membership.objects.get(user=cast["rosa"])
    rheumatology = rosa.department
    ask(cast, held, to=str(rheumatology.pk))
    Membership.objects.filter(pk=rosa.pk).update(ended_at=LATER)
    workflow.departments.close_department(rheumatology.pk, by=cast["adam"], at=LATER)
    ask(cast, held, at=LATER + HOUR)
    workflow.departments.reopen_department(rheumatology.pk, by=cast["adam"], at=LATER + HOUR)
    Membership.objects.filter(pk=rosa.pk).update(ended_at=None)

    def refused() -> None:
        assert access.offered_transfers(cast["rosa"], at=LATER + HOUR) == []
        for act in (
            lambda: workflow.transfer_to_answer(held.request.uid, by=cast["rosa"], at=LATER + HOUR),
            lambda: workflow.answer_transfer(held.request.uid, by=cast["rosa"], at=LATER + HOUR, accepts=True),
        ):
            with pytest.raises(workflow.Refused, match="Another department was asked while yours was closed"):
                act()

    refused()
    assert [row.department.site for row in access.offered_transfers(cast["sam"], at=LATER + HOUR)] == [cast.south]
    workflow.answer_transfer(held.request.uid, by=cast["sam"], at=LATER + HOUR, accepts=False, words="No beds.")
    refused()
    held.request.refresh_from_db()
    assert held.request.department == Membership.objects.get(user=cast["petra"]).department
    assert kinds(held) == ["transfer_asked", "transfer_asked", "transfer_declined"]
    # Asked anew, it may answer again.
    ask(cast, held, to=str(rheumatology.pk), at=LATER + HOUR)
    workflow.answer_transfer(held.request.uid, by=cast["rosa"], at=LATER + HOUR, accepts=True)
    held.request.refresh_from_db()
    assert held.request.department == rheumatology


def test_a_draft_from_before_the_approval_at_the_other_hospital_is_neither_filed_nor_approved(cast: Cast, held):
    ask(cast, held)
    there = filed(cast, accept(cast, held))
    before, early = renewal(cast, held), filed(cast, renewal(cast, held))
    approved(cast, there, at=LATER + HOUR, by="sue")
    with pytest.raises(workflow.Refused, match=r"South Hospital took this treatment over on .* Discard this draft"):
        filed(cast, before, at=LATER + 2 * HOUR)
    with pytest.raises(workflow.Refused, match=r"South Hospital took this treatment over on .* Deny this request"):
        approved(cast, early, at=LATER + 2 * HOUR)
    assert state(held) == "replaced"
    # What is begun now is the treatment of a hospital that knows of it.
    assert a_request(cast, at=LATER + 2 * HOUR).number


def test_two_authorizations_for_one_use_begin_one_request_elsewhere(cast: Cast, held):
    second = approved(cast, filed(cast, renewal(cast, held)), at=LATER).authorization
    ask(cast, held)
    ask(cast, second)
    begun = accept(cast, held)
    with pytest.raises(workflow.Refused, match="Neurology, South Hospital, has begun a request for this treatment"):
        accept(cast, second)
    assert Request.objects.filter(site=cast.south).count() == 1
    workflow.discard(begun.uid, by=cast["sam"], at=LATER, version=begun.version)
    assert accept(cast, second).copied_from == second.request
