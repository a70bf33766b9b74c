"""The meaning of every condition as the manual of the criteria language says it, over the plain YAML or JSON text:
`truth({"age_years": {"at_least": 18}}, {"age_years": 40}, Setting(as_of))` is True. True, False, or None for unknown.

Nothing of the rules is imported: facts are the values that a case states (`40`, `"380 mg/dL"`, `"2026-05-01"`), or
what became of them (Decimal, date, tuples of mappings). Slow and obviously right.
"""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tests.rules.naive_amounts import agreed, as_day, dated, fell_or_rose, in_between, number, so_many, written
from tests.rules.naive_doses import Order, limit_truth
from tests.rules.naive_lists import list_truth
from tests.rules.naive_words import (
    fact_of,
    is_class,
    is_therapy,
    may_be_told_as,
    mentions,
    mentions_whole,
    same_text,
    same_therapy,
)

TEXTS = ("specialist", "diagnosis_confirmed_by", "severity_measure", "objective_measure", "product")
# The vocabulary's numbers with their units; any other of its facts is a choice, or yes or no.
NUMBERS = {
    "age_years": "years", "weight_kg": "kg", "height_cm": "cm", "dose_total_g": "g", "dose_total_g_per_kg": "g/kg",
    "dose_per_day_g": "g/day", "dose_per_day_g_per_kg": "g/kg/day", "course_days": "days", "interval_weeks": "weeks",
    "concentration_g_per_ml": "g/mL", "max_infusion_rate_ml_per_kg_min": "mL/kg/min", "baseline_score": None,
    "current_score": None, "courses_given": None, "months_on_therapy": "months", "days_since_last_dose": "days",
    "hours_since_infusion_end": "hours", "igg_g_per_l": "g/L", "igg_mg_per_dl": "mg/dL",
    "platelets_10e9_per_l": "10^9/L", "last_dose_reduction_attempt_months_ago": "months",
    "requested_authorization_months": "months", "fever_days": "days",
}  # fmt: skip
LISTS = {
    "infections": {"date": "date", "severity": "text", "bacterial": "bool"},
    "igg_measurements": {"date": "date", "g_per_l": "g/L"},
    "platelet_measurements": {"date": "date", "platelets_10e9_per_l": "10^9/L"},
    "disability_scores": {"date": "date", "score": "number"},
    "disability_assessments": {"value": "number"},
    "prior_courses": {"date": "date", "g_per_kg": "g/kg", "response": "text"},
    "prior_therapies": {
        "therapy": "text", "outcome": "text", "weeks": "weeks", "dose_mg_per_day": "mg/day",
        "dose_mg_per_kg_per_day": "mg/kg/day", "date": "date",
    },
}  # fmt: skip
NO_SUCCESS = ("failed", "intolerant", "contraindicated")
# Ages by the unit of a limit: days and weeks by the days lived, months by months, years by years.
AGES = {"days": "age_days", "weeks": "age_days", "months": "age_months", "years": "age_years"}


@dataclass(frozen=True)
class Setting:
    """What a condition stands in: the day of the request, and what its pack brings along."""

    as_of: date
    own: dict = field(default_factory=dict)  # own facts, by name, as the pack writes them
    conditions: dict = field(default_factory=dict)  # what `use` names
    dosing: dict = field(default_factory=dict)
    edition: int = 1
    products: dict = field(default_factory=dict)  # rows of the product table, by brand

    def kind(self, name):
        own = self.own.get(name)
        if own:
            return own["type"]
        if name in LISTS:
            return "list"
        return "dec" if name in NUMBERS else "text" if name in TEXTS else "choice"

    def unit(self, name):
        return self.own[name].get("unit") if name in self.own else NUMBERS[name]

    def fields(self, name):
        if name not in self.own:
            return LISTS[name]
        return {key: _field_kind(said) for key, said in self.own[name]["fields"].items()}


def _field_kind(said):
    said = {"type": said} if isinstance(said, str) else {"type": "text"} if isinstance(said, list) else said
    return said.get("unit") or "number" if said["type"] in ("dec", "int") else said["type"]


def truth(condition, facts, setting):
    """The truth of a condition as the text writes it."""
    if condition in ("always", "never"):
        return condition == "always"
    return every(_part(word, said, facts, setting) for word, said in condition.items())


def facts_read(condition, surely=False):
    """The names of the facts that a condition reads; those under `surely`, which nobody is asked for, where wanted."""
    if condition in ("always", "never"):
        return set()
    return {name for word, said in condition.items() for name in _read_by(word, said, surely)}


def _read_by(word, said, surely):
    if word == "surely" and not surely:
        return set()
    parts = {"all": said, "any": said, "not": [said], "surely": [said]}.get(word)
    if word == "count":
        parts = said["of"]
    if parts is not None:
        return {name for part in parts for name in facts_read(part, surely)}
    if word == "change":
        return {said["from"], said["to"]}
    bounds = said.values() if isinstance(said, dict) else ()
    return {word, *(bound["fact"] for bound in bounds if isinstance(bound, dict) and "fact" in bound)}


