"""What a list test comes to however the gaps of the list turn out, by trying everything: each field that an entry
lacks is filled with values on every side of what matters, entries of one day or without one are put in every order,
and the plain answer is read off each whole list. True where all say so, False where none does, None where they differ.

What `naive_lists` says from the manual is never anything else, and may be unknown besides.
"""

from datetime import timedelta
from functools import partial
from itertools import combinations, pairwise, permutations, product

from tests.rules.naive_amounts import agreed, dated, days_back, in_between, number, so_many, written
from tests.rules.naive_lists import (
    bound_of,
    changed,
    field_fits,
    is_long_ago,
    is_share,
    number_field,
    plainly,
    share_keeps,
    steps_so,
)

FAR = 10**6
LITTLE = number("0.001")
LONG_AGO = 20000
ANOTHER = "another text"


def in_every_way(test, entries, fields, as_of, case, edition):
    """What a list test comes to over entries; `fields` gives each field its type: date, bool, text or a unit.

    `case(name)` is the number that a fact of the case gives as a bound, or None: it is then tried as well.
    """
    unknown = sorted({name for name, _ in _given(test, fields) if name not in fields and case(name) is None})
    plain = plainly(entries, fields)
    held = list(_given(test, fields))
    tried = [
        sorted({far for given, field in held if given == name
                for far in _values_beside(field, fields[field], test, plain, as_of)})
        for name in unknown
    ]  # fmt: skip
    by_date = any("date" in entry for entry in plain) or (edition > 1 and "date" in fields)
    minds = _minds_order(test) and by_date
    answers = []
    for values in product(*tried):
        supposed = dict(zip(unknown, values, strict=True))
        answers.append(_in_every_way(test, plain, fields, as_of, minds, partial(_with, supposed, case)))
    return agreed(answers)


def _with(supposed, case, name):
    return supposed[name] if name in supposed else case(name)


def _values_beside(name, kind, test, entries, as_of):
    """Values of a fact of the case, against which a field is held: on every side of what stands in the entries."""
    if kind != "date":
        return _numbers(name, kind, test, entries)
    spans = {(mark - days_back(mark, span)).days for mark in (as_of,) for span in _spans(test)} | {0}
    days = {as_of, *(entry["date"] for entry in entries if "date" in entry)}
    return {day + timedelta(days=span + step) for day in days for span in spans
            for step in (range(-4, 5) if span else range(-1, 2))}  # fmt: skip


def _spans(test):
    said = test.get("where", {}).get("date", {})
    return {bound["minus"] for bound in said.values() if "minus" in bound}


def _given(test, fields):
    """(what gives a bound, the field that is held against it) of each bound that is no number."""
    for where in (test.get("where", {}), test.get("latest", {})):
        for name, said in where.items():
            for bound in said.values() if isinstance(said, dict) else ():
                if isinstance(bound, dict):
                    yield next(iter(bound.values())), name


def _in_every_way(test, plain, fields, as_of, minds, case):
    return agreed(
        _answer(test, ordered, fields, as_of, case)
        for whole in _filled(test, plain, fields, as_of, case)
        for ordered in _orders(whole, minds)
    )


def _minds_order(test):
    return any(word in test for word in ("latest", "trend", "change"))


def _filled(test, entries, fields, as_of, case):
    """Every way to fill the fields that matter here and that entries lack."""
    mattering = [name for name in fields if name in _fields_named(test, fields)]
    gaps = [(place, name) for place, entry in enumerate(entries) for name in mattering if name not in entry]
    tried = [_tried(name, test, entries, fields, as_of, case) for _, name in gaps]
    for values in product(*tried):
        whole = [dict(entry) for entry in entries]
        for (place, name), value in zip(gaps, values, strict=True):
            whole[place][name] = value
        yield whole


def _fields_named(test, fields):
    named = {*test.get("where", {}), *test.get("latest", {}), *(other for other, _ in _given(test, fields))}
    named |= {number_field(test, fields)} if any(word in test for word in ("trend", "change", "sum")) else set()
    dated = "within" in test or "never_or_at_least_ago" in test or "apart" in test or _minds_order(test)
    return named | ({"date"} if dated else set())


def _tried(name, test, entries, fields, as_of, case):
    """Values for one gap: one at least on each side of everything that the test or another entry says."""
    kind = fields[name]
    if kind == "date":
        return _days(test, entries, as_of, [case(other) for other, field in _given(test, fields) if field == name])
    if kind == "bool":
        return [True, False]
    if kind == "text":
        said = test.get("where", test.get("latest", {})).get(name, [])
        return [*(said if isinstance(said, list) else [said]), ANOTHER]
    given = {case(other) for other, _ in _given(test, fields) if other not in fields}
    return _numbers(name, kind, test, entries, given)


