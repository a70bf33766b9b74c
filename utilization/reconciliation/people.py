"""People, their roles, sites, departments and prices, as the entries tell them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from utilization import digests
from utilization.reconciliation.comparison import NOT_COVERED, Expected, Row, RowComparison, vouched
from utilization.reconciliation.entries import ToldEntry
from utilization.rules.account_owner import AccountDeed
from utilization.rules.roles import Role

USER, MEMBERSHIP, SITE, DEPARTMENT, PRICE = (
    "utilization_user", "utilization_membership", "utilization_site", "utilization_department", "utilization_price",
)  # fmt: skip
ACCOUNT_ACT, CLOCK = "utilization_accountact", "utilization_clockversion"
_MADE = AccountDeed.MADE.value
_OF_PRICE = ("brand", "per_gram", "currency")


@dataclass(slots=True)
class PeopleReplay:
    """Follows all entries about people and sites. It holds some hundred bytes a person and a role."""

    rows: dict[str, dict[Any, dict[str, Any]]] = field(
        default_factory=lambda: {table: {} for table in (USER, MEMBERSHIP, SITE, DEPARTMENT, PRICE, ACCOUNT_ACT, CLOCK)}
    )
    told: dict[tuple[str, Any], ToldEntry] = field(default_factory=dict)
    roles: dict[tuple[Any, ...], int] = field(default_factory=lambda: defaultdict(int))
    acts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    told_by: dict[int, set[int | None]] = field(default_factory=lambda: defaultdict(set))
    bare_sites: set[int | None] = field(default_factory=set)

    def take(self, entry: ToldEntry) -> None:
        """Follow one entry. Raises one of `FAULTS` where it makes no sense."""
        if step := _STEPS.get(entry.type):
            step(self, entry)
        for kind in entry.data.get("account", ()):
            self._act(entry, entry.data["person" if "person" in entry.data else "administrator"], kind)

    def _act(self, entry: ToldEntry, person: int, kind: str) -> None:
        """Follow what was done to an account; each of the sites where its person works tells the same of it."""
        done = {"user_id": person, "kind": kind, "by_id": entry.actor, "at": entry.at}
        last = self.rows[ACCOUNT_ACT].get((person, self.acts[person]))
        # What a site tells for a second time was done for a second time.
        if last != done or entry.site_id in self.told_by[person]:
            self.acts[person] += 1
            self.told_by[person] = set()
            self._write(ACCOUNT_ACT, (person, self.acts[person]), entry, **done)
        self.told_by[person].add(entry.site_id)

    def _write(self, table: str, key: Any, entry: ToldEntry, **columns: Any) -> None:
        self.rows[table].setdefault(key, {}).update(columns)
        self.told[table, key] = entry

    def _founded(self, entry: ToldEntry) -> None:
        said = entry.data
        whole = {name: said.get(name, NOT_COVERED) for name in ("name", "address", "time_zone")}
        self._write(
            SITE, entry.site_id, entry, id=entry.site_id, code=entry.site, public_check=False, strong_roles=[], **whole
        )
        self._write(SITE, entry.site_id, entry, fewest_patients=11, report_year_starts=1, appeal_days=30)
        self._write(SITE, entry.site_id, entry, claim_hours=4, assigns_in_turn=False)
        if "departments" not in said:
            self.bare_sites.add(entry.site_id)
        for department in said.get("departments", ()):
            self._department(entry, department)
        self._person(entry, said["administrator"])
        self._begin(entry, said["administrator"], Role.ADMINISTRATOR.value, None)

    def _department(self, entry: ToldEntry, said: Mapping[str, Any] | None = None) -> None:
        said = said or entry.data
        key = said["department"]
        self._write(DEPARTMENT, key, entry, id=key, site_id=entry.site_id, name=said["name"])

    def _invited(self, entry: ToldEntry) -> None:
        said = entry.data
        self._person(entry, said["person"])
        self._begin(entry, said["person"], said["role"], said["department"])

    def _person(self, entry: ToldEntry, key: int) -> None:
        identity = vouched(entry.data.get("identity"), *digests.PERSON)
        rights = {"id": key, "is_active": True, "is_staff": False, "is_superuser": False}
        self._write(USER, key, entry, **rights, **dict.fromkeys(digests.PERSON, identity))

    def _begin(self, entry: ToldEntry, person: int, role: str, department: int | None) -> None:
        holding = (person, entry.site_id, role)
        self.roles[holding] += 1
        self._write(
            MEMBERSHIP, (*holding, self.roles[holding]), entry, user_id=person, site_id=entry.site_id, role=role,
            department_id=department, started_at=entry.at, ended_at=None, assigned_at=None,
        )  # fmt: skip

    def _end(self, entry: ToldEntry) -> None:
        holding = (entry.data["person"], entry.site_id, entry.data["role"])
        key = (*holding, self.roles[holding])
        if self.rows[MEMBERSHIP].get(key, {"ended_at": entry})["ended_at"] is None:
            self._write(MEMBERSHIP, key, entry, ended_at=entry.at)

    def _assigned(self, entry: ToldEntry) -> None:
        """Follow whose turn it was."""
        holding = (entry.data["holder"], entry.site_id, entry.data["role"])
        if self.roles[holding]:
            self._write(MEMBERSHIP, (*holding, self.roles[holding]), entry, assigned_at=entry.at)

    def _given(self, entry: ToldEntry) -> None:
        said = entry.data
        self._end(entry)
        self._begin(entry, said["person"], said["role"], said["department"]["new"])

    def _active(self, entry: ToldEntry) -> None:
        if entry.data["person"] in self.rows[USER]:
            self._write(USER, entry.data["person"], entry, is_active=entry.type == "person.reactivated")

    def _check(self, entry: ToldEntry) -> None:
        if entry.site_id in self.rows[SITE]:
            self._write(SITE, entry.site_id, entry, public_check=entry.type == "check.opened")

    def _signing_rule(self, entry: ToldEntry) -> None:
        if entry.site_id in self.rows[SITE]:
            self._write(SITE, entry.site_id, entry, strong_roles=entry.data["now"])

    def _appeal_days(self, entry: ToldEntry) -> None:
        if entry.site_id in self.rows[SITE]:
            self._write(SITE, entry.site_id, entry, appeal_days=entry.data["now"])

    def _site_settings(self, entry: ToldEntry) -> None:
        if entry.site_id in self.rows[SITE]:
            self._write(SITE, entry.site_id, entry, **entry.data["now"])

    def _price(self, entry: ToldEntry) -> None:
        said = entry.data
        columns = {"id": said["price"], "site_id": entry.site_id, "at": entry.at, "by_id": entry.actor}
        self._write(PRICE, said["price"], entry, **columns, **{name: said[name] for name in _OF_PRICE})

    def _clock(self, entry: ToldEntry) -> None:
        said = entry.data
        columns = {"id": said["clock"], "site_id": entry.site_id, "at": entry.at, "by_id": entry.actor}
        self._write(CLOCK, said["clock"], entry, **columns, since=said["since"], rules=said["rules"])

    def hold(self, comparison: RowComparison) -> None:
        """Hold the rows against what was told."""
        for table in (SITE, USER, PRICE, CLOCK):
            self._hold(comparison, table)
        # A department that was founded with its site stands in no entry of a version before.
        self._hold(comparison, DEPARTMENT, lambda row: row["site_id"] not in self.bare_sites)
        expected = self._expected(MEMBERSHIP)
        counted: dict[tuple[Any, ...], int] = defaultdict(int)
        for rows in comparison.portions(MEMBERSHIP):
            key = ("user_id", "site_id", "role", "nth")
            comparison.hold(MEMBERSHIP, key, expected, list(_numbered(rows, counted)))
        comparison.miss(MEMBERSHIP, expected)
        self._hold_acts(comparison)

    def _hold_acts(self, comparison: RowComparison) -> None:
        """Hold what was done to accounts. That one is older than this record stands in no entry; it comes first.

        Of an account whose making was told as an act nothing comes before that.
        """
        expected = self._expected(ACCOUNT_ACT)
        made = {person for person, nth in expected if nth == 1 and expected[person, nth].columns["kind"] == _MADE}
        counted: dict[int, int] = defaultdict(int)
        for rows in comparison.portions(ACCOUNT_ACT):
            for row in rows:
                first = counted[row["user_id"]] == 0 and row["user_id"] not in made
                if not first or row["kind"] != AccountDeed.BEFORE:
                    counted[row["user_id"]] += 1
                row["nth"] = counted[row["user_id"]]
            comparison.hold(ACCOUNT_ACT, ("user_id", "nth"), expected, rows, lambda row: row["nth"] > 0)
        comparison.miss(ACCOUNT_ACT, expected)

    def _hold(
        self, comparison: RowComparison, table: str, unknown: Callable[[Row], bool] = lambda row: True
    ) -> None:  # fmt: skip
        expected = self._expected(table)
        for rows in comparison.portions(table):
            comparison.hold(table, ("id",), expected, rows, unknown)
        comparison.miss(table, expected)

    def _expected(self, table: str) -> dict[Any, Expected]:
        return {
            key: Expected(columns, (entry := self.told[table, key]).seq, entry.site)
            for key, columns in self.rows[table].items()
        }


def _numbered(rows: Iterable[dict[str, Any]], counted: dict[tuple[Any, ...], int]) -> Iterable[dict[str, Any]]:
    """`rows` of roles, each with how many of its kind the person held up to it, by which its entry is found."""
    for row in rows:
        holding = (row["user_id"], row["site_id"], row["role"])
        counted[holding] += 1
        yield {**row, "nth": counted[holding]}


_STEPS: Mapping[str, Callable[[PeopleReplay, ToldEntry], None]] = {
    "site.founded": PeopleReplay._founded,
    "department.added": PeopleReplay._department,
    "person.invited": PeopleReplay._invited,
    "person.deactivated": PeopleReplay._active,
    "person.reactivated": PeopleReplay._active,
    "role.given": PeopleReplay._given,
    "role.ended": PeopleReplay._end,
    "check.opened": PeopleReplay._check,
    "check.closed": PeopleReplay._check,
    "price.entered": PeopleReplay._price,
    "site.clock": PeopleReplay._clock,
    "site.signing_rule": PeopleReplay._signing_rule,
    "site.appeal_days": PeopleReplay._appeal_days,
    "site.reports": PeopleReplay._site_settings,
    "site.claims": PeopleReplay._site_settings,
    "request.assigned": PeopleReplay._assigned,
}