def every(truths):
    truths = list(truths)
    return False if False in truths else None if None in truths else True


def some(truths):
    return opposite(every(opposite(one) for one in truths))


def opposite(one):
    return None if one is None else not one


def _part(word, said, facts, setting):
    if word in WORDS:
        return WORDS[word](said, facts, setting)
    return _fact(word, said, facts, setting)


def _count(said, facts, setting):
    truths = [truth(part, facts, setting) for part in said["of"]]
    surely, perhaps = truths.count(True), truths.count(True) + truths.count(None)
    return agreed(so_many(said, count) for count in range(surely, perhaps + 1))


def _change(said, facts, setting):
    if said["from"] not in facts or said["to"] not in facts:
        return None
    first, last = (number(facts[said[end]], setting.unit(said[end])) for end in ("from", "to"))
    return fell_or_rose(first, last, said, setting.unit(said["from"]))


def _body_mass(said, facts, setting):
    if "weight_kg" not in facts or "height_cm" not in facts:
        return None
    metres = number(facts["height_cm"], "cm") / 100
    index = number(facts["weight_kg"], "kg") / metres**2
    if index < 5 or index > 200:
        return None
    return in_between(index, said, lambda bound: written(bound)[0])


def _dose(said, facts, setting):
    return limit_truth(said, Order(facts, setting.dosing, _concentration(facts, setting)))


def _within_ceiling(said, facts, setting):
    ceiling = setting.dosing.get("ceiling")
    within = _dose({"at_most": ceiling, "per": "course"}, facts, setting) if ceiling else None
    return None if within is None else within is said


def _weight_adjusted(said, facts, setting):
    adjusted = Order(facts, setting.dosing).weight_adjusted()
    return None if adjusted is None else adjusted is said


def _product(facts, setting):
    """The row of the product table that the order names, None where it names none."""
    named = facts.get("product")
    return next((row for name, row in setting.products.items() if named and same_text(name, named)), None)


def _intravenous(said, facts, setting):
    row = _product(facts, setting)
    return (row is None or (row["kind"] == "ivig" and "iv" in row["route"])) is said


def _contraindicated(said, facts, setting):
    """By the route alone, intravenous where none is said: what stands under `contraindications` is the table's own."""
    row, route = _product(facts, setting), facts.get("route", "iv")
    unsuited = row is not None and (route not in row["route"] or (route == "iv" and row["kind"] != "ivig"))
    return unsuited is said


def _concentration(facts, setting):
    row = _product(facts, setting)
    return None if row is None else Fraction(row["g_per_ml"])


def _tried(said, facts, setting):
    results = said.get("results", NO_SUCCESS)
    names = said.get("any") or said.get("all") or said["of"]
    one = _one_tried if setting.edition == 1 else _one_tried_in_2
    truths = [one(name, results, said, facts) for name in names]
    if "any" in said:
        return some(truths)
    if "all" in said:
        return every(truths)
    perhaps = range(truths.count(True), truths.count(True) + truths.count(None) + 1)
    return agreed(count >= said["at_least"] for count in perhaps)


def _one_tried(name, results, said, facts):
    fact = name if name in PRIOR else f"prior_{name}" if f"prior_{name}" in PRIOR else None
    lasted = "for" in said or "dose" in said
    if fact and not lasted:
        return None if fact not in facts else facts[fact] in results
    beside = facts.get(fact) if fact else None
    if beside is not None and beside not in results:
        return False
    if beside not in (None, "failed"):
        return True
    if "prior_therapies" not in facts:
        return None
    called = name.removeprefix("prior_")
    entries = [entry for entry in facts["prior_therapies"] if same_therapy(entry["therapy"], called)]
    return some(_trial(entry, results, said) for entry in entries)


def _one_tried_in_2(name, results, said, facts):
    called = name.removeprefix("prior_")
    trials = [_both(is_therapy(entry["therapy"], called), _trial(entry, results, said))
              for entry in facts.get("prior_therapies", ())]  # fmt: skip
    listed = some(trials) if "prior_therapies" in facts else None
    fact = name if name in PRIOR else fact_of(called)
    told = facts[fact] in results if fact in facts else None
    if "for" not in said and "dose" not in said:
        if name in PRIOR:
            return told
        if fact:
            return True if listed is True else told
    if told is False and facts[fact] != "failed":
        return False
    if told and facts[fact] != "failed":
        return True
    return None if listed is False and not fact and _told_by_a_class(called, results, facts) else listed


def _told_by_a_class(called, results, facts):
    """Whether something of a class of this therapy came to a result, and no entry says what it was."""
    entries = facts["prior_therapies"]
    if not is_class(called) and any(is_therapy(one["therapy"], called) for one in entries):
        return False
    classes = [(other, fact_of(other)) for other in may_be_told_as(called) if fact_of(other)]
    return any(facts.get(fact) in results and not
               any(is_therapy(one["therapy"], other) and one.get("outcome") in results
                   for one in entries)
               for other, fact in classes)  # fmt: skip


def _both(one, other):
    return every([one, other])


