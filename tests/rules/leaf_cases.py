"""Hypothesis writes one condition and the facts that it is held against, both as people write them: kind by kind of
the criteria language, with values on, just beside and far from every bound.
"""

from datetime import timedelta

from hypothesis import strategies as st

from tests.rules.leaf_lists import BESIDE, LIST_TESTS, PLAIN_LISTS, compared, dated_beside, listed
from tests.rules.leaf_parts import BOUNDS, DAYS, SPANS, WORDS, Leaf, bounds, leaf, near_days, some_known
from tests.rules.leaf_words import texts_of_words, tried_by_class
from tests.rules.naive_amounts import days_back

# --- Numbers ---------------------------------------------------------------------------------------------------------

IGG = ("3.99", "4", "4.01", "400 mg/dL", "399 mg/dL", "401 mg/dL", "0.4 %", "4000 mg/L", "4 mg/mL", "4000 ug/mL",
       "0.4 g/dL", "0.004 g/mL", "3.9999 mg/mL")  # fmt: skip
PLATELETS = ("29", "30", "31", "30000 /mm3", "29999 /uL", "30000 10^6/L", "30 10^3/uL", "30001 /mm3")
SPENT = ("5", "6", "26 weeks", "182 days", "183 days", "0.5 years", "6 months", "182.625 days", "25 weeks", "13 weeks",
         "12 weeks", "3 months", "91 days", "4383 hours")  # fmt: skip
NUMBERS = leaf(
    bounds((2, 3, 5)).map(lambda said: {"course_days": said}),
    some_known(course_days=(1, 2, 3, 4, 5, "5 days", "1 weeks")),
)
UNITS = st.one_of(
    leaf(
        bounds(("3.5 g/L", "4 g/L", "401 mg/dL")).map(lambda said: {"igg_g_per_l": said}),
        some_known(igg_g_per_l=IGG) | some_known(igg_mg_per_dl=("399", "400", "400.5", "401", "4 g/L", "4.01 g/L")),
    ),
    leaf(
        bounds(("350 mg/dL", "4 g/L", "401 mg/dL")).map(lambda said: {"igg_mg_per_dl": said}),
        some_known(igg_g_per_l=IGG) | some_known(igg_mg_per_dl=("349.9", "350", "400", "401", "4 g/L", "4.01 g/L")),
    ),
    leaf(
        bounds(("29 10^9/L", "30000 /mm3", "31 10^3/uL")).map(lambda said: {"platelets_10e9_per_l": said}),
        some_known(platelets_10e9_per_l=PLATELETS),
    ),
    leaf(
        bounds(("200 /uL", "0.25 10^9/L")).map(lambda said: {"cd4_count": said}),
        some_known(cd4_count=("199 /uL", "200 10^6/L", "201 /mm3", "250 /uL", "0.2 10^9/L", "251 10^6/L")),
    ),
)
DURATIONS = st.one_of(
    leaf(
        bounds(("3 months", "26 weeks", "6 months", "183 days")).map(lambda said: {"months_on_therapy": said}),
        some_known(months_on_therapy=SPENT),
    ),
    leaf(
        bounds(("1 weeks", "8 days", "1 months")).map(lambda said: {"days_since_last_dose": said}),
        some_known(days_since_last_dose=(6, 7, "168 hours", "1 weeks", 8, 9, 30, 31, "30.4375 days", "1 months")),
    ),
    leaf(
        bounds(("3 weeks", "1 months", "5 weeks")).map(lambda said: {"interval_weeks": said}),
        some_known(interval_weeks=("3", "4", "4.345", "4.346", "4.348", "4.35", "1 months", "30 days", "31 days", "5")),
    ),
)
BOUND_OF_A_FACT = leaf(
    st.sampled_from(BOUNDS).map(lambda word: {"igg_g_per_l": {word: {"fact": "igg_lower_limit"}}}),
    some_known(igg_g_per_l=IGG, igg_lower_limit=("3.99", "4", "4.01", "400 mg/dL")),
)
CHANGES = leaf(
    st.sampled_from(
        ({"falls_by": 1}, {"rises_by": 1}, {"falls_by": "20 %"}, {"rises_by": "20 %"}, {"rises_by": "50 %"})
    ).map(lambda step: {"change": {"from": "baseline_score", "to": "current_score", **step}}),
    some_known(baseline_score=(0, 4, 5, -5), current_score=(0, 3, "3.5", 4, "4.8", 5, 6, "7.5", -4, -6)),
)
DAYS_LIVED, WEEKS_LIVED = st.integers(0, 45).map(lambda n: f"{n} days"), st.integers(0, 16).map(lambda n: f"{n} weeks")
MONTHS_LIVED = st.integers(0, 40).map(lambda n: f"{n} months")
LIVED = DAYS_LIVED | WEEKS_LIVED | MONTHS_LIVED | st.integers(0, 3).map(lambda n: f"{n} years")
AGES = leaf(
    st.builds(
        lambda word, limit: {"age_years": {word: limit}},
        st.sampled_from(BOUNDS),
        LIVED | st.sampled_from((1, 2, 18)),
    ),
    st.one_of(
        LIVED.map(lambda age: {"age_years": age}),
        st.integers(0, 45).map(lambda age: {"age_days": age}),
        st.integers(0, 40).map(lambda age: {"age_months": age}),
        st.sampled_from(({}, {"age_years": 1}, {"age_years": 17}, {"age_years": 18}, {"age_years": "17.9"})),
    ),
)

