"""Somebody who has reports for circulation, all their numbers, a pencil, and time; and the truth, to see what they got.

It reads published values alone, says of each number which rows it is about, and then subtracts: parts from wholes, all
shown rows from their total, one report from another, and sums made of means and shares. It shares nothing with the
guard. `leaks` names every group of 1 to `limit` - 1 patients about whom a number came out.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import combinations, product
from typing import Any, NamedTuple

OTHER = "(other)"
MOST_CELLS = 60
"""Cells of a table of two or three attributes that are looked at; months by department are not."""
COUNTS = ("decided", "filed", "withdrawn", "due", "people", "live", "ended")
"""What is counted; the others are sums of milligrams or seconds."""
Conditions = frozenset  # of (attribute, frozenset of values)


class Said(NamedTuple):
    """A number that was published: of which kind of row, in which year, under which conditions."""

    measure: str
    year: str
    conditions: frozenset
    value: Any


# What is true of the rows, reckoned in the plainest way -------------------------------------------------------------


def band(years: int | None) -> str:
    if years is None:
        return "unknown"
    return (
        "0-17" if years < 18 else "18-39" if years < 40 else "40-64" if years < 65 else "65-79" if years < 80 else "80+"
    )


def kilograms(grams: int | None) -> str:
    if grams is None:
        return "unknown"
    for top, name in ((40, "0-39"), (60, "40-59"), (80, "60-79"), (100, "80-99")):
        if grams < top * 1000:
            return name
    return "100+"


def three(truth: bool | None) -> str:
    return {None: "unknown", True: "yes", False: "no"}[truth]


def due_days(row: Any) -> list[date]:
    start, end = date.fromisoformat(row.valid_from), date.fromisoformat(row.valid_to)
    days = [start]
    if row.interval_tenths:
        days = [start + timedelta(days=(n * row.interval_tenths * 7) // 10) for n in range(row.courses)]
    return [day for day in days if day <= end and not (row.voided_on and day.isoformat() >= row.voided_on)]


def common(row: Any) -> dict[str, str]:
    return {
        "department": row.department,
        "indication": row.indication,
        "kind": row.kind,
        "age": band(row.age_years),
    }


class Truth:
    """Every row that a number may be about: (patient, attributes, amounts) by measure and year."""

    def __init__(self, rows: Any):
        self.rows = rows
        self.known: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
        self.masks: dict[tuple[str, str, frozenset], int] = {}
        self.unmet: dict[int, set[str]] = defaultdict(set)
        for line in rows.unmet:
            self.unmet[line.request].add(line.criterion)
        self.given = {(line.request, line.month[:4]) for line in rows.given}

    def of(self, measure: str, year: str) -> list[tuple[int, dict[str, str]]]:
        if (measure, year) not in self.known:
            self.known[measure, year] = list(getattr(self, f"_{measure}")(year))
        return self.known[measure, year]

    def mask(self, measure: str, year: str, conditions: frozenset) -> int:
        """The rows under `conditions`, as bits."""
        key = measure, year, conditions
        if key not in self.masks:
            self.masks[key] = sum(
                1 << place
                for place, (_, facts) in enumerate(self.of(measure, year))
                if all(facts[name] in values for name, values in conditions)
            )
        return self.masks[key]

    def patients(self, measure: str, year: str, mask: int) -> int:
        rows = self.of(measure, year)
        return len({rows[place][0] for place in range(len(rows)) if mask >> place & 1})

    def _request(self, row: Any, moment: str) -> dict[str, str]:
        urgency = "emergency" if row.emergency else "expedited" if row.expedited else "standard"
        facts = common(row) | {
            "month": moment[:7],
            "choice": row.choice,
            "off": "no" if row.outcome_decided == "meets" else "yes",
            "outcome": row.outcome_decided,
            "ceiling": three(row.over_ceiling_asked),
            "ceiling_allowed": three(row.over_ceiling_allowed),
            "response": three(row.response_documented),
            "objective": three(row.objective_measure),
            "silent": "no" if row.response_documented else "yes",
            "said": row.response or "not_stated",
            "against": three(row.overridden) if row.recommendation else "unknown",
            "changed": three(row.order_changed),
            "weight_used": row.weight_used or "unknown",
            "obesity": three(row.actual_weight_in_obesity),
            "urgency": urgency,
            "late": three(row.late),
            "clocked": "no" if row.clock_seconds is None else "yes",
            "overturned": "yes" if row.appeal == "overturned" else "no",
            "pack": row.pack,
            "reason": row.reason_code,
            "questions": str(row.questions) if row.questions < 3 else "3+",
            "acknowledged": str(row.warnings_acknowledged) if row.warnings_acknowledged < 3 else "3+",
            "grams": three(row.grams_known),
            "height": three(row.height_known),
            "weight": three(row.weight_known),
            "listed": three(row.listed),
            "allowed_known": "no" if row.allowed_mg is None else "yes",
            "recorded": "no" if row.form_questions is None else "yes",
            "some prefilled": "yes" if row.form_prefilled else "no",
            "some changed": "yes" if row.form_changed else "no",
        }
        changed = 0 if row.asked_mg is None or row.allowed_mg is None else row.asked_mg - row.allowed_mg
        facts["by_change"] = "yes" if changed else "no"
        facts["by_refusal"] = "yes" if row.asked_mg else "no"
        dose, actual, dosing = row.mg_per_kg_asked, row.actual_weight_g, row.dosing_weight_g
        saved = None not in (dose, actual, dosing) and dose * (actual - dosing) // 1000
        facts["by_weight"] = "yes" if saved else "no"
        for criterion in ("age", "trial", "dose", "duration"):
            facts[f"unmet {criterion}"] = "yes" if criterion in self.unmet[row.request] else "no"
        return facts

    def _decided(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        for row in self.rows.requests:
            if row.decided_on[:4] == year:
                yield row.patient, self._request(row, row.decided_on)

    _seconds = _allowed_mg = _decided

    def _filed(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        for row in self.rows.requests:
            if row.filed_on[:4] == year:
                facts = self._request(row, row.filed_on)
                facts["emergency"] = "yes" if row.emergency else "no"
                facts["reviewed"] = "yes" if row.decided_on and row.decided_on[:4] <= year else "no"
                yield row.patient, facts

    _form_questions = _form_prefilled = _form_changed = _filed

    def _withdrawn(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        for row in self.rows.requests:
            if row.ended_on[:4] == year and not row.choice:
                yield row.patient, common(row)

    def _due(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        for row in self.rows.authorizations:
            if any(day.year == int(year) for day in due_days(row)):
                known = "no" if row.course_mg is None else "yes"
                facts = {"product": row.product or "unknown", "weight": kilograms(row.dosing_weight_g), "known": known}
                facts["dose recorded"] = "yes" if (row.request, year) in self.given else "no"
                yield row.patient, common(row) | facts

    _due_mg = _due

    def _given_mg(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        for row in self.rows.authorizations:
            if (row.request, year) in self.given:
                yield row.patient, common(row)

    def _due_by_month(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        for row in self.rows.authorizations:
            for month in {day.isoformat()[:7] for day in due_days(row) if day.year == int(year)}:
                if row.course_mg is not None:
                    yield row.patient, common(row) | {"month": month}

    def _people(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        sums: dict[int, dict[str, dict[str, list[int]]]] = defaultdict(lambda: defaultdict(dict))
        total: dict[int, int] = defaultdict(int)
        new: set[int] = set()
        for row in self.rows.authorizations:
            days = [day for day in due_days(row) if day.year == int(year)]
            if not days:
                continue
            total[row.patient] += (row.course_mg or 0) * len(days)
            facts = common(row) | {"product": row.product or "unknown", "weight": kilograms(row.dosing_weight_g)}
            for name, value in facts.items():
                held = sums[row.patient][name].setdefault(value, [0, 0])
                held[0] += (row.course_mg or 0) * len(days)
                held[1] += len(days)
            before = any(
                (earlier.patient, earlier.indication) == (row.patient, row.indication)
                and earlier.valid_from < f"{year}-01-01"
                and earlier.valid_to >= f"{int(year) - 1}-01-01"
                for earlier in self.rows.authorizations
            )
            if row.valid_from[:4] == year and not before:
                new.add(row.patient)
        ranked = sorted(total, key=lambda patient: -total[patient])
        for patient, names in sums.items():
            facts = {
                name: min(values, key=lambda value: (-values[value][0], -values[value][1], value))
                for name, values in names.items()
            }
            yield patient, facts | {"new": "yes" if patient in new else "no", "rank": ranked.index(patient)}  # type: ignore[dict-item]

    def _live(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        end = f"{year}-12-31"
        for row in self.rows.authorizations:
            if row.valid_from <= end <= row.valid_to and not ("" < row.voided_on <= end):
                filed = any(
                    (request.patient, request.indication) == (row.patient, row.indication)
                    and row.valid_from < request.filed_on <= end
                    for request in self.rows.requests
                )
                late = row.review_by < end and not filed
                yield row.patient, common(row) | {"overdue": "yes" if late else "no"}

    def _ended(self, year: str) -> Iterator[tuple[int, dict[str, str]]]:
        for row in self.rows.authorizations:
            if min(row.valid_to, row.voided_on or row.valid_to)[:4] == year:
                yield row.patient, common(row)


# What the reports say -----------------------------------------------------------------------------------------------


class Reader:
    """Reads the numbers out of one published report."""

    def __init__(self, value: Mapping[str, Any], truth: Truth):
        self.value, self.truth, self.said = value, truth, set[Said]()
        self.halves: set[tuple[str, int, frozenset, str, str]] = set()
        self.filter = {part["name"]: {part["key"]} for part in value["filter"]}

    def all(self) -> set[Said]:
        for moment, year in (("now", self.value["period"]["first"][:4]), ("before", self.value["before"]["first"][:4])):
            for tile in self.value["tiles"]:
                self._tile(tile, moment, year)
        for section in self.value["sections"]:
            for table in section["tables"]:
                getattr(self, f"_{table['id']}", self._nothing)(table)
        return self.said

    @property
    def year(self) -> str:
        return self.value["period"]["first"][:4]

    def note(self, measure: str, value: Any, year: str = "", **conditions: Any) -> None:
        if value is None:
            return
        self.said.add(Said(measure, year or self.year, self.held(conditions), value))

    def held(self, conditions: Mapping[str, Any]) -> frozenset:
        """`conditions` within the filter of the report."""
        wanted = {name: {one} if isinstance(one, str) else set(one) for name, one in conditions.items()}
        both = {name: wanted.get(name, values) & values for name, values in self.filter.items()}
        return frozenset((name, frozenset(values)) for name, values in {**wanted, **both}.items())

    def share(self, cell: Mapping[str, Any], measure: str, name: str, year: str = "", **under: Any) -> None:
        """`n` are those of whom `name` is yes; `of` are all, or those of whom it is known: whichever is right."""
        if "of" not in cell:
            return
        self.note(measure, cell["n"], year, **under, **{name: "yes"})
        self.whole(cell, measure, name, year, **under)

    def whole(self, cell: Mapping[str, Any], measure: str, name: str, year: str, **under: Any) -> None:
        everybody = self.truth.mask(measure, year or self.year, self.held(under)).bit_count()
        known = {} if everybody == cell["of"] else {name: {"yes", "no"}}
        self.note(measure, cell["of"], year, **under, **known)

    def _nothing(self, table: Mapping[str, Any]) -> None:
        assert table["id"] in ("packs", "off_by_prescriber"), table["id"]

    def _tile(self, tile: Mapping[str, Any], moment: str, year: str) -> None:
        cell, words = tile[moment], tile["said"] if moment == "now" else ""
        match tile["id"]:
            case "patients":
                self.note("people", cell.get("n"), year)
                if found := re.match(r"(\d+) new", words):
                    self.note("people", int(found[1]), year, new="yes")
            case "grams":
                self.note("due_mg", cell.get("g"), year, known="yes")
                if found := re.match(r"grams known for (\d+) of (\d+)", words):
                    self.note("due", int(found[1]), year, known="yes")
                    self.note("due", int(found[2]), year)
            case "hours" if found := re.match(r"(\d+) decided", words):
                self.note("decided", int(found[1]), year)
            case "off_criteria":
                self.share(cell, "decided", "off", year, choice="approve")
            case "ceiling":
                self.share(cell, "decided", "ceiling", year)
            case "response":
                self.share(cell, "decided", "response", year, kind="renewal")
            case "unknown_grams" if "of" in cell:
                self.note("due", cell["n"], year, known="no")
                self.note("due", cell["of"], year)

    def _lines(self, table: Mapping[str, Any], everything: Iterable[str]) -> Iterator[tuple[set[str], list[Any]]]:
        """Each row with the groups that it stands for: what is called other is what has no row."""
        keys = {row["key"] for row in table["rows"]}
        for row in table["rows"]:
            yield ({row["key"]} if row["key"] != OTHER else set(everything) - keys), row["cells"]

    def _codes(self, measure: str, name: str) -> set[str]:
        return {facts[name] for _, facts in self.truth.of(measure, self.year)}

    def _use(self, table: Mapping[str, Any]) -> None:
        name = table["id"].removeprefix("use_by_")
        everything = self._codes("due", name) | self._codes("people", name)
        if name not in ("product", "weight"):
            everything |= self._codes("filed", name) | self._codes("decided", name)
        for line, cells in self._lines(table, everything):
            self.note("people", cells[0].get("n"), **{name: line})
            self.note("people", cells[1].get("n"), **{name: line}, new="yes")
            self.note("due", cells[2].get("n"), **{name: line})
            self.note("due_mg", cells[3].get("g", cells[4].get("percent")), **{name: line}, known="yes")

    _use_by_indication = _use_by_department = _use_by_age = _use_by_kind = _use_by_product = _use_by_weight = _use

    def _given(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            year = self.value["period" if row["key"] == "now" else "before"]["first"][:4]
            self._of_given(row["cells"], year)

    def _given_by_indication(self, table: Mapping[str, Any]) -> None:
        everything = set.union(*(self._codes(of, "indication") for of in ("due", "people", "filed", "decided")))
        for line, cells in self._lines(table, everything):
            self._of_given(cells, self.year, indication=line)

    def _of_given(self, cells: list[Any], year: str, **under: Any) -> None:
        self.note("due_mg", cells[0].get("g"), year, **under, known="yes")
        self.note("given_mg", cells[1].get("g") or None, year, **under)
        if "of" in cells[2]:
            self.note("due", cells[2]["n"], year, **under, **{"dose recorded": "yes"})
            self.note("due", cells[2]["of"], year, **under)

    def _outcome_by_decision(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            for choice, cell in zip(("approve", "deny"), row["cells"], strict=True):
                outcome = {} if row["key"] == "total" else {"outcome": row["key"]}
                if choice == "approve" and outcome:
                    outcome["off"] = "no" if row["key"] == "meets" else "yes"
                self.note("decided", cell.get("n"), choice=choice, **outcome)

    def _off_criteria(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            year = self.value["period" if row["key"] == "now" else "before"]["first"][:4]
            self.share(row["cells"][0], "decided", "off", year, choice="approve")
            mg, percent = row["cells"][1].get("g"), row["cells"][2].get("percent")
            self.note("allowed_mg", mg, year, choice="approve", off="yes", allowed_known="yes")
            if mg is not None and percent:
                self.note("allowed_mg", mg * 100 / percent, year, choice="approve", allowed_known="yes")

    def _agreement(self, table: Mapping[str, Any]) -> None:
        self.share(table["rows"][0]["cells"][0], "decided", "against")
        self.share(table["rows"][1]["cells"][0], "decided", "changed", choice="approve")

    def _unmet(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            name = f"unmet {row['key']}"
            self.share(row["cells"][0], "decided", name)
            if "of" in row["cells"][1]:
                self.note("decided", row["cells"][1]["n"], choice="approve", **{name: "yes"})

    def _ceiling(self, table: Mapping[str, Any]) -> None:
        everything = self._codes("decided", "indication") | self._codes("filed", "indication")
        everything |= self._codes("due", "indication")
        for line, cells in self._lines(table, everything):
            self.share(cells[0], "decided", "ceiling", indication=line)
            self.share(cells[1], "decided", "ceiling_allowed", indication=line, choice="approve")

    def _avoided(self, table: Mapping[str, Any]) -> None:
        for row, choice in zip(table["rows"], ("approve", "approve", "deny"), strict=True):
            names = {"weight": "by_weight", "reviewer": "by_change", "refusal": "by_refusal"}
            self.note("allowed_mg", row["cells"][0].get("g") or None, choice=choice, **{names[row["key"]]: "yes"})

    def _parts(self, table: Mapping[str, Any], name: str, **under: Any) -> None:
        # Of a narrowed report what is other is what is other of the whole; that it has no row here is not enough.
        if self.filter and any(row["key"] == OTHER for row in table["rows"]):
            rows = [row for row in table["rows"] if row["key"] != OTHER]
            table = {"rows": rows}
        for line, cells in self._lines(table, self._codes("decided", name)):
            self.note("decided", cells[0].get("n"), **under, **{name: line})
            self.note("decided", cells[0].get("of"), **under)

    def _weight_used(self, table: Mapping[str, Any]) -> None:
        self._parts(table, "weight_used")

    def _reasons(self, table: Mapping[str, Any]) -> None:
        self._parts(table, "reason", choice="deny")

    def _questions(self, table: Mapping[str, Any]) -> None:
        self._parts(table, "questions")

    def _warnings(self, table: Mapping[str, Any]) -> None:
        self._parts(table, "acknowledged")

    def _response(self, table: Mapping[str, Any]) -> None:
        self._parts(table, "said", kind="renewal")

    def _obesity(self, table: Mapping[str, Any]) -> None:
        self.share(table["rows"][0]["cells"][0], "decided", "obesity")

    def _metrics(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            year = self.value["period" if row["key"] == "now" else "before"]["first"][:4]
            filed, decided, approved, denied, withdrawn, overturned = row["cells"]
            self.note("filed", filed.get("n"), year)
            self.note("decided", decided.get("n"), year)
            self.note("decided", approved.get("n"), year, choice="approve")
            self.note("decided", denied.get("n"), year, choice="deny")
            self.note("withdrawn", withdrawn.get("n"), year)
            self.share(overturned, "decided", "overturned", year, choice="deny")

    def _times(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            under = {} if row["key"] == "all" else {"urgency": row["key"]}
            count, average, median, late, _, in_time = row["cells"]
            self.note("decided", count.get("n"), **under)
            self.note("seconds", average.get("h"), **under, clocked="yes")
            for cell, percent in ((median, 50), (late, 90)):
                if "h" in cell:
                    self._centile(percent, **under)
            if "of" in in_time:
                self.note("decided", in_time["n"], **under, late="no")
                self.whole(in_time, "decided", "late", "", **under)

    def _centile(self, percent: int, **under: Any) -> None:
        self.halves.add((self.year, percent, self.held(under), "decided_on", "clock_seconds"))

    def _form(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            year = self.value["period" if row["key"] == "now" else "before"]["first"][:4]
            count, asked, prefilled, changed, median, late = row["cells"]
            self.note("filed", count.get("n"), year, recorded="yes")
            self.note("form_questions", asked.get("each"), year, recorded="yes")
            # Nothing at all is a sum of everybody; anything else is one of those who had some.
            self.note("form_prefilled", prefilled.get("percent") or None, year, **{"some prefilled": "yes"})
            self.note("form_changed", changed.get("percent") or None, year, **{"some changed": "yes"})
            for cell, percent in ((median, 50), (late, 90)):
                if "min" in cell:
                    self.halves.add((year, percent, self.held({"recorded": "yes"}), "filed_on", "form_seconds"))

    def _scorecard(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            approved, denied, overturned, *times = row["cells"]
            self.share(overturned, "decided", "overturned", pack=row["key"], choice="deny")
            self.note("decided", approved.get("n"), pack=row["key"], choice="approve")
            self.note("decided", denied.get("n"), pack=row["key"], choice="deny")
            self.note("decided", denied.get("of"), pack=row["key"])
            for cell, code in ((times[0], "standard"), (times[2], "expedited"), (times[4], "emergency")):
                self.note("seconds", cell.get("h"), pack=row["key"], urgency=code, clocked="yes")

    def _emergencies(self, table: Mapping[str, Any]) -> None:
        self.share(table["rows"][0]["cells"][0], "filed", "reviewed", emergency="yes")

    def _renewals(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            year = self.value["period" if row["key"] == "now" else "before"]["first"][:4]
            self.note("filed", row["cells"][0].get("n"), year, kind="renewal")
            self.note("ended", row["cells"][1].get("n"), year)
            self.share(row["cells"][2], "decided", "response", year, kind="renewal")
            self.share(row["cells"][3], "decided", "objective", year, kind="renewal")

    def _overdue(self, table: Mapping[str, Any]) -> None:
        self.share(table["rows"][0]["cells"][0], "live", "overdue")

    def _concentration(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"] if not self.filter else ():
            if "n" in row["cells"][0]:
                top = set(range(row["cells"][0]["n"]))
                self.said.add(Said("people", self.year, frozenset({("rank", frozenset(top))}), row["cells"][0]["n"]))

    def _off_by_department(self, table: Mapping[str, Any]) -> None:
        everything = set.union(*(self._codes(measure, "department") for measure in ("decided", "filed", "due")))
        for line, cells in self._lines(table, everything):
            self.share(cells[0], "decided", "off", department=line, choice="approve")

    def _gaps(self, table: Mapping[str, Any]) -> None:
        for row in table["rows"]:
            name = row["key"]
            if name == "renewal_facts":
                self.share(row["cells"][0], "decided", "silent", kind="renewal")
            elif "of" in row["cells"][0]:
                self.note("decided", row["cells"][0]["n"], **{name: "no"})
                self.whole(row["cells"][0], "decided", name, "")

    def _by_month(self, table: Mapping[str, Any], measure: str, **under: Any) -> None:
        keys = [row["key"] for row in table["rows"]]
        length = 1 if len(keys) == 24 else 3
        for row in table["rows"]:
            year, month = row["key"].split("-")
            months = {f"{year}-{int(month) + place:02}" for place in range(length)}
            cell = row["cells"][0]
            self.note(measure, cell.get("g", cell.get("n")), year, month=months, **under)
            if "of" in cell:
                self.note(measure, cell["of"], year, month=months, choice="approve")

    def _grams_by_month(self, table: Mapping[str, Any]) -> None:
        self._by_month(table, "due_by_month")

    def _filed_by_month(self, table: Mapping[str, Any]) -> None:
        self._by_month(table, "filed")

    def _off_by_month(self, table: Mapping[str, Any]) -> None:
        self._by_month(table, "decided", choice="approve", off="yes")


# What comes out of it -----------------------------------------------------------------------------------------------


def narrower(part: frozenset, whole: frozenset) -> bool:
    """Whether everything under `part` is under `whole`, by the conditions alone."""
    held = dict(part)
    return all(name in held and held[name] <= values for name, values in whole)


def apart(one: frozenset, other: frozenset) -> bool:
    """Whether nothing can be under both: by a condition, or since what meets the criteria misses none of them."""
    first, second = dict(one), dict(other)
    if any(not first[name] & second[name] for name in first.keys() & second.keys()):
        return True
    meets = first.get("off") == {"no"}, second.get("off") == {"no"}
    misses = any(name.startswith("unmet") for name in first), any(name.startswith("unmet") for name in second)
    return (meets[0] and misses[1]) or (meets[1] and misses[0])


def one_narrowed(part: frozenset, whole: frozenset) -> str:
    """The attribute by which alone `part` is narrower than `whole`; empty where it is not one."""
    names = {name for name, _ in part ^ whole}
    return next(iter(names)) if len(names) == 1 and narrower(part, whole) and part != whole else ""


class Attack:
    """What can be worked out from `values`, which may be of several reports, against the `truth`."""

    def __init__(self, values: Iterable[Mapping[str, Any]], truth: Truth, limit: int):
        self.truth, self.limit, self.found = truth, limit, set[str]()
        readers = [Reader(value, truth) for value in values]
        self.said = set().union(*(reader.all() for reader in readers))
        self.halves = set().union(*(reader.halves for reader in readers))

    def leaks(self) -> set[str]:
        groups: dict[tuple[str, str], dict[frozenset, Any]] = defaultdict(dict)
        for said in self.said:
            groups[said.measure, said.year].setdefault(said.conditions, said.value)
        for (measure, year), known in groups.items():
            self._direct(measure, year, known)
            self._subtracted(measure, year, known)
            self._rest_of_rows(measure, year, known)
            self._overlaps(measure, year, known)
            self._bounds(measure, year, known)
        self._split_by_centiles()
        return self.found

    def _judge(self, measure: str, year: str, mask: int, how: str) -> None:
        # Somebody with twenty requests each is not in these sites.
        if 0 < mask.bit_count() < 20 * self.limit:
            patients = self.truth.patients(measure, year, mask)
            if 0 < patients < self.limit:
                self.found.add(f"{measure} {year}: {patients} patients, {how}")

    def _mask(self, measure: str, year: str, conditions: frozenset) -> int:
        return self.truth.mask(measure, year, conditions)

    def _direct(self, measure: str, year: str, known: Mapping[frozenset, Any]) -> None:
        for conditions in known:
            self._judge(measure, year, self._mask(measure, year, conditions), f"shown: {told(conditions)}")

    def _subtracted(self, measure: str, year: str, known: Mapping[frozenset, Any]) -> None:
        """A part from its whole, and a second part from what is left where the two have nothing in common."""
        masks = {conditions: self._mask(measure, year, conditions) for conditions in known}
        for whole in known:
            parts = [part for part in known if part != whole and narrower(part, whole)]
            for part in parts:
                self._judge(measure, year, masks[whole] & ~masks[part], f"{told(whole)} less {told(part)}")
            for one, other in combinations(parts, 2):
                if apart(one, other):
                    left = masks[whole] & ~masks[one] & ~masks[other]
                    self._judge(measure, year, left, f"{told(whole)} less {told(one)} less {told(other)}")

    def _rest_of_rows(self, measure: str, year: str, known: Mapping[frozenset, Any]) -> None:
        """All shown rows of a table from their total, whichever reports the rows stand in."""
        for whole in known:
            tables: dict[str, list[frozenset]] = defaultdict(list)
            for part in known:
                if name := one_narrowed(part, whole):
                    tables[name].append(part)
            for name, parts in tables.items():
                left, taken = self._mask(measure, year, whole), 0
                for part in sorted(parts, key=lambda part: len(dict(part)[name])):
                    mask = self._mask(measure, year, part)
                    if not mask & taken:
                        left, taken = left & ~mask, taken | mask
                self._judge(measure, year, left, f"{told(whole)} less all rows by {name}")

    def _overlaps(self, measure: str, year: str, known: Mapping[frozenset, Any]) -> None:
        """Two parts that are so large that they must overlap: at least so many, at most the smaller."""
        if measure not in COUNTS:
            return
        for whole, total in known.items():
            parts = [part for part in known if one_narrowed(part, whole)]
            for one, other in combinations(parts, 2):
                least, most = known[one] + known[other] - total, min(known[one], known[other])
                if least >= 1 and most < self.limit:
                    self.found.add(f"{measure} {year}: {least} to {most}, {told(one)} and {told(other)}")

    def _bounds(self, measure: str, year: str, known: Mapping[frozenset, Any]) -> None:
        """Of each cell of one, two or three attributes the least and the most that all shown sums leave."""
        if measure not in COUNTS:
            return
        for whole in known:
            inside = {part: frozenset(name for name, _ in part ^ whole) for part in known if narrower(part, whole)}
            names = sorted(set().union(*inside.values()))
            crossed = {held for held in inside.values() if len(held) > 1}
            # Three by three where two of them are crossed at least: sums of one attribute each bound no cell of three
            # that they do not bound two by two.
            triples = [three for three in combinations(names, 3) if any(held <= set(three) for held in crossed)]
            for group in [*triples, *combinations(names, 2), *((name,) for name in names)]:
                sums = {part: known[part] for part, held in inside.items() if held <= set(group)}
                if len(sums) > len(group):
                    self._tighten(measure, year, whole, group, sums)

    def _tighten(self, measure: str, year: str, whole: frozenset, pair: tuple, sums: Mapping[frozenset, Any]) -> None:
        rows = self.truth.of(measure, year)
        held = self._mask(measure, year, whole)
        values = [{facts[name] for place, (_, facts) in enumerate(rows) if held >> place & 1} for name in pair]
        cells = list(product(*values))
        if len(cells) > MOST_CELLS:
            return
        least, most = dict.fromkeys(cells, 0), dict.fromkeys(cells, sums.get(whole, 10**9))
        within = {
            part: [
                cell
                for cell in cells
                if all(value in dict(part).get(name, {value}) for name, value in zip(pair, cell, strict=True))
            ]
            for part in sums
        }
        for _ in range(3):
            for part, members in within.items():
                low, high = sum(least[cell] for cell in members), sum(most[cell] for cell in members)
                for cell in members:
                    least[cell] = max(least[cell], sums[part] - (high - most[cell]))
                    most[cell] = min(most[cell], sums[part] - (low - least[cell]))
                    low, high = sum(least[cell] for cell in members), sum(most[cell] for cell in members)
        for cell in cells:
            if least[cell] >= 1 and most[cell] < self.limit:
                self.found.add(f"{measure} {year}: {least[cell]} to {most[cell]}, {cell} of {told(whole)}")

    def _split_by_centiles(self) -> None:
        for year, percent, conditions, moment, column in self.halves:
            rows = [
                row
                for row in self.truth.rows.requests
                if getattr(row, moment)[:4] == year and getattr(row, column) is not None
            ]
            kept = []
            for row in rows:
                facts = self.truth._request(row, getattr(row, moment))
                if all(facts[name] in values for name, values in conditions):
                    kept.append((getattr(row, column), row.patient))
            kept.sort()
            place = max(1, -(-len(kept) * percent // 100))
            for part in (kept[:place], kept[place - 1 :]):
                if 0 < len({patient for _, patient in part}) < self.limit:
                    self.found.add(f"{column} {year}: {percent}th centile of {told(conditions)} sets few apart")


def told(conditions: frozenset) -> str:
    return (
        ", ".join(sorted(f"{name}={'|'.join(map(str, sorted(values)))[:60]}" for name, values in conditions)) or "all"
    )
