"""Replay of a history in columns against what the same engine takes to read the same columns, in one run.

    python -m bench.replay [requests, 1000000 unless told] [folder to keep the history in]

The requests are made up: indications as often as in the demo, every fact that the criteria read, 6 % of them unknown.
Printed are medians of rounds that take turns:

- read: DuckDB adds up every column that the replay reads, from the same Parquet files;
- replay: the built-in criteria over every request, and how many come to other than was kept;
- draft: two clauses changed, of the two commonest indications, by the kept results; and the same draft in full.

The results of the draft are held against the replay in full, and those of the replay against the judge on a sample.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

# ruff: noqa: E402 - criteria are kept in tables too, so Django must be set up before they are read
from bench import usage
from utilization import criteria, replay
from utilization.replay import queries
from utilization.replay.by_judge import NAMES
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Kind
from utilization.rules.language.composites import facts_named
from utilization.rules.packs.reader import read_pack

ROUNDS = 9
UNKNOWN = 0.06
OFTEN = {
    "cidp": 13, "ms": 8, "mg": 6, "gbs": 6, "dermatomyositis": 6, "mmn": 4, "polymyositis": 3, "lems": 3,
    "stiff_person": 2, "postpolio": 2, "igm_paraprotein_neuropathy": 2, "ibm": 2,
    "diabetic_radiculoplexus_neuropathy": 2, "anti_mag_neuropathy": 1, "miller_fisher": 1,
}  # fmt: skip
TODAY = date(2026, 11, 21)
PATIENT = ("age_years", "sex", "weight_kg", "height_cm", "dose_total_g_per_kg", "course_days", "request_type", "route")


def made_up(pack, many, seed=1):
    """`many` requests as a hospital might have filed them."""
    chance = random.Random(seed)
    reads = {code: facts_read(pack, code) for code in OFTEN}
    codes, weights = list(OFTEN), list(OFTEN.values())
    for number in range(many):
        code = chance.choices(codes, weights)[0]
        facts = {name: value(pack.catalogue[name], chance) for name in reads[code] if chance.random() >= UNKNOWN}
        day = TODAY - timedelta(days=chance.randrange(1000))
        yield replay.Row(f"{number:032x}", code, day, facts, Decimal(chance.randrange(4, 40) * 5))


def facts_read(pack, code):
    """The facts that the clauses of an indication read, and those of the patient and the order."""
    names = dict.fromkeys(PATIENT)
    for clause in pack.indications[code].clauses:
        names |= dict.fromkeys([*facts_named(clause.when), *facts_named(clause.require)])
    for redirect in pack.redirects:
        if code in redirect.indications:
            names |= dict.fromkeys(facts_named(redirect.when))
    return [name for name in names if name not in AMOUNTS and name not in DERIVED and not name.startswith("dose_per")]


def value(fact, chance):
    """A plausible value: as most requests have it, most of the time."""
    usual = {
        "age_years": lambda: chance.randrange(2, 90), "weight_kg": lambda: chance.randrange(40, 120),
        "height_cm": lambda: chance.randrange(140, 200), "course_days": lambda: chance.choice((2, 4, 5)),
        "dose_total_g_per_kg": lambda: chance.choice(("1", "1.6", "2", "2", "2", "2.4")),
        "route": lambda: "iv" if chance.random() < 0.97 else "sc",
        "request_type": lambda: "initial" if chance.random() < 0.7 else "renewal",
    }  # fmt: skip
    if fact.name in usual:
        return usual[fact.name]()
    if fact.kind is Kind.BOOL:
        return chance.random() < 0.85
    if fact.kind is Kind.CHOICE:
        return chance.choice(list(fact.choices))
    if fact.kind is Kind.TEXT:
        return chance.choice(("a neurologist", "a haematologist"))
    return chance.randrange(1, 40) if fact.kind in (Kind.INT, Kind.DEC) else []


# A clause of each of the two commonest indications: (file, as it stands, as the draft has it).
DRAFT = (
    ("clauses/cidp.yaml", "      - use: adult\n", "      - use: adult\n        require: {age_years: {at_least: 16}}\n"),
    (
        "clauses/ms.yaml",
        "[relapse_prevention, treat_acute_relapse, delay_second_attack]",
        "[relapse_prevention, delay_second_attack]",
    ),
)


def drafted(pack):
    """The pack with its two changes, read from its text."""
    files = dict(pack.files)
    for name, stands, draft in DRAFT:
        if files[name].count(stands) < 1:
            sys.exit(f"{name} no longer holds {stands.strip()}: mend the draft of this bench")
        files[name] = files[name].replace(stands, draft, 1)
    return read_pack(files)


def read(store, columns):
    """Adds up every column that the replay reads."""
    for code, names in columns.items():
        parts = [added(name, kind) for name, kind in names.items()]
        store.con.execute(f"SELECT {', '.join(parts)} FROM read_parquet('{store.place / code}.parquet')").fetchall()


def added(name, kind):
    return f"count_if({name})" if kind == "BOOLEAN" else f"max({name})" if kind == "VARCHAR" else f"sum({name})"


def columns_read(store, pack, tables):
    """By indication, the columns that judging it reads, with the kept outcome that it is held against."""
    columns = {}
    for code in store.codes:
        have = store.meta["indications"][code]["columns"]
        needs = {"odd": "BOOLEAN", "was": "TINYINT"}
        for path in queries.judged_paths(pack, code, tables, have):
            assert path.outcome
            needs |= path.columns.needs
        columns[code] = {name: kind for name, kind in needs.items() if name in have or name in ("odd", "was")}
    return columns


def in_full(store, pack, tables):
    """How many requests come to other than was kept."""
    changed = 0
    for code in store.codes:
        queries.full(store, code, pack, tables)
        changed += store.con.execute("SELECT count(*) FROM changed").fetchone()[0]
    return changed


def timed(call):
    started = time.perf_counter()
    result = call()
    return time.perf_counter() - started, result


def main():
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    place = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp()) / "history"
    pack, tables = criteria.builtin_pack(), criteria.reference_tables()
    if not (place / "meta.json").exists():
        took, _ = timed(lambda: replay.write(made_up(pack, many), place, pack, tables))
        size = sum(file.stat().st_size for file in place.iterdir())
        print(f"{many:,} requests written in {took:.0f} s, {size / 1e6:.0f} MB")
    check(place, pack, tables, many)
    draft = drafted(pack)
    store = queries.opened(place)
    columns = columns_read(store, pack, tables)
    took = {"read": [], "replay": [], "draft": [], "draft in full": [], "preview": []}
    for _ in range(ROUNDS):
        took["read"].append(timed(lambda: read(store, columns))[0])
        seconds, same = timed(lambda: in_full(store, pack, tables))
        took["replay"].append(seconds)
        seconds, whole = timed(lambda: in_full(store, draft, tables))
        took["draft in full"].append(seconds)
        seconds, quick = timed(lambda: by_kept(store, draft, tables))
        took["draft"].append(seconds)
        seconds, impact = timed(lambda: replay.impact(place, pack, draft, tables))
        took["preview"].append(seconds)
        if same or not whole == quick == len(impact.changed):
            sys.exit(f"results differ: {same} of the same criteria, {whole} in full, {quick} and {len(impact.changed)}")
    median = {name: statistics.median(rounds) for name, rounds in took.items()}
    for name, seconds in median.items():
        print(f"{name:14} {seconds * 1000:9.1f} ms   {took[name][0] * 1000:9.1f} ms the first time")
    print(f"replay / read: {median['replay'] / median['read']:.2f} (goal: at most 3)")
    print(f"draft in full / draft: {median['draft in full'] / median['draft']:.1f} (goal: at least 5)")
    print(f"{whole:,} requests change; the preview with its list took {median['preview']:.2f} s")


def by_kept(store, draft, tables):
    changed = 0
    for code in store.codes:
        differing = queries.differences(store, code, draft, tables)
        if differing is None:
            sys.exit(f"the kept results of {code} do not serve")
        if not all(change.same for change in differing):
            queries.draft(store, code, differing, draft, tables)
            changed += store.con.execute("SELECT count(*) FROM changed").fetchone()[0]
    return changed


def check(place, pack, tables, many, most=5000):
    """Holds the outcomes of the columns against the judge's, on the first requests."""
    sample = list(made_up(pack, min(many, most)))
    told = replay.columns_outcomes(place, pack, tables)
    wrong = [
        row
        for row, code in zip(sample, replay.plain_outcomes(pack, sample, tables), strict=True)
        if told[row.uid] != NAMES[code]
    ]
    if wrong or len(told) != many:
        sys.exit(f"{len(wrong)} of {len(sample)} requests come to other than the judge says; {len(told)} told")
    print(f"{len(sample):,} requests judged one by one come to the same")


if __name__ == "__main__":
    usage(__doc__)
    main()
