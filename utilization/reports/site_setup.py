"""What a site still lacks before it can work, worked out from its rows: nothing of it is kept."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from utilization import access, criteria
from utilization.models import Membership, Site, User
from utilization.rules.roles import Role

_PHYSICIAN_APPROVES = "physician"
"""As the routing table names an approval by a physician."""
_CRITERIA = (
    "No criteria of the site are in force, so those of the product judge. One of the formulary proposes a version, and"
    " another signs it."
)
_NOT_CONFIRMED = "Nobody confirmed the account yet, so it does not sign."
_ANOTHER = (
    "Invite somebody else: one person does not file, review and decide the same request, and whoever has this role is"
    " needed for another."
)
_NUMBERS = {1: "one is", 2: "two are"}
_PHYSICIAN = "Invite a physician reviewer: by the routing table a physician decides what a pharmacist may not."


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing that a site needs. `missing` says what to do and is empty once it is done; `page` names where, and is
    empty where that is no page of the administrator."""

    what: str
    missing: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class SiteSetup:
    """The steps of one site, in the order in which they are best done."""

    site: Site
    steps: tuple[SetupStep, ...]

    @property
    def left(self) -> int:
        """How many steps are not done."""
        return sum(bool(step.missing) for step in self.steps)


def setups_left(sites: Iterable[Site], at: datetime) -> list[SiteSetup]:
    """The steps of those of `sites` that cannot work yet `at` this moment."""
    return [setup for setup in (site_setup(site, at) for site in sites) if setup.left]


def site_setup(site: Site, at: datetime) -> SiteSetup:
    """What `site` needs to work, and what of it is missing `at` this moment."""
    clock = site.clock_versions.exists()
    department = site.departments.filter(closing=None).exists()
    adopted = criteria.published(site, site.date_at(at)) is not None
    return SiteSetup(site, (
        _step("Letterhead", bool(site.address.strip()), "Write the address of the hospital.", "hospital"),
        _step("Clock", clock, "Set how long decisions may take, and when the site is open.", "clock"),
        _step("Department", department, "Add a department: a prescriber belongs to one.", "departments"),
        *_people(site),
        _step("Criteria", adopted, _CRITERIA),
        _step("On call", bool(site.on_call), "Write whom to call about a dose outside of hours.", "emergencies"),
    ))  # fmt: skip


def _step(what: str, done: bool, missing: str, page: str = "") -> SetupStep:
    return SetupStep(what, "" if done else missing, page)


def _people(site: Site) -> Iterator[SetupStep]:
    """A step a role that is needed: people who hold it, and whose accounts may sign where the role signs alone."""
    held: dict[str, set[User]] = defaultdict(set)
    for row in Membership.objects.filter(site=site, ended_at=None, user__is_active=True).select_related("user"):
        held[row.role].add(row.user)
    standings = access.standings({user for people in held.values() for user in people})
    may_sign = {role: {user.pk for user in people if standings[user.pk].confirmed} for role, people in held.items()}
    physician = any(_PHYSICIAN_APPROVES in route.approvals for route in criteria.reference_tables().routing.routes)
    before: list[set[int]] = []
    for role, what, missing in (
        (Role.PRESCRIBER, "Prescriber", "Invite a prescriber, who files requests."),
        (Role.PHARMACIST, "Pharmacist", "Invite a pharmacist, who reviews first."),
        *([(Role.PHYSICIAN, "Physician reviewer", _PHYSICIAN)] if physician else []),
    ):
        confirmed = may_sign.get(role, set())
        step = _role(what, len(held[role]), len(confirmed), 1, missing)
        # A role that is not filled has a step of its own: the next ones are not told that they lack somebody for it.
        if not step.missing:
            before.append(confirmed)
            if not _different(before):
                before.pop()
                step = SetupStep(what, _ANOTHER, "invite")
        yield step
    for role, what, needed, missing in (
        (Role.AUDITOR, "Auditor", 1, "Invite an auditor, who reads the log and confirms people."),
        (Role.FORMULARY, "Formulary", 2, "Invite two people of the formulary: both sign the criteria."),
    ):
        yield _role(what, len(held[role]), len(may_sign.get(role, ())), needed, missing)


def _different(roles: list[set[int]], taken: frozenset[int] = frozenset()) -> bool:
    """Whether each of `roles`, the people who hold it, can be filled by a person of its own: none of those `taken`."""
    if not roles:
        return True
    first, *others = sorted(roles, key=len)
    return any(_different(others, taken | {person}) for person in first - taken)


def _role(what: str, people: int, confirmed: int, needed: int, missing: str) -> SetupStep:
    if people < needed:
        return SetupStep(what, missing, "invite")
    if people > 1:
        open_yet = f"{confirmed or 'None'} of {people} accounts is confirmed: {_NUMBERS[needed]} needed to sign."
    else:
        open_yet = _NOT_CONFIRMED
    return _step(what, confirmed >= needed, open_yet, "accounts")
