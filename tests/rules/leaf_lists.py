"""Leaves of lists: a test of measurements or events, with entries that may lack fields, tie, or stand out of order."""

from datetime import date, timedelta

from hypothesis import strategies as st

from tests.rules.leaf_parts import BOUNDS, DAYS, Leaf, leaf, near_days, some_known

COUNTS = st.sampled_from(({}, {"at_least": 2}, {"at_most": 1}, {"exactly": 1}, {"at_least": 1, "at_most": 2},
                          {"exactly": 0}, {"at_most": 0}))  # fmt: skip
WITHIN = st.sampled_from(({"within": "20 days"}, {"within": "1 month"}, {"within": "3 months"}))
SHARES = st.sampled_from(({"at_least": "50 %"}, {"at_most": "50 %"}, {"at_least": "33.4 %"}, {"at_least": "100 %"},
                          {"at_most": "0 %"}, {"at_least": "25 %", "at_most": "75 %"}))  # fmt: skip
WINDOWS = st.just({}) | WITHIN
APART = st.sampled_from(({"apart": "3 weeks"}, {"apart": "20 days"}, {"apart": "1 days"}))
BACK = (0, 1, 2, 20, 21, 22, 40, 41, 42, 43)
STEPS = ({"falls_by": 1}, {"rises_by": 1}, {"falls_by": "20 %"}, {"rises_by": "20 %"}, {"rises_by": 2},
         {"falls_by": "50 %"}, {"rises_by": "100 %"})  # fmt: skip


@st.composite
def listed(draw, kind):
    """A test of a list, with entries that may lack fields, stand out of order, tie, or have no date."""
    as_of = draw(st.sampled_from(DAYS))
    rows = [row for row in _LISTED if row[3] or (kind not in _ORDERED and kind != "sum")]
    # Its entries alone may lack their date.
    rows += [row for row in rows if row[0] == "titres"] * (3 if kind in ("apart", "latest", *_ORDERED) else 0)
    name, fields, wheres, numbers = draw(st.sampled_from(rows))
    test = draw(_list_test(kind, wheres, numbers))
    entries = draw(_entries(as_of, fields, _MAY_LACK[name], tied=kind not in _ORDERED or draw(st.booleans())))
    facts = {name: entries} if draw(st.integers(0, 15)) else {}
    return Leaf({name: test}, facts, as_of, edition=draw(st.sampled_from((1, 2))))


_ORDERED = ("trend", "change")
LIST_TESTS = ("count", "long ago", "share", "within", "apart", "latest", "trend", "change", "sum")
_MAY_LACK = {
    "titres": ("date", "date", "mg", "seen", "kind"), "scores": ("num",), "disability_scores": ("score",),
    "infections": ("bacterial",), "igg_measurements": (), "prior_courses": ("g_per_kg", "response"),
}  # fmt: skip
_MG = {"mg": ("3", "4", "5", "0.4 mg/dL")}
_LISTED = (
    ("titres", {"seen": (True, False), "kind": ("a", "A ", "b"), **_MG},
     ({"seen": True}, {"kind": "a"}, {"mg": {"at_least": "4 mg/L"}}, {"mg": {"below": "4 mg/L"}, "seen": False},
      {"mg": {"above": "0.4 mg/dL"}, "kind": ["a", "c"]}), (("mg", ("4 mg/L", "8 mg/L"), ("1 mg/L", "2 mg/L")),)),
    ("scores", {"num": (1, 2, "2.5", 3, 4, 5)}, ({"num": {"at_least": 2}}, {"num": {"above": 2, "below": 4}},
     {"num": 3}), (("num", (4, 6), (1, 2)),)),
    ("disability_scores", {"score": (0, 4, 5, 8, 10, -5)}, ({"score": {"at_most": 4}},), (("score", (8, 9), (1, 2)),)),
    ("infections", {"severity": ("minor", "serious"), "bacterial": (True, False)},
     ({"severity": "serious"}, {"severity": ["serious", "life_threatening"], "bacterial": True}), ()),
    ("igg_measurements", {"g_per_l": ("3.5", "4", "400 mg/dL", "4.5")}, ({"g_per_l": {"below": "4 g/L"}},
     {"g_per_l": {"at_most": "400 mg/dL"}}), (("g_per_l", ("8 g/L", "12 g/L"), ("0.5 g/L", "50 mg/dL")),)),
    ("prior_courses", {"g_per_kg": ("0.5", "1", "2", "1000 mg/kg"), "response": ("improved", "worse")},
     ({"response": "improved"}, {"g_per_kg": {"at_least": "1 g/kg"}}), (("g_per_kg", ("2 g/kg", "4 g/kg"),
     ("1 g/kg", "500 mg/kg")),)),
)  # fmt: skip


