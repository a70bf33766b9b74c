"""Two hospitals with their people, patients and requests, laid straight into the tables.

The rules of access are asked about rows in every status, also those that take a reviewer's whole day to reach; the
tests that walk the path itself go through the workflow.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from utilization.models import AccountAct, Authorship, Department, Membership, Patient, Request, Site, User
from utilization.rules.account_owner import AccountDeed
from utilization.rules.lifecycle import ENDED, IN_REVIEW, Status
from utilization.rules.roles import Role
from utilization.workflow.patients import write_keys

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Hospital:
    """One site with a person of each role, two departments, a patient, and requests by department and status."""

    code: str
    site: Site = field(init=False)
    neurology: Department = field(init=False)
    rheumatology: Department = field(init=False)
    people: dict[str, User] = field(init=False)
    patient: Patient = field(init=False)

    def __post_init__(self):
        self.site = Site.objects.create(code=self.code, name=f"{self.code} hospital")
        self.neurology = self.site.departments.create(name="Neurology")
        self.rheumatology = self.site.departments.create(name="Rheumatology")
        self.people = {
            "prescriber": self.person("prescriber", Role.PRESCRIBER, self.neurology),
            "colleague": self.person("colleague", Role.PRESCRIBER, self.neurology),
            "other department": self.person("other", Role.PRESCRIBER, self.rheumatology),
            **{role.value: self.person(role.value, role) for role in Role if role != Role.PRESCRIBER},
        }
        self.patient = Patient.objects.create(
            site=self.site,
            mrn=f"{self.code}-1",
            name=f"Ambrose {self.code}",
            date_of_birth=date(1960, 5, 1),
            sex="male",
            created_at=AT,
            created_by=self.people["prescriber"],
            updated_at=AT,
            updated_by=self.people["prescriber"],
        )
        write_keys(self.patient)

    def __getitem__(self, who: str) -> User:
        return self.people[who]

    def person(self, name: str, role: Role | None = None, department: Department | None = None) -> User:
        """A new person, with a role unless it is None."""
        username = f"{name}.{self.code}"
        person = User.objects.create(username=username, email=f"{username}@example.org", full_name=username)
        AccountAct.objects.create(user=person, kind=AccountDeed.BEFORE, at=AT)
        if role:
            Membership.objects.create(user=person, site=self.site, role=role, department=department, started_at=AT)
        return person

    def request(self, status: Status = Status.DRAFT, by: str = "prescriber", department: Department | None = None):
        """A new request in `status`."""
        filed = status not in (Status.DRAFT, Status.DISCARDED)
        made = Request.objects.create(
            site=self.site,
            department=department or self.neurology,
            patient=self.patient,
            author=self[by],
            indication="cidp",
            status=status,
            number=f"N-{self.code}-{Request.objects.count()}" if filed else None,
            created_at=AT,
            updated_at=AT,
            submitted_at=AT if filed else None,
            ended_at=AT if status in ENDED else None,
            ended_by=self[by] if status in ENDED else None,
            withdrawal_reason="moved away" if status == Status.WITHDRAWN else "",
            due_at=AT + timedelta(days=3) if status in IN_REVIEW else None,
            clock_left=60 if status == Status.INFORMATION_ASKED else None,
        )
        if filed:
            Authorship.objects.create(request=made, user=self[by], at=AT)
        return made
