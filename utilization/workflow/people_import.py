"""A file of people who get accounts at once: all of them or nobody, with what is wrong told line by line.

Each is checked as an invitation is and written as one, with an entry each. Nobody is told a path for a password here:
where the site sends mail it goes to each person, else a letter is made for each when they come (decision 0092).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from utilization.models import Department, Site, User
from utilization.rules.csv_lines import UnreadableFile, shown
from utilization.rules.people_file import PersonLine, read_people_file
from utilization.rules.sign_in_names import sign_in_key
from utilization.workflow.new_account import Errors, NewPerson, checked_user, hold_names, keep_user, sign_in_keys
from utilization.workflow.people import lock_administrators, may_manage, note_invited, role_errors

_FORMULA = "This begins with “{}”, as a formula of a sheet does. Write the value itself."
_TWICE = (
    "Line {} has this {} too, or one that reads like it. A person stands in one line: give a second role on their page."
)
_HERE = "{} has this {} and works at {} already. Their roles are changed on their page."
_NO_DEPARTMENT = "{} has no department of this name. {}"
_NAMES = {"username": "username", "email": "e-mail address"}
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """A line with what is wrong in it, by column; without faults, the account that it makes and its first role."""

    line: PersonLine
    faults: Errors
    user: User
    department: Department | None


@dataclass(frozen=True, slots=True)
class PeopleReport:
    """What a file says: its lines, or why it cannot be read. `made` are the accounts, once they are made."""

    lines: tuple[CheckedLine, ...] = ()
    unreadable: str = ""
    made: tuple[User, ...] = ()

    @property
    def faulty(self) -> int:
        """How many lines have to be corrected."""
        return sum(bool(line.faults) for line in self.lines)

    @property
    def ready(self) -> bool:
        """Whether all of it can be made."""
        return bool(self.lines) and not self.faulty


@transaction.atomic
def check_people(content: bytes, *, by: User, site: Site) -> PeopleReport:
    """What a CSV file would make at `site`, and what is wrong in it; nothing is written.

    Raises Refused when `by` does not manage the people of `site`.
    """
    may_manage(by, site)
    return _report(content, site)


@transaction.atomic
def import_people(content: bytes, *, by: User, at: datetime, site: Site) -> PeopleReport:
    """Make the accounts of a CSV file at `site`, or none of them where anything is wrong.

    Raises Refused when `by` does not manage the people of `site`.
    """
    lock_administrators([site])
    may_manage(by, site)
    hold_names()
    report = _report(content, site)
    if not report.ready:
        return report
    for line in report.lines:
        keep_user(line.user)
        note_invited(line.user, by=by, at=at, site=site, role=line.line.role, department=line.department)
    return PeopleReport(report.lines, made=tuple(line.user for line in report.lines))


def _report(content: bytes, site: Site) -> PeopleReport:
    try:
        lines = read_people_file(content)
    except UnreadableFile as fault:
        return PeopleReport(unreadable=str(fault))
    keys, twice = sign_in_keys(), _twice(lines)
    rows = site.departments.select_related("closing").order_by("name")
    departments = {_spelt(department.name): department for department in rows}
    return PeopleReport(tuple(_checked(line, site, departments, keys, twice[line.number]) for line in lines))


def _checked(
    line: PersonLine, site: Site, departments: Mapping[str, Department], keys: set[str], twice: Errors
) -> CheckedLine:
    faults: Errors = {name: [_FORMULA.format(sign)] for name, sign in line.formulas.items()}
    department = departments.get(_spelt(line.cells["department"]))
    for field, sentences in role_errors(line.role, department, site).items():
        faults.setdefault(field, sentences)
    if line.cells["department"] and department is None and "department" not in line.formulas:
        faults["department"] = [_NO_DEPARTMENT.format(site.name, _those_there(departments.values()))]
    person = NewPerson(**{name: line.cells[name] for name in NewPerson.__dataclass_fields__})
    user = checked_user(person, faults, keys)
    for field in _NAMES:
        if field in faults and (fault := _works_here(line.cells[field], field, site)):
            faults[field] = [fault]
    return CheckedLine(line, {**twice, **faults}, user, department)


def _spelt(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _twice(lines: Sequence[PersonLine]) -> dict[int, Errors]:
    """By number of a line, the names in it by which another line signs in too."""
    held: dict[str, dict[int, None]] = defaultdict(dict)
    for line in lines:
        for field in _NAMES:
            held[sign_in_key(line.cells[field])].setdefault(line.number)
    faults: dict[int, Errors] = defaultdict(dict)
    for line in lines:
        for field, word in _NAMES.items():
            key = sign_in_key(line.cells[field])
            if key and (others := [number for number in held[key] if number != line.number]):
                faults[line.number][field] = [_TWICE.format(others[0], word)]
    return faults


def _works_here(name: str, field: str, site: Site) -> str:
    """That somebody of `site` has this name already, in words; empty where it is nobody of theirs."""
    users = User.objects.filter(memberships__site=site, memberships__ended_at=None)
    person = users.filter(**{f"{field}__iexact": name}).first() if name else None
    return _HERE.format(person.full_name, _NAMES[field], site.name) if person else ""


def _those_there(departments: Iterable[Department]) -> str:
    names = [shown(department.name, 120) for department in departments if not hasattr(department, "closing")]
    if not names:
        return "There is none yet: add it first."
    more = len(names) - _MOST_NAMED
    return f"There are: {', '.join(names[:_MOST_NAMED])}{f' and {more} more' if more > 0 else ''}."