BODY_MASS = leaf(
    bounds(("27.5", "30 kg/m2", 35)).filter(lambda said: isinstance(said, dict)).map(lambda said: {"bmi": said}),
    some_known(
        weight_kg=("86.6", "86.7", "86.700001", "79.475", "110", "191 lb"), height_cm=("170", "1.7 m", "169", "5.6 ft")
    ),
)


# --- Choices, texts, dates ------------------------------------------------------------------------------------------

CHOICES = st.one_of(
    leaf(
        st.sampled_from(("kidney", ["kidney"], ["kidney", "lung"])).map(lambda said: {"organ": said}),
        some_known(organ=("kidney", "heart", "lung")),
    ),
    leaf(st.booleans().map(lambda said: {"relapse": said}), some_known(relapse=(True, False))),
)
REMARKS = ("", " ", "red", "RED", " Red ", "blue sky", "BLUE\tSKY", "a blue  sky above", "redness", "green grass", "x")
TEXTS = leaf(
    st.one_of(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True).map(lambda some: {"mentions": some}),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True),
        st.sampled_from((*WORDS, "stated")),
    ).map(lambda said: {"remark": said}),
    some_known(remark=REMARKS),
)


@st.composite
def dates(draw):
    as_of = draw(st.sampled_from(DAYS))
    first, last = sorted((draw(near_days(as_of)), draw(near_days(as_of))))
    said = draw(st.one_of(
        st.sampled_from(SPANS).map(lambda span: {"within": span}),
        st.sampled_from(SPANS).map(lambda span: {"at_least_ago": span}),
        st.sampled_from(SPANS).map(lambda span: {"never_or_at_least_ago": span}),
        st.sampled_from(({"from": str(first)}, {"until": str(last)}, {"from": str(first), "until": str(last)})),
        BESIDE,
        st.builds(lambda span, end: {"within": span, **end}, st.sampled_from(SPANS), BESIDE),
    ))  # fmt: skip
    days = [near_days(as_of), st.sampled_from((first, last, as_of + timedelta(days=1)))]
    onset = draw(near_days(as_of))
    for bound in said.values():
        if isinstance(bound, dict):
            edge = days_back(onset, bound.get("minus", "0 days"))
            days.append(st.sampled_from((-1, 0, 1)).map(lambda step, edge=edge: edge + timedelta(days=step)))
    if span := said.get("within", said.get("at_least_ago", said.get("never_or_at_least_ago"))):
        edge = days_back(as_of, span)
        days.append(st.sampled_from((-1, 0, 1)).map(lambda step: edge + timedelta(days=step)))
    facts = draw(st.one_of(*days).map(lambda day: {"eeg_on": str(day)}) | st.sampled_from(({}, {"eeg_on": "never"})))
    return Leaf({"eeg_on": said}, {**facts, **draw(some_known(onset_on=(str(onset), "never")))}, as_of)


# --- What was tried -------------------------------------------------------------------------------------------------

RESULTS = ("not_tried", "failed", "intolerant", "contraindicated", "declined")
THERAPIES = ("corticosteroids", "Corticosteroids", "rituximab", "RITUXIMAB", "immunosuppressant", "azathioprine")
TRIALS = st.lists(
    st.fixed_dictionaries(
        {"therapy": st.sampled_from(THERAPIES), "outcome": st.sampled_from(RESULTS)},
        optional={
            "weeks": st.sampled_from((6, 12, "84 days", "3 months", "12.9", 13, 14)),
            "dose_mg_per_kg_per_day": st.sampled_from(("0.9", 1, "1.1", "0.001 g/kg/day")),
            "dose_mg_per_day": st.sampled_from((59, 60, 61, "0.06 g/day")),
        },
    ),
    max_size=3,
)
NAMED = st.lists(st.sampled_from(("prior_corticosteroids", "prior_immunosuppressant", "rituximab")), min_size=1,
                 max_size=3, unique=True)  # fmt: skip
