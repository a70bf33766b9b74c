"""People, their roles, sites, departments and prices, as the entries tell them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from utilization import digests
from utilization.reconciliation.attachments import file_of
from utilization.reconciliation.comparison import NOT_COVERED, Expected, Row, RowComparison, vouched
from utilization.reconciliation.entries import ToldEntry
from utilization.rules.account_owner import AccountDeed
from utilization.rules.roles import Role

USER, MEMBERSHIP, SITE, DEPARTMENT, PRICE = (
    "utilization_user", "utilization_membership", "utilization_site", "utilization_department", "utilization_price",
)  # fmt: skip
ACCOUNT_ACT, CLOCK, FIELD = "utilization_accountact", "utilization_clockversion", "utilization_heldspecialty"
ABSENCE, UNCOVERED, CLOSED = "utilization_absence", "utilization_uncoveredday", "utilization_closeddepartment"
LOGO = "utilization_sitelogo"
_TABLES = (USER, MEMBERSHIP, SITE, DEPARTMENT, PRICE, ACCOUNT_ACT, CLOCK, FIELD, ABSENCE, UNCOVERED, CLOSED, LOGO)
_MADE = AccountDeed.MADE.value
_OF_PRICE = ("brand", "per_gram", "currency")


@dataclass(slots=True)
class PeopleReplay:
    """Follows all entries about people and sites. It holds some hundred bytes a person and a role."""

    rows: dict[str, dict[Any, dict[str, Any]]] = field(default_factory=lambda: {table: {} for table in _TABLES})
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
        self._write(SITE, entry.site_id, entry, on_call_name="", on_call_phone="")
        self._write(SITE, entry.site_id, entry, review_after_hours=24, confirm_order_hours=24)
        self._write(SITE, entry.site_id, entry, mail_from_name="", mail_reply_to="", usual_product="")
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

    def _renamed(self, entry: ToldEntry) -> None:
        if (key := entry.data["department"]) in self.rows[DEPARTMENT]:
            self._write(DEPARTMENT, key, entry, name=entry.data["now"])

    def _closed(self, entry: ToldEntry) -> None:
        key = entry.data["department"]
        self._write(CLOSED, key, entry, department_id=key, at=entry.at, by_id=entry.actor)

    def _reopened(self, entry: ToldEntry) -> None:
        del self.rows[CLOSED][entry.data["department"]]

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

    def _restored(self, entry: ToldEntry) -> None:
        """Follow an administrator made by command: a new account, or one that may hold the role already."""
        said = entry.data
        if said["made"]:
            self._person(entry, said["person"])
        if said["given"]:
            self._begin(entry, said["person"], said["role"], None)

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

    def _logo(self, entry: ToldEntry) -> None:
        now = entry.data["now"]
        self.rows[LOGO].pop(entry.site_id, None)
        if now:
            columns = {"site_id": entry.site_id, "at": entry.at, "by_id": entry.actor, **now}
            self._write(LOGO, entry.site_id, entry, **columns, content=file_of(now["sha256"]))

    def _price(self, entry: ToldEntry) -> None:
        said = entry.data
        columns = {"id": said["price"], "site_id": entry.site_id, "at": entry.at, "by_id": entry.actor}
        self._write(PRICE, said["price"], entry, **columns, **{name: said[name] for name in _OF_PRICE})

    def _clock(self, entry: ToldEntry) -> None:
        said = entry.data
        columns = {"id": said["clock"], "site_id": entry.site_id, "at": entry.at, "by_id": entry.actor}
        self._write(CLOCK, said["clock"], entry, **columns, since=said["since"], rules=said["rules"])

    def _specialties(self, entry: ToldEntry) -> None:
        said, began = entry.data, {"site_id": entry.site_id, "started_at": entry.at, "ended_at": None}
        for code, key in said["given"].items():
            self._write(FIELD, key, entry, id=key, user_id=said["person"], specialty=code, **began)
        for key in said["ended"].values():
            self._write(FIELD, key, entry, ended_at=entry.at)

    def _absent(self, entry: ToldEntry) -> None:
        said, key = entry.data, entry.data["absence"]
        self._write(
            ABSENCE, key, entry, id=key, site_id=entry.site_id, person_id=said["person"], cover_id=said["cover"],
            first_day=said["first_day"], last_day=said["last_day"], entered_at=entry.at, entered_by_id=entry.actor,
            begins_at=datetime.fromisoformat(said["begins_at"]), ends_at=datetime.fromisoformat(said["ends_at"]),
            ended_at=None, ended_by_id=None,
        )  # fmt: skip

    def _back(self, entry: ToldEntry) -> None:
        ends_at = datetime.fromisoformat(entry.data["ends_at"])
        self._write(ABSENCE, entry.data["absence"], entry, ends_at=ends_at, ended_at=entry.at, ended_by_id=entry.actor)

    def _uncovered(self, entry: ToldEntry) -> None:
        said, key = entry.data, entry.data["uncovered"]
        columns = {"id": key, "site_id": entry.site_id, "role": said["role"], "day": said["day"], "at": entry.at}
        self._write(UNCOVERED, key, entry, **columns)

    def hold(self, comparison: RowComparison) -> None:
        """Hold the rows against what was told."""
        for table in (SITE, USER, PRICE, CLOCK, FIELD, ABSENCE, UNCOVERED):
            self._hold(comparison, table)
        # A department that was founded with its site stands in no entry of a version before.
        self._hold(comparison, DEPARTMENT, lambda row: row["site_id"] not in self.bare_sites)
        self._hold(comparison, CLOSED, by="department_id")
        self._hold(comparison, LOGO, by="site_id")
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
        self, comparison: RowComparison, table: str, unknown: Callable[[Row], bool] = lambda row: True, by: str = "id"
    ) -> None:  # fmt: skip
        expected = self._expected(table)
        for rows in comparison.portions(table):
            comparison.hold(table, (by,), expected, rows, unknown)
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
    "department.renamed": PeopleReplay._renamed,
    "department.closed": PeopleReplay._closed,
    "department.reopened": PeopleReplay._reopened,
    "person.invited": PeopleReplay._invited,
    "person.deactivated": PeopleReplay._active,
    "person.reactivated": PeopleReplay._active,
    "person.specialties": PeopleReplay._specialties,
    "role.given": PeopleReplay._given,
    "role.ended": PeopleReplay._end,
    "administrator.restored": PeopleReplay._restored,
    "check.opened": PeopleReplay._check,
    "check.closed": PeopleReplay._check,
    "price.entered": PeopleReplay._price,
    "site.clock": PeopleReplay._clock,
    "site.signing_rule": PeopleReplay._signing_rule,
    "site.appeal_days": PeopleReplay._appeal_days,
    "site.reports": PeopleReplay._site_settings,
    "site.claims": PeopleReplay._site_settings,
    "site.emergencies": PeopleReplay._site_settings,
    "site.hospital": PeopleReplay._site_settings,
    "site.mail_sender": PeopleReplay._site_settings,
    "site.usual_product": PeopleReplay._site_settings,
    "site.logo": PeopleReplay._logo,
    "request.assigned": PeopleReplay._assigned,
    "absence.entered": PeopleReplay._absent,
    "absence.ended": PeopleReplay._back,
    "queue.uncovered": PeopleReplay._uncovered,
}
