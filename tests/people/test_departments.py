"""Departments renamed, closed and opened again: what keeps one open, and what a closed one takes no more."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tests.cast import AT, Cast, a_request
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import ClosedDepartment, Department, Event, Membership, Request
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

HOUR = timedelta(hours=1)


@pytest.fixture
def rheumatology(cast: Cast) -> Department:
    """A department of one prescriber, Rosa."""
    return cast.north.departments.get(name="Rheumatology")


def close(cast, department, at=AT, by="adam"):
    return workflow.departments.close_department(department.pk, by=cast[by], at=at)


def reopen(cast, department):
    return workflow.departments.reopen_department(department.pk, by=cast["adam"], at=AT)


def move_rosa(cast, to="Neurology"):
    """Rosa prescribes for another department from now on."""
    where = cast.north.departments.get(name=to)
    return workflow.set_role(cast["rosa"], by=cast["adam"], at=AT, site=cast.north, role="prescriber", department=where)


def told(kind):
    return [json.loads(bytes(entry.body))["data"] for entry in Event.objects.filter(type=f"department.{kind}")]


def refused(guard):
    return pytest.raises(IntegrityError, match=f"^{guard}")


def test_a_department_gets_another_name_which_the_log_has_beside_the_old(cast: Cast, rheumatology):
    rename = workflow.departments.rename_department
    assert rename(rheumatology.pk, by=cast["adam"], at=AT, name=" Joints ").name == "Joints"
    rename(rheumatology.pk, by=cast["adam"], at=AT, name="Joints")
    assert told("renamed") == [{"department": rheumatology.pk, "before": "Rheumatology", "now": "Joints"}]
    assert rename(rheumatology.pk, by=cast["adam"], at=AT, name="joints").name == "joints"
    for name, says in (("neurology", "already has"), ("", "Fill this in"), ("x" * 121, "at most 120"),
                       ("a\u202eb", "hidden character"), ("a\nb", "one line")):  # fmt: skip
        with pytest.raises(workflow.Invalid, match=says):
            rename(rheumatology.pk, by=cast["adam"], at=AT, name=name)
    south = cast.south.departments.get()
    for key, by in ((south.pk, "adam"), (rheumatology.pk, "fern"), (10**30, "adam")):
        with pytest.raises(workflow.NotFound):
            rename(key, by=cast[by], at=AT, name="Other")


def test_what_is_signed_keeps_the_name_that_a_department_had(cast: Cast, rheumatology):
    request = a_request(cast, by="rosa", patient=cast.a_patient(mrn="R-1"))
    workflow.departments.rename_department(rheumatology.pk, by=cast["adam"], at=AT + HOUR, name="Joints")
    request.refresh_from_db()
    assert request.department.name == "Joints"
    assert request.latest.author_department == "Rheumatology"


def test_a_department_stays_open_while_somebody_works_or_something_waits_there(cast: Cast, rheumatology):
    waiting = a_request(cast, by="rosa", patient=cast.a_patient(mrn="R-1"))
    with pytest.raises(workflow.Refused) as why:
        close(cast, rheumatology)
    assert "Rosa Elsewhere" in why.value.why
    assert waiting.number in why.value.why
    move_rosa(cast)
    with pytest.raises(workflow.Refused) as why:
        close(cast, rheumatology)
    assert "Rosa" not in why.value.why
    approved = act("approve", waiting, cast["fern"], AT + HOUR)
    with pytest.raises(workflow.Refused, match="1 authorization in force"):
        close(cast, rheumatology, at=AT + 2 * HOUR)
    assert not ClosedDepartment.objects.exists()
    assert told("closed") == []
    after = AT + timedelta(days=(approved.authorization.valid_to - AT.date()).days + 1)
    close(cast, rheumatology, at=after)
    close(cast, rheumatology, at=after)
    assert told("closed") == [{"department": rheumatology.pk}]


def test_a_denial_that_may_still_be_appealed_keeps_a_department_open(cast: Cast, seen_by, rheumatology):
    """Denied on 2 March with 30 days for an appeal: the last is 1 April."""
    request = a_request(cast, Status.DENIED, by="rosa", patient=cast.a_patient(mrn="R-1"))
    move_rosa(cast)
    last = datetime(2026, 4, 1, 12, tzinfo=UTC)
    with pytest.raises(workflow.Refused, match=f"may still be appealed, until 1 Apr 2026: {request.number}"):
        close(cast, rheumatology, at=last)
    appealed = act("appeal", request, cast["rosa"], last)
    use = workflow.departments.use_of(rheumatology, last)
    assert (use.denials, use.numbers) == ((), (str(request.number),))
    act("uphold", appealed, cast["max"], last)
    close(cast, rheumatology, at=last)


def test_a_verbal_order_that_nobody_answered_for_keeps_a_department_open(cast: Cast):
    """Dora entered it on the word of Paul."""
    neurology = cast.north.departments.get(name="Neurology")
    request = act("take_order", a_request(cast), cast["dora"], AT + HOUR)
    later = AT + 2 * HOUR
    assert workflow.departments.use_of(neurology, later).orders == (request.number,)
    with pytest.raises(workflow.Refused, match=f"neither confirmed nor disowned: {request.number}. Who gave each"):
        close(cast, neurology, at=later)
    act("confirm_order", request, cast["paul"], later)
    assert workflow.departments.use_of(neurology, later).orders == ()


def test_a_verbal_order_of_a_withdrawn_request_keeps_no_department_open(cast: Cast):
    neurology = cast.north.departments.get(name="Neurology")
    request = act("take_order", a_request(cast), cast["dora"], AT + HOUR)
    act("withdraw", request, cast["petra"], AT + 2 * HOUR)
    assert workflow.departments.use_of(neurology, AT + 2 * HOUR).orders == ()


def test_the_page_names_denials_that_may_still_be_appealed(cast: Cast, seen_by, rheumatology):
    denied_at = timezone.now() - timedelta(days=2)
    request = a_request(cast, Status.DENIED, at=denied_at, by="rosa", patient=cast.a_patient(mrn="R-1"))
    move_rosa(cast)
    page = reverse("people-department-page", args=[rheumatology.pk])
    assert f"{request.number}. Close it after that day." in seen_by("adam").get(page).content.decode()
    shut = reverse("people-department-close", args=[rheumatology.pk])
    assert "may still be appealed" in seen_by("adam").post(shut, follow=True).content.decode()
    assert not ClosedDepartment.objects.exists()


def test_a_closed_department_takes_nobody_and_no_request_until_it_is_opened_again(cast: Cast, rheumatology):
    draft = a_request(cast, Status.DRAFT, by="rosa", patient=cast.a_patient(mrn="R-1"))
    move_rosa(cast)
    close(cast, rheumatology)
    with pytest.raises(workflow.Invalid, match="Rheumatology is closed"):
        move_rosa(cast, "Rheumatology")
    person = workflow.NewPerson("nina", "nina@hospital.example", "Nina New", "MD")
    invited = {"by": cast["adam"], "at": AT, "site": cast.north, "person": person, "role": "prescriber"}
    with pytest.raises(workflow.Invalid, match="Rheumatology is closed"):
        workflow.invite(**invited, department=rheumatology)
    with pytest.raises(workflow.Refused, match="Rheumatology is closed, so nothing is filed"):
        act("submit", draft, cast["rosa"], AT)
    held = a_request(cast, Status.APPROVED)
    with pytest.raises(workflow.Invalid, match="Choose the department"):
        workflow.ask_transfer(
            held.uid, by=cast["petra"], at=AT + 2 * HOUR, department=str(rheumatology.pk), words="Joints lead."
        )
    with refused("role_is_in_an_open_department"), transaction.atomic():
        Membership.objects.create(
            user=cast["sam"], site=cast.north, role=Role.PRESCRIBER, department=rheumatology, started_at=AT
        )
    with refused("request_is_for_an_open_department"), transaction.atomic():
        Request.objects.create(
            site=cast.north, department=rheumatology, patient=cast.patient, author=cast["petra"], indication="cidp",
            created_at=AT, updated_at=AT,
        )  # fmt: skip
    with refused("request_goes_to_an_open_department"), transaction.atomic():
        Request.objects.filter(pk=held.pk).update(department=rheumatology)
    reopen(cast, rheumatology)
    reopen(cast, rheumatology)
    assert told("reopened") == [{"department": rheumatology.pk}]
    assert move_rosa(cast, "Rheumatology").department == rheumatology
    assert act("submit", draft, cast["rosa"], AT).status == Status.PHARMACIST_REVIEW


def test_the_database_closes_no_department_with_people_or_with_requests_in_review(cast: Cast, rheumatology):
    a_request(cast, by="rosa", patient=cast.a_patient(mrn="R-1"))
    for _ in range(2):
        with refused("closed_department_is_empty"), transaction.atomic():
            ClosedDepartment.objects.create(department=rheumatology, at=AT, by=cast["adam"])
        Membership.objects.filter(department=rheumatology).update(ended_at=AT)
    Request.objects.filter(department=rheumatology).update(
        status=Status.WITHDRAWN, withdrawal_reason="x", ended_at=AT, ended_by=cast["rosa"], due_at=None
    )
    assert ClosedDepartment.objects.create(department=rheumatology, at=AT, by=cast["adam"]).pk


@pytest.mark.long
def test_the_page_says_who_and_what_is_in_the_way_and_closes_and_opens(cast: Cast, seen_by, rheumatology):
    adam = seen_by("adam")
    page, shut, again = (
        reverse(name, args=[rheumatology.pk])
        for name in ("people-department-page", "people-department-close", "people-department-reopen")
    )
    assert page in adam.get(reverse("people-list")).content.decode()
    shown = adam.get(page).content.decode()
    assert "People have a role in it: Rosa Elsewhere" in shown
    assert shut not in shown
    assert "stays open" in adam.post(shut, follow=True).content.decode()
    for hostile in ("", " ", "x" * 5000, "a\u202eb", "Neurology"):
        assert adam.post(page, {"name": hostile}).status_code == 422
    assert adam.post(page, {"name": "<b>Joints</b>"}).status_code == 302
    assert "<b>Joints" not in adam.get(page).content.decode()
    move_rosa(cast)
    assert shut in adam.get(page).content.decode()
    closed = adam.post(shut, follow=True).content.decode()
    assert "takes no people and no requests any more" in closed
    assert "Adam Administrator closed it" in closed
    assert "(closed)" in adam.get(reverse("people-list")).content.decode()
    assert f'<option value="{rheumatology.pk}"' not in adam.get(reverse("people-invite")).content.decode()
    assert again in closed
    assert "is open again" in adam.post(again, follow=True).content.decode()
    assert adam.get(reverse("people-department-page", args=[cast.south.departments.get().pk])).status_code == 404
