"""The roles that people hold at a site, and what each lets them do: `ROLES` has one row a role.

Who holds a role now is asked in `access/membership.py`; which moves of a request a permission allows stands in
`lifecycle.py`; `docs/roles.md` is drawn from both.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Role(StrEnum):
    """As what a person acts at a site; one person may hold several. The database keeps these codes."""

    PRESCRIBER = "prescriber"
    PHARMACIST = "pharmacist"
    PHYSICIAN = "physician_reviewer"
    AUDITOR = "auditor"
    FORMULARY = "formulary"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a role lets a person do."""

    FILE = "file"
    REVIEW = "review"
    REVIEW_AS_PHYSICIAN = "review_as_physician"
    AUDIT = "audit"
    READ_EVIDENCE = "read_evidence"
    KEEP_CRITERIA = "keep_criteria"
    MANAGE_PEOPLE = "manage_people"
    READ_REPORTS = "read_reports"
    RECORD_INFUSIONS = "record_infusions"


class RoleRow(NamedTuple):
    """One role: the word for it, the heading over people who hold it, and what it permits."""

    word: str
    heading: str
    permissions: frozenset[Permission]


class PermissionRow(NamedTuple):
    """One permission in words: as a refusal names it ("... do not let you file requests"), and all that it allows."""

    refused: str
    allows: str


ROLES: dict[Role, RoleRow] = {
    Role.PRESCRIBER: RoleRow("Prescriber", "Prescribers", frozenset({Permission.FILE, Permission.READ_EVIDENCE})),
    Role.PHARMACIST: RoleRow(
        "Pharmacist",
        "Pharmacy reviewers",
        frozenset({Permission.REVIEW, Permission.RECORD_INFUSIONS, Permission.READ_EVIDENCE, Permission.READ_REPORTS}),
    ),
    Role.PHYSICIAN: RoleRow(
        "Physician reviewer",
        "Physician reviewers",
        frozenset({Permission.REVIEW_AS_PHYSICIAN, Permission.READ_EVIDENCE, Permission.READ_REPORTS}),
    ),
    Role.AUDITOR: RoleRow(
        "Auditor", "Auditors", frozenset({Permission.AUDIT, Permission.READ_EVIDENCE, Permission.READ_REPORTS})
    ),
    Role.FORMULARY: RoleRow(
        "Formulary",
        "Formulary",
        frozenset({Permission.KEEP_CRITERIA, Permission.READ_EVIDENCE, Permission.READ_REPORTS}),
    ),
    Role.ADMINISTRATOR: RoleRow(
        "Administrator",
        "Administrators",
        frozenset({Permission.MANAGE_PEOPLE, Permission.READ_EVIDENCE, Permission.READ_REPORTS}),
    ),
}
"""In the order of a request's path."""

CLINICAL = frozenset({Role.PRESCRIBER, Role.PHARMACIST, Role.PHYSICIAN, Role.FORMULARY})
"""Roles that file, review, or keep the criteria: no administrator of a site holds one of them there."""

PERMISSIONS: dict[Permission, PermissionRow] = {
    Permission.FILE: PermissionRow(
        "file requests",
        "add, correct and merge patients, record a death; write, file, answer and withdraw requests of the own"
        " department; see the own share of approvals off criteria, and nobody else's",
    ),
    Permission.REVIEW: PermissionRow(
        "review as a pharmacist", "hold, note, ask, recommend, refer; approve alone where the route says so"
    ),
    Permission.REVIEW_AS_PHYSICIAN: PermissionRow(
        "review as a physician", "hold, note and ask at the physician's stage; approve and deny"
    ),
    Permission.AUDIT: PermissionRow(
        "audit",
        "read everything at the site, with the event log, the access log and the sign-ins; confirm people and print"
        " their letters; change nothing else",
    ),
    Permission.READ_EVIDENCE: PermissionRow("read the evidence", "read the criteria and the evidence behind them"),
    Permission.KEEP_CRITERIA: PermissionRow(
        "keep the criteria", "write, propose and sign versions of the site's criteria; never see a patient"
    ),
    Permission.MANAGE_PEOPLE: PermissionRow(
        "manage people",
        "invite people, give and end roles, close accounts; confirm whom others invited or reset; never see a patient",
    ),
    Permission.READ_REPORTS: PermissionRow(
        "read reports",
        "read the utilization report for circulation, which tells of no group below the site's limit of patients;"
        " auditors read it with every case",
    ),
    Permission.RECORD_INFUSIONS: PermissionRow(
        "record infusions",
        "record and correct the grams that were given by an authorization, import them from a file, and check whether"
        " an authorization is live",
    ),
}


def is_everybody(roles: Iterable[str]) -> bool:
    """Whether `roles` of one person at one site hold an administrator's together with a clinical one."""
    held = set(roles)
    return Role.ADMINISTRATOR in held and not CLINICAL.isdisjoint(held)


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """Every role that holds `permission`."""
    return tuple(role for role, row in ROLES.items() if permission in row.permissions)
