"""A committee, and drafts of criteria that reach every state through the door."""

from datetime import date, datetime, timedelta

from tests.cast import AT, PASSWORD, Cast, known, present
from utilization.models import CriteriaDraft, Membership, Publication, User
from utilization.rules.roles import Role
from utilization.workflow import formulary

TODAY = date(2026, 3, 2)
"""The day at North of `AT`."""
_MEMBERS = {
    "fiona": ("Fiona Formulary", "north"),
    "frida": ("Frida Formulary", "north"),
    "silke": ("Silke Formulary", "south"),
    "sylvia": ("Sylvia Formulary", "south"),
}


def committee(cast: Cast) -> Cast:
    """The cast with two more committee members at North and one at South; Forrest is at North already."""
    for username, (name, code) in _MEMBERS.items():
        if username not in cast.people:
            user = User(username=username, email=f"{username}@hospital.example", full_name=name, title="PharmD")
            user.set_password(PASSWORD)
            user.save()
            site = getattr(cast, code)
            Membership.objects.create(user=user, site=site, role=Role.FORMULARY, started_at=AT - timedelta(days=9))
            cast.people[username] = user
            known(user)
    return cast


def pack_text(version: str = "2", age: int = 18, name: str = "north-policy") -> dict[str, str]:
    """A pack of one indication and one clause, which proves."""
    return {
        "pack.yaml": f'pack: {{name: {name}, version: "{version}", title: Policy of North}}\n',
        "cidp.yaml": f"""\
indications:
  - code: cidp
    name: Chronic inflammatory demyelinating polyneuropathy
    abbreviation: CIDP
criteria:
  - indication: cidp
    clauses:
      - id: adult
        says: The patient is old enough.
        require: {{age_years: {{at_least: {age}}}}}
        otherwise: does_not_meet
        local: A parameter of these tests.
""",
        "examples.yaml": f"""\
examples:
  - {{indication: cidp, says: Old enough., facts: {{age_years: {age}}}, expect: {{outcome: meets}}}}
  - {{indication: cidp, says: Too young., facts: {{age_years: {age - 1}}}, expect: {{outcome: does_not_meet}}}}
  - {{indication: cidp, says: Age not known., facts: {{}}, expect: {{outcome: needs_information}}}}
""",
    }


def a_criteria_draft(
    cast: Cast, *, files: dict[str, str] | None = None, by: str = "forrest", at: datetime = AT, name: str = "A draft"
) -> CriteriaDraft:
    """A draft of `by` at the site where they work."""
    user = committee(cast)[by]
    site = user.memberships.get().site
    return formulary.start_draft(by=user, at=at, site=site, name=name, files=pack_text() if files is None else files)


def a_proposal(
    cast: Cast, *, version: str = "2", age: int = 18, by: str = "forrest", at: datetime = AT, day: date = TODAY
) -> CriteriaDraft:
    """A draft that `by` proposed, to be in force from `day`."""
    draft = a_criteria_draft(cast, files=pack_text(version, age), by=by, at=at, name=f"Version {version}")
    return formulary.propose(
        draft.uid, by=cast[by], at=at, version=draft.version, presence=present(cast[by], at), effective_from=day,
        reason=f"Version {version} of the policy.",
    )  # fmt: skip


def a_publication(cast: Cast, *, signed_by: str = "frida", at: datetime = AT, **proposal: object) -> Publication:
    """A version that Forrest proposed and `signed_by` signed."""
    proposed = a_proposal(cast, at=at, **proposal)  # type: ignore[arg-type] # passed on as they came
    return formulary.sign(
        proposed.uid, by=cast[signed_by], at=at, version=proposed.version, presence=present(cast[signed_by], at)
    )
