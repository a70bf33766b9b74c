"""The naive judge: every completion of the unknown facts, tried one by one over finite domains. Slow, obviously right.

It takes nothing from the rules: clauses are what stands in the pack's own text, and a condition means what
`naive_truth` says.
"""

import json
from itertools import product
from types import MappingProxyType

from tests.rules.naive_truth import Setting, facts_read, truth
from tests.rules.packs import domain, field_values, gaps

DENIED, REVIEW, MEETS, ASK = "does_not_meet", "exception_review", "meets", "needs_information"


class Written:
    """The text of a case's pack, with the truth of its conditions as of the case's day."""

    def __init__(self, case):
        self.text = json.loads(case.pack.files["made.yaml"])
        own = {fact["name"]: fact for fact in self.text.get("facts", ())}
        self.setting = Setting(case.as_of, own, dosing=self.text.get("dosing", {}))

    def clauses(self, indication):
        """The clauses of an indication, each with what the text leaves out and a memory of its truths."""
        [clauses] = [part["clauses"] for part in self.text["criteria"] if part["indication"] == indication]
        return [Clause(clause, self.setting) for clause in clauses]

    def holds(self, condition, facts):
        return truth(condition, facts, self.setting)


class Clause:
    """A clause of the text. A truth once tried is kept, as most completions differ in facts that it does not read."""

    def __init__(self, text, setting):
        self.when, self.require = text.get("when", "always"), text["require"]
        self.otherwise = None if text["otherwise"] == "warning" else text["otherwise"]
        self._setting, self._tried = setting, {}
        self._names = {part: sorted(facts_read(getattr(self, part), surely=True)) for part in ("when", "require")}

    def truth(self, part, facts):
        key = (part, *(id(facts.get(name)) for name in self._names[part]))
        if key not in self._tried:
            # The values are kept beside their truth: an id names no other value as long as its own is kept.
            values = [facts.get(name) for name in self._names[part]]
            self._tried[key] = truth(getattr(self, part), facts, self._setting), values
        return self._tried[key][0]


def redirected(case):
    """(indication judged, facts with defaults and the day of the request), by the pack's known facts."""
    written, facts = Written(case), {**case.facts, "as_of": case.as_of}
    judged_as, seen = case.indication, {case.indication}
    for _ in case.pack.indications:
        for rule in written.text.get("redirects", ()):
            if judged_as in rule["indications"] and rule["to"] not in seen and written.holds(rule["when"], facts):
                judged_as = rule["to"]
                seen.add(rule["to"])
                break
    for rule in written.text.get("defaults", ()):
        scoped = judged_as in rule.get("indications", [judged_as])
        if rule["fact"] not in facts and scoped and written.holds(rule.get("when", "always"), facts):
            facts[rule["fact"]] = rule["value"]
    return judged_as, facts


def clauses_of(case, indication):
    """The clauses by which a case is judged, as they stand in the text."""
    return Written(case).clauses(indication)


def judge_complete(clauses, facts):
    """The outcome where no fact that is asked for is unknown; None where even then a list cannot be read."""
    outcome = MEETS
    for clause in clauses:
        if clause.otherwise is None:
            continue
        applies, holds = clause.truth("when", facts), clause.truth("require", facts)
        if applies is False or holds is True:
            continue
        if applies is None or holds is None:
            return None
        outcome = max(outcome, clause.otherwise, key=(MEETS, REVIEW, ASK, DENIED).index)
    return outcome


def asked_for(clauses):
    """Every fact that a clause which decides reads, and not only under `surely`."""
    deciding = [clause for clause in clauses if clause.otherwise is not None]
    parts = [part for clause in deciding for part in (clause.when, clause.require)]
    return sorted({name for part in parts for name in facts_read(part)})


def all_answers(name, facts, as_of):
    """Every value that a fact can turn out to have: any of its domain; of a known list, its gaps filled."""
    if name not in facts:
        return domain(name, as_of)
    if name not in ("values", "events"):
        return [facts[name]]
    missing = gaps(name, facts[name])
    answers = []
    for values in product(*(field_values(name, field, as_of) for _, field in missing)):
        entries = [dict(entry) for entry in facts[name]]
        for (place, field), value in zip(missing, values, strict=True):
            entries[place][field] = value
        answers.append(tuple(MappingProxyType(entry) for entry in entries))
    return answers


def table(clauses, facts, as_of):
    """(names that are open, {their values: outcome}) over every completion."""
    answers = {name: all_answers(name, facts, as_of) for name in asked_for(clauses)}
    names = [name for name, values in answers.items() if name not in facts or len(values) > 1]
    outcomes = {}
    for places in product(*(range(len(answers[name])) for name in names)):
        values = {name: answers[name][n] for name, n in zip(names, places, strict=True)}
        outcome = judge_complete(clauses, {**facts, **values})
        if outcome is not None:
            outcomes[places] = outcome
    return names, outcomes


def judge_naively(case):
    """(outcome, the facts that matter: those for which some completion of the others gives two outcomes)."""
    judged_as, facts = redirected(case)
    names, found = table(clauses_of(case, judged_as), facts, case.as_of)
    outcomes = set(found.values())
    if len(outcomes) == 1:
        return outcomes.pop(), set()
    matter = set()
    for place, name in enumerate(names):
        by_rest = {}
        for places, outcome in found.items():
            by_rest.setdefault(places[:place] + places[place + 1 :], set()).add(outcome)
        if any(len(some) > 1 for some in by_rest.values()):
            matter.add(name)
    return ASK, matter