@st.composite
def _list_test(draw, kind, wheres, numbers):
    if kind == "long ago":
        where = draw(st.sampled_from(({}, *({"where": where} for where in wheres))))
        return {"never_or_at_least_ago": draw(st.sampled_from(("20 days", "1 month", "3 months"))), **where}
    if kind == "share":
        where, share = draw(st.sampled_from(wheres)), draw(SHARES)
        return {"where": where, **share, **draw(WINDOWS)}
    if kind in ("count", "within", "apart"):
        where = draw(st.sampled_from((None, *wheres)))
        window = draw(WINDOWS if kind == "apart" else WITHIN if kind == "within" else st.just({}))
        more = {**draw(COUNTS), **window, **(draw(APART) if kind == "apart" else {})}
        return {**({"where": where} if where else {} if more else {"at_least": 1}), **more}
    if kind == "latest":
        return {"latest": draw(st.sampled_from(wheres)), **draw(WINDOWS)}
    field, totals, steps = draw(st.sampled_from(numbers))
    if kind == "trend":
        ways = st.sampled_from(("rising", "falling", "not_rising", "not_falling"))
        return {"trend": draw(ways), "last": draw(st.sampled_from((2, 3))), "field": field}
    if kind == "change":
        step = draw(st.sampled_from([*({word: by} for word in ("falls_by", "rises_by") for by in steps), *STEPS[2:4],
                                     *STEPS[5:]]))  # fmt: skip
        return {"change": {"field": field, **step, "from": draw(st.sampled_from(("first", "previous", "highest",
                                                                                   "lowest")))}}  # fmt: skip
    bound = draw(st.one_of(
        st.builds(lambda word, total: {word: total}, st.sampled_from(BOUNDS), st.sampled_from(totals)),
        st.just({"at_least": totals[0], "at_most": totals[1]}),
    ))  # fmt: skip
    where = draw(st.sampled_from(({}, *({"where": where} for where in wheres))))
    return {"sum": field, **bound, **where, **draw(WINDOWS)}


@st.composite
def _entries(draw, as_of, fields, optional, *, tied):
    entries, gaps = [], 2
    days = st.sampled_from(BACK).map(lambda back: as_of - timedelta(days=back)) | near_days(as_of)
    for day in draw(st.lists(days, max_size=4, unique=not tied)):
        entry = {"date": str(day)} | {name: draw(st.sampled_from(values)) for name, values in fields.items()}
        left_out = draw(st.sampled_from((None, *optional))) if gaps and optional and tied else None
        gaps -= left_out is not None
        told = {key: value for key, value in entry.items() if key != left_out}
        entries.append({key: value for key, value in told.items() if date_in_time(key, value, as_of)})
    if "date" not in optional or not tied or draw(st.integers(0, 3)):
        return entries
    # Two without any date are as many as can be tried on every day.
    return [{key: value for key, value in entry.items() if key != "date"} for entry in entries[:2]]


def date_in_time(key, value, as_of):
    return key != "date" or value <= str(as_of)


# --- Fields held against other fields --------------------------------------------------------------------------------

LEVELS = ("2", "3", "4", "5", "400 mg/dL")


@st.composite
def compared(draw, other):
    """A field held against what gives its bound: `other` names what may stand there, a field or the case's facts."""
    as_of = draw(st.sampled_from(DAYS))
    name = draw(st.sampled_from(other))
    bound = {draw(st.sampled_from(("fact", "field" if name == "lower" else "case"))): name}
    said = {
        draw(st.sampled_from(BOUNDS[:2])): bound,
        **draw(st.sampled_from(({}, {"below": "5 g/L"}, {"above": "2 g/L"}))),
    }
    where = {"got": said, **draw(st.sampled_from(({}, {"lower": {"at_least": "3 g/L"}})))}
    test = draw(st.one_of(
        COUNTS.map(lambda count: {"where": where, **count}),
        WINDOWS.map(lambda window: {"latest": where, **window}),
        st.sampled_from(("4 g/L", "8 g/L")).map(lambda total: {"sum": "got", "where": where, "at_least": total}),
    ))  # fmt: skip
    values = {"got": LEVELS, "lower": LEVELS}
    entries = draw(_entries(as_of, values, ("date", "got", "lower"), tied=True))
    facts = {"levels": entries} if draw(st.integers(0, 15)) else {}
    return Leaf({"levels": test}, {**facts, **draw(some_known(igg_lower_limit=("3", "4", "5")))}, as_of)


BESIDE = st.builds(
    lambda end, minus: {end: {"fact": "onset_on", **minus}},
    st.sampled_from(("from", "until")),
    st.sampled_from(({}, {}, {"minus": "20 days"}, {"minus": "1 month"}, {"minus": "3 months"})),
)


@st.composite
def dated_beside(draw):
    """The days of entries held against a date of the case."""
    as_of = draw(st.sampled_from(DAYS))
    where = {"date": draw(BESIDE), **draw(st.sampled_from(({}, {"seen": True})))}
    test = draw(st.one_of(
        COUNTS.map(lambda count: {"where": where, **count}), SHARES.map(lambda share: {"where": where, **share})
    ))  # fmt: skip
    entries = draw(_entries(as_of, {"seen": (True, False)}, ("date", "seen"), tied=True))
    facts = {"titres": entries} if draw(st.integers(0, 15)) else {}
    back = [as_of - timedelta(days=days) for days in BACK]
    days = [*back, *(date.fromisoformat(entry["date"]) + timedelta(days=step)
                     for entry in entries if "date" in entry for step in (-1, 0, 1, 20, 30, 31, 92))]  # fmt: skip
    onset = {"onset_on": str(draw(st.sampled_from(days)))} if draw(st.integers(0, 3)) else {}
    return Leaf({"titres": test}, {**facts, **onset}, as_of)


PLAIN_LISTS = leaf(
    st.one_of(
        st.builds(
            lambda step, since: {"change": {"field": "value", **step, "from": since}},
            st.sampled_from(STEPS),
            st.sampled_from(("first", "previous", "highest", "lowest")),
        ),
        st.builds(
            lambda way, last: {"trend": way, "last": last},
            st.sampled_from(("rising", "falling", "not_rising", "not_falling")),
            st.sampled_from((2, 3)),
        ),
    ).map(lambda test: {"disability_assessments": test}),
    st.lists(st.integers(0, 5), max_size=4).map(lambda some: {"disability_assessments": some}) | st.just({}),
)
