"""Made-up histories: requests with facts of which some are unknown, and packs drafted from packs."""

import json
import random
from datetime import date, timedelta
from decimal import Decimal

from utilization import criteria, replay
from utilization.replay.by_judge import NAMES
from utilization.rules.facts.catalogue import AMOUNTS, DERIVED, Kind
from utilization.rules.language.composites import facts_named
from utilization.rules.packs.reader import read_pack

TODAY = date(2026, 11, 21)
TABLES = criteria.reference_tables()
ORDER = {
    "age_years": (10, 17, 18, 58), "sex": ("female", "male"), "weight_kg": ("40", "70", "110.5"),
    "height_cm": ("150", "180"), "dose_total_g_per_kg": ("0.4", "1", "2", "2.4"), "course_days": (1, 2, 5),
    "interval_weeks": ("2", "4", "8"), "product": ("Privigen", "Unheard of", "Gamunex-C"),
    "max_infusion_rate_ml_per_kg_min": ("0.02", "0.08"),
}  # fmt: skip
TEXTS = ("neurologist", "Dr Ambrose Canary, haematologist", "an immunologist and a neurologist", "nobody")


def rows_for(pack, many, seed, indications=None, unknown=0.25):
    """`many` requests with values around what the pack's criteria ask for."""
    chance = random.Random(seed)
    codes = list(indications or [*pack.indications, "unheard_of"])
    reads = {code: read_by(pack, code) for code in codes}
    found = []
    for number in range(many):
        code = chance.choice(codes)
        facts = {name: chance.choice(values) for name, values in ORDER.items() if chance.random() > unknown}
        if chance.random() < 0.2:
            facts.pop("dose_total_g_per_kg", None)
            facts["dose_total_g"] = chance.choice(("30", "100", "140", "160"))
        for name in reads[code]:
            if name not in ORDER and not name.startswith("dose_") and chance.random() > unknown:
                facts[name] = value_of(pack.catalogue[name], chance)
        day = TODAY - timedelta(days=chance.randrange(300))
        found.append(replay.Row(f"{code} {number}", code, day, facts, Decimal(chance.randrange(1, 40) * 5)))
    return found


def read_by(pack, code):
    """The facts that judging an indication reads, whatever it is judged as."""
    conditions = [one.when for one in (*pack.redirects, *pack.defaults)]
    for indication in pack.indications.values() if pack.redirects else (pack.indications.get(code),):
        conditions += [part for one in (indication.clauses if indication else ()) for part in (one.when, one.require)]
    names = dict.fromkeys(name for condition in conditions for name in facts_named(condition))
    return [name for name in names if name not in AMOUNTS and name not in DERIVED]


def value_of(fact, chance):
    """A JSON value of a fact."""
    if fact.kind is Kind.BOOL:
        return chance.random() < 0.6
    if fact.kind is Kind.CHOICE:
        return chance.choice(list(fact.choices))
    if fact.kind is Kind.DATE:
        return (TODAY - timedelta(days=300 + chance.randrange(500))).isoformat()
    if fact.kind is Kind.TEXT:
        return chance.choice(TEXTS)
    if fact.kind is Kind.LIST_DEC:
        return [str(chance.randrange(1, 6)) for _ in range(chance.randrange(5))]
    if fact.kind is Kind.LIST_RECORD:
        return [entry_of(fact, chance) for _ in range(chance.randrange(5))]
    return chance.choice(
        (0, 1, 2, 3, 6, 12, 17, 18, 30) if fact.kind is Kind.INT else ("0", "0.5", "1", "3", "4", "30")
    )


def entry_of(fact, chance):
    """An entry of a list, of which fields that need not be there may lack."""
    names = [name for name in fact.fields if name in fact.required or chance.random() < 0.8]
    return {name: value_of(fact.fields[name], chance) for name in names}


def made(criteria, **more):
    """A pack of made-up criteria, from its sections."""
    text = {
        "pack": {"name": "made", "version": "1", "title": "Made up"},
        "indications": [{"code": one["indication"], "name": one["indication"]} for one in criteria],
        "criteria": criteria,
        **more,
    }
    return read_pack({"made.yaml": json.dumps(text)})


def clause(name, require, otherwise="exception_review", **more):
    """A made-up clause."""
    return {"id": name, "says": "It is so.", "require": require, "otherwise": otherwise, "local": "Made up.", **more}


def judged(pack, rows, tables=TABLES):
    """The outcome of each row by its uid, as the judge says."""
    return {
        row.uid: NAMES[code] for row, code in zip(rows, replay.plain_outcomes(pack, rows, tables), strict=True)
    }  # fmt: skip


def told(place, pack, rows, also=(), tables=TABLES):
    """The outcome of each row by its uid, as the columns tell it."""
    return replay.columns_outcomes(replay.write(rows, place / "history", pack, tables, also), pack, tables)
