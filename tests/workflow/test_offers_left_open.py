"""A transfer that a department did not answer before it was closed, and what two hospitals could begin at once."""

import pytest

from tests.cast import Cast
from tests.workflow.test_hospital_transfers import HOUR, LATER, ask, held, kinds
from utilization import access, workflow
from utilization.models import Membership

__all__ = ["held"]


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