def _trial(entry, results, said):
    if "outcome" not in entry:
        return None
    if entry["outcome"] not in results:
        return False
    if entry["outcome"] != "failed":
        return True
    asked = []
    if "for" in said:
        weeks = entry.get("weeks")
        asked.append(None if weeks is None else number(weeks, "weeks") >= number(said["for"], "weeks"))
    if "dose" in said:
        asked += [_trial_dose(entry, word, bound) for word, bound in said["dose"].items()]
    return every(asked)


def _trial_dose(entry, word, bound):
    unit = written(bound)[1]
    per_kg = "kg/day" in unit
    name, own = ("dose_mg_per_kg_per_day", "mg/kg/day") if per_kg else ("dose_mg_per_day", "mg/day")
    if name not in entry:
        return None
    return in_between(number(entry[name], own), {word: bound}, lambda limit: number(limit, own))


PRIOR = (
    "prior_corticosteroids", "prior_immunosuppressant", "prior_cholinesterase_inhibitor", "prior_symptomatic_therapy",
    "prior_plasma_exchange", "prior_benzodiazepine", "prior_baclofen", "prior_gabapentin", "approved_injectables",
)  # fmt: skip
WORDS = {
    "all": lambda said, facts, setting: every(truth(part, facts, setting) for part in said),
    "any": lambda said, facts, setting: some(truth(part, facts, setting) for part in said),
    "not": lambda said, facts, setting: opposite(truth(said, facts, setting)),
    "surely": lambda said, facts, setting: truth(said, facts, setting) is True,
    "use": lambda said, facts, setting: truth(setting.conditions[said], facts, setting),
    "count": _count,
    "bmi": _body_mass,
    "change": _change,
    "dose": _dose,
    "dose_within_ceiling": _within_ceiling,
    "weight_adjusted": _weight_adjusted,
    "product_intravenous": _intravenous,
    "product_contraindicated": _contraindicated,
    "tried": _tried,
    "tried_without_success": lambda said, facts, setting: _tried({"any": said}, facts, setting),
}


# --- A fact with what is said of it ----------------------------------------------------------------------------------


def _fact(name, said, facts, setting):
    kind = setting.kind(name)
    if kind == "list":
        return list_truth(
            said, facts.get(name), setting.fields(name), setting.as_of, given_by(facts, setting), setting.edition
        )
    if name.startswith("age_"):
        return _age(said, facts)
    value = _value(name, facts)
    if kind == "date":
        return dated(value and as_day(value), said, setting.as_of, given_by(facts, setting))
    if value is None:
        return None
    if kind in ("dec", "int"):
        return _number(name, value, said, facts, setting)
    if kind == "text":
        return _text(value, said, setting.edition)
    return value in (said if isinstance(said, list) else [said])


def given_by(facts, setting):
    """The number or day that a fact of the case gives as a bound, by its name."""

    def bound_given(name):
        value = _value(name, facts)
        if value is None:
            return None
        return as_day(value) if setting.kind(name) == "date" else number(value, setting.unit(name))

    return bound_given


def _value(name, facts):
    """What is known of a fact; IgG is one fact under two names, each in its unit."""
    if name in facts:
        return facts[name]
    if name == "igg_g_per_l" and "igg_mg_per_dl" in facts:
        return number(facts["igg_mg_per_dl"], "mg/dL") / 100
    if name == "igg_mg_per_dl" and "igg_g_per_l" in facts:
        return number(facts["igg_g_per_l"], "g/L") * 100
    return None


def _number(name, value, said, facts, setting):
    unit = setting.unit(name)
    value = number(value, unit)
    if not isinstance(said, dict):
        return value in [number(one, unit) for one in (said if isinstance(said, list) else [said])]
    return every(_bound(word, bound, value, unit, facts, setting) for word, bound in said.items())


def _bound(word, bound, value, unit, facts, setting):
    if isinstance(bound, dict):
        other = _value(bound["fact"], facts)
        return None if other is None else in_between(value, {word: number(other, setting.unit(bound["fact"]))}, number)
    return in_between(value, {word: bound}, lambda one: number(one, unit))


def _age(said, facts):
    if not isinstance(said, dict):
        said = {"at_least": said, "at_most": said}
    return every(_age_bound(word, bound, facts) for word, bound in said.items())


def _age_bound(word, bound, facts):
    amount, unit = written(bound)
    unit = unit or "years"
    in_its_own = {"age_days": "days", "age_months": "months", "age_years": "years"}
    fact = AGES[unit]
    stated = fact if fact in facts else next((name for name in in_its_own if name in facts), None)
    if stated is None:
        return None
    lived, own = written(facts[stated])
    lived = number(f"{lived} {own or in_its_own[stated]}", unit)
    return in_between(lived, {word: amount}, lambda one: one)


def _text(value, said, edition):
    if said == "stated":
        return bool(str(value).strip())
    if isinstance(said, dict):
        words = said["mentions"]
        return (mentions if edition == 1 else mentions_whole)(value, words if isinstance(words, list) else [words])
    return any(same_text(value, one) for one in (said if isinstance(said, list) else [said]))
