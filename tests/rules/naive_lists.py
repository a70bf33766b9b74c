"""Tests of lists of measurements and events, as the manual says them: an entry fits, does not, or may fit, since a
field that it lacks is unknown; what the list comes to is read off how many surely and how many perhaps do.
"""

from datetime import timedelta
from fractions import Fraction
from itertools import combinations, pairwise, product

from tests.rules.naive_amounts import agreed, as_day, dated, days_back, fell_or_rose, in_between, number, so_many
from tests.rules.naive_words import same_text

DATED = "date"


def list_truth(test, entries, fields, as_of, case, edition=1):
    """The truth of a list test over entries; `fields` gives each field its type: date, bool, text or a unit.

    `case(name)` is the number that a fact of the case gives as a bound, None where it is not known. In the first
    `edition` of the language a list without any date stands in its order, as one whose entries have none always does.
    """
    if entries is None:
        return None
    entries = plainly(entries, fields)
    stands = edition == 1 or DATED not in fields
    if "trend" in test:
        return _trend(test, entries, stands, number_field(test, fields))
    if "change" in test:
        return _change(test["change"], entries, stands, fields, number_field(test, fields))
    if "latest" in test:
        return _latest(test, entries, stands, fields, as_of, case)
    if "never_or_at_least_ago" in test:
        return _long_ago(test, entries, fields, as_of, case)
    if is_share(test):
        return _share(test, entries, fields, as_of, case)
    fits = [_fits(entry, test.get("where", {}), test, fields, as_of, case) for entry in entries]
    if "sum" in test:
        return _sum(test, list(zip(entries, fits, strict=True)), fields)
    return _how_many(test, [e for e, fit in zip(entries, fits, strict=True) if fit],
                     [e for e, fit in zip(entries, fits, strict=True) if fit is None])  # fmt: skip


def plainly(entries, fields):
    """Entries with their values in the units of the fields; a bare number is the `value` of its entry."""
    whole = [dict(entry) if hasattr(entry, "keys") else {"value": entry} for entry in entries]
    return [{name: _read(value, fields[name]) for name, value in entry.items()} for entry in whole]


def _read(value, kind):
    if kind == "date":
        return as_day(value)
    if kind in ("bool", "text"):
        return value
    return number(value, kind if kind != "number" else None)


def number_field(test, fields):
    """The field whose numbers a trend, a change or a sum goes by."""
    named = test.get("field") or test.get("sum") or (test.get("change") or {}).get("field")
    return named or next(name for name, kind in fields.items() if kind not in ("date", "bool", "text"))


def _fits(entry, where, test, fields, as_of, case):
    """Whether an entry fits and is so recent; None where a field of it that decides is not known."""
    held = [one for name, said in where.items() for one in _held(entry, name, said, fields, case, as_of)]
    if "within" in test:
        recent = days_back(as_of, test["within"]), as_of
        held.append(recent[0] <= entry[DATED] <= recent[1] if DATED in entry else None)
    return False if False in held else None if None in held else True


def _held(entry, name, said, fields, case, as_of):
    """The truth of each thing that is said of a field; a bound may be another field of the entry, or the case's."""
    if name not in entry:
        return [None]
    if fields[name] == "date":
        return [dated(entry[name], said, as_of, case)]
    given = {word: bound for word, bound in said.items() if isinstance(bound, dict)} if isinstance(said, dict) else {}
    plain = {word: bound for word, bound in said.items() if word not in given} if given else said
    held = [] if given and not plain else [field_fits(entry[name], plain, fields[name])]
    for word, bound in given.items():
        other = bound_of(bound, entry, fields, case)
        held.append(None if other is None else in_between(entry[name], {word: other}, lambda limit: limit))
    return held


def bound_of(bound, entry, fields, case):
    """The number that `{fact: ...}` gives: a field of the entry where it has one of that name, else the case's."""
    [(where, name)] = bound.items()
    is_field = where == "field" or (where == "fact" and name in fields)
    return entry.get(name) if is_field else case(name)


def field_fits(value, said, kind):
    """Whether the value of one field is what stands under `where` or `latest`."""
    unit = None if kind == "number" else kind
    if isinstance(said, dict):
        return in_between(value, said, lambda bound: number(bound, unit))
    options = said if isinstance(said, list) else [said]
    if kind == "text":
        return any(same_text(value, option) for option in options)
    return value in (options if kind == "bool" else [number(option, unit) for option in options])


# --- So many entries ------------------------------------------------------------------------------------------------


def _how_many(test, surely, perhaps):
    gap = int(number(test.get("apart", "0 days"), "days"))
    if not gap:
        numbers = range(len(surely), len(surely) + len(perhaps) + 1)
    else:
        numbers = range(_apart(surely, gap, 0), _apart([*surely, *perhaps], gap, 1) + 1)
    return agreed(so_many(test, count) for count in numbers)


