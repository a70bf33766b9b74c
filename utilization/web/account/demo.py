"""The people of the demo, whom the sign-in page offers at one click; they exist in demo mode only."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import yaml
from django.conf import settings

from utilization.rules.roles import ROLES

ROLE_ORDER = {role.value: row.heading for role, row in ROLES.items()}


@dataclass(frozen=True)
class DemoPerson:
    """One demo person as the sign-in page shows them."""

    username: str
    full_name: str
    title: str
    roles: tuple[str, ...]
    site: str
    department: str


def _person(row: Mapping[str, object]) -> DemoPerson:
    roles = row.get("roles") or row.get("role") or ()
    return DemoPerson(
        username=str(row["username"]),
        full_name=str(row["full_name"]),
        title=str(row.get("title") or ""),
        roles=(roles,) if isinstance(roles, str) else tuple(str(role) for role in roles),  # type: ignore[attr-defined]  # read from YAML
        site=str(row.get("site") or ""),
        department=str(row.get("department") or ""),
    )


@lru_cache(maxsize=1)
def demo_people() -> tuple[DemoPerson, ...]:
    """Return the people of `fixtures/demo/people.yaml`, in its order; none when the file is not there."""
    path = settings.FIXTURES_DIR / "demo" / "people.yaml"
    if not path.exists():
        return ()
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = content["people"] if isinstance(content, dict) else content
    return tuple(_person(row) for row in rows)


def demo_people_by_role() -> list[tuple[str, list[DemoPerson]]]:
    """Return the demo people under the heading of their first role, roles in the order of a request's path."""
    people = demo_people()
    headings = [*ROLE_ORDER, *sorted({p.roles[0] for p in people if p.roles} - set(ROLE_ORDER))]
    grouped = [
        (ROLE_ORDER.get(role, role.replace("_", " ").capitalize()), [p for p in people if p.roles[:1] == (role,)])
        for role in headings
    ]
    return [(heading, group) for heading, group in grouped if group]