TRIED_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "prior_corticosteroids": st.sampled_from(RESULTS),
        "prior_immunosuppressant": st.sampled_from(RESULTS),
        "prior_therapies": TRIALS,
    },
)


@st.composite
def tried(draw):
    names = draw(NAMED)
    how = draw(st.sampled_from(("any", "all", "of")))
    said = {how: names, **({"at_least": draw(st.integers(1, len(names)))} if how == "of" else {})}
    if draw(st.booleans()):
        said["results"] = draw(st.lists(st.sampled_from(RESULTS), min_size=1, max_size=3, unique=True))
    lasted = draw(st.sampled_from(({}, {}, {"for": "12 weeks"}, {"for": "3 months"},
                                   {"dose": {"at_least": "1 mg/kg/day"}}, {"dose": {"at_least": "60 mg/day"}},
                                   {"for": "12 weeks", "dose": {"at_least": "1 mg/kg/day"}})))  # fmt: skip
    if lasted:
        said.pop("results", None) if "failed" not in said.get("results", ["failed"]) else None
        said[how] = [name.removeprefix("prior_") for name in names]
    facts = draw(TRIED_FACTS)
    if not lasted and how == "any" and "results" not in said and "rituximab" not in names and draw(st.booleans()):
        return Leaf({"tried_without_success": names}, facts, DAYS[0])
    return Leaf({"tried": {**said, **lasted}}, facts, DAYS[0])


# --- Doses ----------------------------------------------------------------------------------------------------------

DOSING = st.fixed_dictionaries(
    {"weight_rule": st.sampled_from(("adjusted", "actual", "ideal", "ontario", "australia_2026", "england"))},
    optional={
        "ceiling": st.sampled_from(("2 g/kg", "1 g/kg")),
        "rounding_within": st.sampled_from(("3 %", "20 %", "0 %")),
        "tolerance": st.sampled_from(("5 %", "2 %")),
    },
)
PATIENTS = st.fixed_dictionaries(
    {},
    optional={
        "weight_kg": st.sampled_from(("2.6", "4", "23", "50", "71", "71.2", "72.5", "154 lb")),
        "age_years": st.sampled_from((5, 17, 18, 40)),
        "height_cm": st.sampled_from(("120", "152", "152.4", "153", "170", "65 in")),
        "sex": st.sampled_from(("female", "male")),
        "pregnancy_status": st.sampled_from(("pregnant", "not_pregnant")),
        "pre_pregnancy_weight_kg": st.sampled_from(("60", "70")),
    },
)
AMOUNTS = {
    "dose_total_g_per_kg": ("0.4", "1", "2", "2.000001", "2.04", "2.1", "2.11", "2000 mg/kg"),
    "dose_total_g": ("2.6", "5", "25", "46", "100", "140", "141", "142", "142.4", "142.5", "144", "145", "145.1",
                     "150", "151"),
    "dose_per_day_g_per_kg": ("0.2", "0.4", "1", "1.05", "2"),
    "dose_per_day_g": ("5", "20", "28", "30", "70", "71", "75"),
}  # fmt: skip
ORDERED = st.sampled_from(sorted(AMOUNTS)).flatmap(
    lambda name: st.sampled_from(AMOUNTS[name]).map(lambda amount: {name: amount})
)
TIMES = st.fixed_dictionaries(
    {},
    optional={"course_days": st.sampled_from((1, 2, 5)), "interval_weeks": st.sampled_from(("2", "3", "4", "4.35",
                                                                                             "1 months"))},
)  # fmt: skip
LIMITS = st.builds(
    lambda low, high, per, more: {**low, **high, "per": per, **more},
    st.sampled_from(({}, {}, {"at_least": "0.4 g/kg"}, {"at_least": "40 g"})),
    st.sampled_from(({"at_most": "2 g/kg"}, {"at_most": "1 g/kg"}, {"at_most": "400 mg/kg"}, {"at_most": "140 g"},
                     {"at_most": "142 g"})),
    st.sampled_from(("course", "day", "4 weeks", "1 months", "30 days")),
    st.sampled_from(({}, {}, {"tolerance": "5 %"}, {"tolerance": "0 %"})),
).filter(lambda said: _one_measure(said))  # fmt: skip