def _apart(entries, gap, hope):
    """The most entries that lie so many days from each other, every choice tried; one without a date may lie far from
    all others (`hope` 1), or near one of them.
    """
    days = [entry[DATED] for entry in entries if DATED in entry]
    undated = len(entries) - len(days)
    far = timedelta(days=gap)
    most = max(
        size
        for size in range(len(days) + 1)
        if any(all(abs(a - b) >= far for a, b in combinations(some, 2)) for some in combinations(days, size))
    )
    return most + undated if hope else max(most, min(undated, 1))


# --- Never, or long ago ----------------------------------------------------------------------------------------------


def is_long_ago(entry, test, as_of):
    """Whether an entry is so long ago; None without its date."""
    return entry[DATED] <= days_back(as_of, test["never_or_at_least_ago"]) if DATED in entry else None


def _long_ago(test, entries, fields, as_of, case):
    """False for an entry that fits and is not so long ago; unknown for one that may be such an entry."""
    told = set()
    for entry in entries:
        fit, ago = _fits(entry, test.get("where", {}), {}, fields, as_of, case), is_long_ago(entry, test, as_of)
        told.add(True if fit is False or ago is True else False if fit and ago is False else None)
    return False if False in told else None if None in told else True


# --- Shares ---------------------------------------------------------------------------------------------------------


def is_share(test):
    return any("%" in str(test.get(word, "")) for word in ("at_least", "at_most"))


def share_keeps(test, fitting, entries):
    """Whether so many of the entries are a share within the bounds; of no entries there is no share."""
    return entries > 0 and in_between(Fraction(100 * fitting, entries), test, lambda bound: number(bound, "%"))


def _share(test, entries, fields, as_of, case):
    """Every way in which each entry may count, or not, and fit, or not."""
    ways = []
    for entry in entries:
        fit = _fits(entry, test["where"], {}, fields, as_of, case)
        recent = _fits(entry, {}, test, fields, as_of, case)
        ways.append([way for way in ("fits", "fits not", "is out")
                     if not (recent is True and way == "is out") and not (recent is False and way != "is out")
                     and not (fit is True and way == "fits not") and not (fit is False and way == "fits")])  # fmt: skip
    return agreed(share_keeps(test, some.count("fits"), len(some) - some.count("is out")) for some in product(*ways))


# --- Sums -----------------------------------------------------------------------------------------------------------


def _sum(test, entries, fields):
    if any(fit is None or (fit and test["sum"] not in entry) for entry, fit in entries):
        return None
    unit = None if fields[test["sum"]] == "number" else fields[test["sum"]]
    added = sum(entry[test["sum"]] for entry, fit in entries if fit)
    return in_between(added, test, lambda bound: number(bound, unit))


# --- In order of time -----------------------------------------------------------------------------------------------


def _latest(test, entries, stands, fields, as_of, case):
    if not entries:
        return False
    dates = [entry[DATED] for entry in entries if DATED in entry]
    # One of the last day, or one without a day, is the latest.
    may_be = [entry for entry in entries if DATED not in entry or entry[DATED] == max(dates)]
    may_be = entries[-1:] if stands and not dates else may_be
    return agreed(_fits(entry, test["latest"], test, fields, as_of, case) for entry in may_be)


def _in_order(entries, stands, seen):
    """The last `seen` entries in order of date, with the one before them; None where the order is open."""
    dates = [entry[DATED] for entry in entries if DATED in entry]
    if not dates and stands:
        return entries[-seen:]
    if len(dates) < len(entries):
        return None
    ordered = sorted(entries, key=lambda entry: entry[DATED])
    looked_at = [entry[DATED] for entry in ordered[-seen - 1 :]]
    return None if len(set(looked_at)) < len(looked_at) else ordered[-seen:]


def _trend(test, entries, stands, name):
    if len(entries) < test["last"]:
        return False
    ordered = _in_order(entries, stands, test["last"])
    if ordered is None:
        return None
    steps = steps_so(test["trend"], [entry.get(name) for entry in ordered])
    return False if False in steps else None if None in steps else True


def steps_so(way, values):
    """Whether each step from one number to the next goes the way; None beside a number that is not known."""
    step = {
        "rising": lambda a, b: a < b,
        "falling": lambda a, b: a > b,
        "not_rising": lambda a, b: a >= b,
        "not_falling": lambda a, b: a <= b,
    }[way]
    return [None if a is None or b is None else step(a, b) for a, b in pairwise(values)]


def _change(change, entries, stands, fields, name):
    if len(entries) < 2:
        return False
    ordered = _in_order(entries, stands, len(entries))
    if ordered is None or any(name not in entry for entry in ordered):
        return None
    return changed(change, [entry[name] for entry in ordered], fields[name])


def changed(change, values, kind):
    """Whether from the one it names to the latest the numbers fell or rose by so much; never with fewer than two."""
    if len(values) < 2:
        return False
    *earlier, latest = values
    since = {"first": earlier[0], "previous": earlier[-1], "highest": max(earlier), "lowest": min(earlier)}
    return fell_or_rose(since[change.get("from", "first")], latest, change, None if kind == "number" else kind)
