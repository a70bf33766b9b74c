"""Departments of a site renamed, closed and opened again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from utilization import access, event_log
from utilization.models import (
    Authorization,
    ClosedDepartment,
    Decision,
    Department,
    Membership,
    Request,
    Site,
    User,
    VerbalOrder,
)
from utilization.models.decisions import DECISION
from utilization.rules.facts.date_words import day_words
from utilization.rules.lifecycle import OPEN, Status
from utilization.workflow.appeal import last_day_to_appeal
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.new_account import Errors, typed_line

MOST_DEPARTMENT_NAME = 120
MOST_NAMED = 5
"""People, and requests, that a sentence names; the others are counted."""


@dataclass(frozen=True, slots=True)
class DepartmentUse:
    """What keeps a department from being closed: people with a role in it, its requests that are not decided, by
    number, how many authorizations of it stand, its denials that may still be appealed, by number and last day, and its
    requests on a verbal order that nobody confirmed or disowned, by number."""

    people: tuple[User, ...]
    numbers: tuple[str, ...]
    authorizations: int
    denials: tuple[tuple[str, date], ...] = ()
    orders: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """What is to be done before it can be closed, a sentence each; none where nothing is in the way."""
        told = []
        if self.people:
            names = _some([person.full_name for person in self.people])
            told.append(f"People have a role in it: {names}. Move them to another department, or end the role.")
        if self.numbers:
            told.append(f"Requests of it are not decided: {_some(self.numbers)}. Wait for the decision.")
        if self.authorizations:
            many = "1 authorization" if self.authorizations == 1 else f"{self.authorizations} authorizations"
            told.append(f"It has {many} in force. Its prescribers transfer each to another department, or end it.")
        if self.denials:
            numbers = _some([number for number, _ in self.denials])
            last = day_words(max(day for _, day in self.denials))
            told.append(f"Denials of it may still be appealed, until {last}: {numbers}. Close it after that day.")
        if self.orders:
            told.append(
                f"Verbal orders of it are neither confirmed nor disowned: {_some(self.orders)}."
                " Who gave each answers for it, or another prescriber of the department where they have left."
            )
        return told


def use_of(department: Department, at: datetime) -> DepartmentUse:
    """What keeps `department` from being closed `at` this moment."""
    people = User.objects.filter(pk__in=Membership.objects.filter(department=department, ended_at=None).values("user"))
    waiting = Request.objects.filter(department=department, status__in=sorted(status.value for status in OPEN))
    stands = Authorization.objects.filter(
        request__department=department, voided_at=None, valid_to__gte=department.site.date_at(at)
    )
    open_orders = VerbalOrder.objects.filter(request__department=department, answer="")
    orders = open_orders.exclude(request__status=Status.WITHDRAWN).order_by("request__number")
    return DepartmentUse(
        tuple(people.order_by("full_name", "pk")),
        tuple(str(number) for number in waiting.order_by("number").values_list("number", flat=True)),
        stands.order_by().count(),
        _denials_to_appeal(department, at),
        tuple(str(number) for number in orders.values_list("request__number", flat=True)),
    )


def _denials_to_appeal(department: Department, at: datetime) -> tuple[tuple[str, date], ...]:
    """Denials of `department` that an appeal could bring back `at` this moment: numbers, and the last day of each."""
    # Two days more than a site gives, so that no time zone leaves one out; the last day itself is counted below.
    since = at - timedelta(days=department.site.appeal_days + 2)
    denials = Decision.objects.filter(
        kind=DECISION, signed_at__gte=since, request__department=department, request__status=Status.DENIED.value,
        request__appeal=None, request__patient__died_on=None,
    ).select_related("request__site").order_by("request__number")  # fmt: skip
    last_days = [(str(denial.request.number), last_day_to_appeal(denial.request, denial)) for denial in denials]
    today = department.site.date_at(at)
    return tuple((number, last) for number, last in last_days if last >= today)


@transaction.atomic
def rename_department(key: int, *, by: User, at: datetime, name: str) -> Department:
    """Give a department another name; the department as it is now. What is issued keeps the name it was issued with.

    Raises NotFound for one of a site that `by` does not manage, Invalid for a name that is empty or taken.
    """
    seen = access.fetch_department(by, key)
    errors: Errors = {}
    name = typed_line("name", name, MOST_DEPARTMENT_NAME, errors)
    # One at a time at a site, as where one is added.
    Site.objects.select_for_update(no_key=True).get(pk=seen.site_id)
    others = Department.objects.filter(site=seen.site_id).exclude(pk=seen.pk)
    if not errors and others.filter(name__iexact=name).exists():
        errors["name"] = [f"{seen.site.name} already has a department of this name."]
    if errors:
        raise Invalid(errors)
    held = _locked(seen)
    if held.name != name:
        said = {"department": held.pk, "before": held.name, "now": name}
        event_log.append(type="department.renamed", at=at, actor=by, site=held.site, data=said)
        held.name = name
        held.save(update_fields=["name"])
    return held


@transaction.atomic
def close_department(key: int, *, by: User, at: datetime) -> Department:
    """Close a department: it takes no people and no requests from now on, and keeps what was filed for it.

    One that is closed already stays so. Raises NotFound as `rename_department` does, and Refused, naming who and what,
    while somebody has a role in it, a request of it is not decided or may still be appealed, an authorization of it
    stands, or a verbal order of it is not answered for.
    """
    held = _locked(access.fetch_department(by, key))
    if ClosedDepartment.objects.filter(department=held).exists():
        return held
    if sentences := use_of(held, at).sentences:
        raise Refused(f"{held.name} stays open. {' '.join(sentences)}")
    ClosedDepartment.objects.create(department=held, at=at, by=by)
    event_log.append(type="department.closed", at=at, actor=by, site=held.site, data={"department": held.pk})
    return held


@transaction.atomic
def reopen_department(key: int, *, by: User, at: datetime) -> Department:
    """Open a department again; one that is open stays so. Raises NotFound as `rename_department` does."""
    held = _locked(access.fetch_department(by, key))
    if ClosedDepartment.objects.filter(department=held).delete()[0]:
        event_log.append(type="department.reopened", at=at, actor=by, site=held.site, data={"department": held.pk})
    return held


def is_closed(department: Department) -> bool:
    """Whether `department` is closed, until this transaction ends: who closes or reopens it waits for that."""
    list(Department.objects.select_for_update(no_key=True).order_by().filter(pk=department.pk).values_list("pk"))
    return ClosedDepartment.objects.filter(department=department).exists()


def refuse_closed(department: Department) -> None:
    """Raise Refused where `department` is closed: what was begun for it is not filed any more."""
    if is_closed(department):
        raise Refused(
            f"{department.name} is closed, so nothing is filed for it any more. Start the request anew: it is filed for"
            " the department where you work now."
        )


def _locked(department: Department) -> Department:
    return Department.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=department.pk)


def _some(names: list[str] | tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
