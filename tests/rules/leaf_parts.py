"""A leaf of the criteria language: one condition, with the facts that it is held against, both as people write them;
and what the strategies of leaves share.
"""

import json
from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path

import yaml
from hypothesis import strategies as st

from tests.rules.naive_truth import Setting

DAYS = (date(2026, 6, 30), date(2026, 3, 31), date(2024, 2, 29), date(2025, 3, 1), date(2026, 12, 31))
OWN = [
    {"name": "cd4_count", "type": "int", "unit": "10^6/L", "label": "CD4 count"},
    {"name": "igg_lower_limit", "type": "dec", "unit": "g/L", "label": "Lower limit"},
    {"name": "igg_limit_mg", "type": "dec", "unit": "mg/dL", "label": "Lower limit in mg/dL"},
    {"name": "eeg_on", "type": "date", "label": "Date of the EEG", "or_never": True},
    {"name": "onset_on", "type": "date", "label": "Onset", "or_never": True},
    {"name": "organ", "type": "choice", "label": "Organ", "choices": ["kidney", "heart", "lung"]},
    {"name": "relapse", "type": "bool", "label": "Relapse"},
    {"name": "remark", "type": "text", "label": "Remark"},
    {
        "name": "titres", "type": "list", "label": "Titres", "required": [],
        "fields": {"date": "date", "mg": {"type": "dec", "unit": "mg/L"}, "seen": "bool", "kind": "text",
                   "drawn_on": "date"},
    },
    {
        "name": "levels", "type": "list", "label": "Levels", "required": [],
        "fields": {"date": "date", "got": {"type": "dec", "unit": "g/L"}, "lower": {"type": "dec", "unit": "g/L"}},
    },
    {"name": "scores", "type": "list", "label": "Scores", "required": ["date"],
     "fields": {"date": "date", "num": "dec"}},
]  # fmt: skip
CONDITIONS = [
    {"id": "grown", "is": {"age_years": {"at_least": 18}}},
    {"id": "grown_and_relapsed", "is": {"relapse": True, "use": "grown"}},
]
PRODUCTS = {
    row["brand"]: row
    for row in yaml.safe_load(Path("fixtures/products.yaml").read_text(encoding="utf-8"))
    if row["brand"] in ("Gamunex-C", "Hizentra", "Cytogam")
}
BOUNDS = ("at_least", "at_most", "above", "below")
WORDS = ("red", "Blue  sky", "GREEN")
SPANS = ("1 days", "20 days", "3 weeks", "1 month", "3 months", "12 months", "1 years", "2 years")


class Leaf:
    """A condition with facts, as of a day. No dataclass, so that a failure is shown as the text below."""

    def __init__(self, condition, facts, as_of, dosing=None, edition=1):
        self.condition, self.facts, self.as_of, self.dosing = condition, facts, as_of, dosing or {}
        self.edition = edition

    def __repr__(self):
        given = f"{json.dumps(self.facts)} as of {self.as_of}, {json.dumps(self.dosing)}"
        return f"{json.dumps(self.condition)} of {given}, edition {self.edition}"

    def setting(self):
        """What the naive truth knows beside condition and facts."""
        return Setting(
            self.as_of, {one["name"]: one for one in OWN}, {one["id"]: one["is"] for one in CONDITIONS}, self.dosing,
            products=PRODUCTS, edition=self.edition,
        )  # fmt: skip

    def text(self):
        """A pack of one clause that requires the condition."""
        return json.dumps({
            "pack": {"name": "made", "version": "1", "title": "Made up", "language": self.edition},
            "facts": OWN,
            "conditions": CONDITIONS,
            "indications": [{"code": "thing", "name": "Thing"}],
            "dosing": self.dosing,
            "criteria": [{"indication": "thing", "clauses": [{
                "id": "it", "says": "It holds.", "require": self.condition, "otherwise": "exception_review",
                "local": "Made up."}]}],
        })  # fmt: skip


def leaf(condition, facts):
    """A strategy of leaves, from strategies of conditions and facts."""
    return st.builds(Leaf, condition, facts, st.sampled_from(DAYS))


def some_known(**values):
    """Facts, each known or not, and known as often as any one of its values."""
    drawn = st.fixed_dictionaries({name: st.sampled_from((None, *options)) for name, options in values.items()})
    return drawn.map(lambda facts: {name: value for name, value in facts.items() if value is not None})


def bounds(numbers):
    """One bound, two, an exact number or several."""
    one = st.builds(lambda word, number: {word: number}, st.sampled_from(BOUNDS), st.sampled_from(numbers))
    pairs = [(a, b) for place, a in enumerate(numbers) for b in numbers[place + 1 :]]
    low, high = st.sampled_from(("at_least", "above")), st.sampled_from(("at_most", "below"))
    two = st.builds(lambda low, high, pair: {low: pair[0], high: pair[1]}, low, high, st.sampled_from(pairs))
    return st.one_of(one, two, st.sampled_from(numbers), st.lists(st.sampled_from(numbers), min_size=1, max_size=2,
                                                                  unique=True))  # fmt: skip


@st.composite
def near_days(draw, latest):
    """A day near an end of a window back from the latest one, or anywhere."""
    year, month = latest.year - draw(st.integers(0, 2)), draw(st.integers(1, 12))
    last = monthrange(year, month)[1]
    day = date(year, month, draw(st.sampled_from((1, 15, last - 1, last, min(latest.day, last)))))
    back = latest - timedelta(days=draw(st.sampled_from((0, 1, 2, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 400))))
    return draw(st.sampled_from((day, back)))