def _days(test, entries, as_of, beside=()):
    apart = int(number(test.get("apart", "1 days"), "days"))
    marks = {as_of, as_of - timedelta(days=LONG_AGO), *(entry["date"] for entry in entries if "date" in entry)}
    marks |= {days_back(as_of, test[word]) for word in ("within", "never_or_at_least_ago") if word in test}
    marks |= {mark for day in beside for mark in (day, *(days_back(day, span) for span in _spans(test)))}
    steps = (-2 * apart, -apart, -apart + 1, -1, 0, 1, apart - 1, apart, 2 * apart)
    return sorted(day for day in {mark + timedelta(days=step) for mark in marks for step in steps} if day <= as_of)


def _numbers(name, kind, test, entries, given=()):
    """On every side of the bounds, of `given` ones and of what stands in the entries, there and in compared fields."""
    unit = None if kind == "number" else kind
    bounds = {number(bound, unit) for bound in _bounds(test, name)}
    beside = {name, *(end for pair in _given(test, ()) if name in pair for end in pair)}
    known = {entry[other] for entry in entries for other in beside if other in entry} | set(given)
    marks = {0, *bounds, *known}
    if "sum" in test:
        sums = {sum(some) for size in range(len(known) + 1) for some in combinations(sorted(known), size)}
        marks |= {bound - added for bound in bounds for added in sums}
    if "change" in test:
        amount, share = written(test["change"].get("falls_by") or test["change"].get("rises_by"))
        by = amount / 100 if share == "%" else amount
        marks |= {value + way * (by * value if share == "%" else by) for value in known for way in (1, -1)}
        marks |= {value / (1 + way * by) for value in known for way in (1, -1) if share == "%" and by != 1}
    around = sorted({mark + step for mark in marks for step in (-LITTLE, 0, LITTLE)} | {-FAR, FAR})
    # An amount of something is never less than nothing.
    return around if kind == "number" else [value for value in around if value >= 0]


def _bounds(test, name):
    said = [test.get("where", {}).get(name), test.get("latest", {}).get(name)]
    if _is_sum(test, name):
        said.append({word: test[word] for word in ("at_least", "at_most", "above", "below") if word in test})
    for one in said:
        if isinstance(one, dict):
            yield from (bound for bound in one.values() if not isinstance(bound, dict))
        elif one is not None:
            yield from (one if isinstance(one, list) else [one])


def _is_sum(test, name):
    return test.get("sum") == name


def _orders(entries, minded):
    """Every order of time that the dates leave open; a list without any date stands in its order, oldest first."""
    if not minded:
        yield entries
        return
    for some in permutations(entries):
        if all(a["date"] <= b["date"] for a, b in pairwise(some)):
            yield list(some)


def _answer(test, entries, fields, as_of, case):
    """What a test says of a whole list in its order."""
    if "latest" in test:
        return bool(entries) and _fits(entries[-1], test["latest"], fields, case) and _recent(entries[-1], test, as_of)
    if "trend" in test:
        values = [entry[number_field(test, fields)] for entry in entries]
        return len(values) >= test["last"] and all(steps_so(test["trend"], values[-test["last"] :]))
    if "change" in test:
        return changed(
            test["change"], [entry[number_field(test, fields)] for entry in entries], fields[number_field(test, fields)]
        )
    if "never_or_at_least_ago" in test:
        where = test.get("where", {})
        return all(is_long_ago(entry, test, as_of) for entry in entries if _fits(entry, where, fields, case))
    if is_share(test):
        recent = [entry for entry in entries if _recent(entry, test, as_of)]
        return share_keeps(test, sum(_fits(entry, test["where"], fields, case) for entry in recent), len(recent))
    fitting = [e for e in entries if _fits(e, test.get("where", {}), fields, case) and _recent(e, test, as_of)]
    if "sum" in test:
        unit = fields[test["sum"]]
        added = sum(entry[test["sum"]] for entry in fitting)
        return in_between(added, test, lambda bound: number(bound, None if unit == "number" else unit))
    return so_many(test, _apart(fitting, int(number(test.get("apart", "0 days"), "days"))))


def _recent(entry, test, as_of):
    return "within" not in test or days_back(as_of, test["within"]) <= entry["date"] <= as_of


def _fits(entry, where, fields, case):
    return all(_field_fits(entry, name, said, fields, case) for name, said in where.items())


def _field_fits(entry, name, said, fields, case):
    if fields[name] == "date":
        return dated(entry[name], said, None, case)
    if not isinstance(said, dict):
        return field_fits(entry[name], said, fields[name])
    given = {word: bound for word, bound in said.items() if isinstance(bound, dict)}
    limits = {word: bound_of(bound, entry, fields, case) for word, bound in given.items()}
    plain = {word: bound for word, bound in said.items() if word not in given}
    return in_between(entry[name], limits, lambda limit: limit) and field_fits(entry[name], plain, fields[name])


def _apart(entries, days):
    """How many entries can be chosen that lie so many days from each other: every choice tried."""
    if not days:
        return len(entries)
    choices = (some for size in range(len(entries), 0, -1) for some in combinations(entries, size))
    gap = timedelta(days=days)
    return next((len(some) for some in choices if all(abs(a["date"] - b["date"]) >= gap for a, b in
                                                      combinations(some, 2))), 0)  # fmt: skip