def _one_measure(said):
    return len({str(said[word]).split()[1] for word in ("at_least", "at_most") if word in said}) == 1


@st.composite
def doses(draw):
    facts = {**draw(PATIENTS), **(draw(ORDERED) if draw(st.integers(0, 7)) else {}), **draw(TIMES)}
    if draw(st.integers(0, 2)):
        facts.setdefault("weight_kg", "71")
    if facts.get("sex") == "male":
        facts = {name: value for name, value in facts.items() if "pregnan" not in name}
    dosing = draw(DOSING)
    ceilings = ({"dose_within_ceiling": True}, {"dose_within_ceiling": False}) if "ceiling" in dosing else ()
    condition = draw(st.one_of(LIMITS.map(lambda said: {"dose": said}), *(st.just(one) for one in ceilings)))
    return Leaf(condition, facts, DAYS[0], dosing)


RATES = leaf(
    st.builds(
        lambda word, limit, more: {"dose": {word: limit, **more}},
        st.sampled_from(("at_least", "at_most")),
        st.sampled_from(("0.08 mL/kg/min", "4.8 mL/kg/h", "3 mg/kg/min", "8 mg/kg/min")),
        st.sampled_from(({}, {"tolerance": "5 %"})),
    ),
    some_known(
        max_infusion_rate_ml_per_kg_min=("0.03", "0.031", "0.06", "0.08", "0.0801", "0.084", "4.8 mL/kg/h",
                                         "5 mL/kg/h"),
        concentration_g_per_ml=("0.05", "0.1", "10 %", "50 mg/mL"),
        product=("Gamunex-C", "gamunex-c"),
    ),
)  # fmt: skip


PRODUCT_LEAVES = leaf(
    st.sampled_from(("product_intravenous", "product_contraindicated")).flatmap(
        lambda name: st.booleans().map(lambda said: {name: said})
    ),
    some_known(product=("Gamunex-C", "hizentra", "CYTOGAM"), route=("iv", "sc")),
)


@st.composite
def adjusted(draw):
    return Leaf({"weight_adjusted": draw(st.booleans())}, draw(PATIENTS), DAYS[0], draw(DOSING))


# --- Together -------------------------------------------------------------------------------------------------------

_PARTS = st.one_of(
    st.sampled_from((True, False)).map(lambda said: {"relapse": said}),
    st.sampled_from(("kidney", ["heart", "lung"])).map(lambda said: {"organ": said}),
    st.just({"course_days": {"at_most": 3}}),
    st.sampled_from(("always", "never")),
    st.sampled_from(("grown", "grown_and_relapsed")).map(lambda name: {"use": name}),
    st.just({"relapse": True, "organ": "kidney"}),
)


def _over(inner):
    some = st.lists(inner, min_size=1, max_size=3)
    counted = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        some.map(lambda parts: {"all": parts}),
        some.map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
        inner.map(lambda part: {"surely": part}),
        st.builds(lambda parts, how: {"count": {"of": parts, **how}}, counted, st.sampled_from(
            ({"at_least": 1}, {"at_least": 2}, {"at_most": 1}, {"exactly": 1}, {"at_least": 1, "at_most": 1},
             {"exactly": 0}))),
    )  # fmt: skip


TOGETHER = leaf(
    _over(_PARTS) | _over(_over(_PARTS)) | _over(_over(_over(_PARTS))),
    some_known(relapse=(True, False), organ=("kidney", "heart", "lung"), course_days=(3, 4), age_years=(17, 18)),
)
KINDS = {
    "numbers": NUMBERS,
    "units": UNITS,
    "durations": DURATIONS,
    "bound of a fact": BOUND_OF_A_FACT,
    "change": CHANGES,
    "ages": AGES,
    "body mass": BODY_MASS,
    "choices": CHOICES,
    "texts": TEXTS,
    "texts, edition 2": texts_of_words(),
    "dates": dates(),
    **{f"lists: {word}": listed(word) for word in LIST_TESTS},
    "lists: field beside field": compared(("lower",)),
    "lists: field beside case": compared(("igg_lower_limit",)),
    "lists: day beside case": dated_beside(),
    "lists: plain": PLAIN_LISTS,
    "tried": tried(),
    "tried, edition 2": tried_by_class(),
    "doses": doses(),
    "rates": RATES,
    "products": PRODUCT_LEAVES,
    "weights": adjusted(),
    "together": TOGETHER,
}
