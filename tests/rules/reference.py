"""The naive judge: every completion of the unknown facts, tried one by one over finite domains. Slow, obviously right.

It takes from the rules nothing but the meaning of a condition over facts, `truth`.
"""

from itertools import product
from types import MappingProxyType

from tests.rules.packs import domain, field_values, gaps
from utilization.rules.language.criteria import AS_OF

DENIED, REVIEW, MEETS, ASK = "does_not_meet", "exception_review", "meets", "needs_information"


def redirected(case):
    """(indication judged, facts with defaults), by the pack's known facts."""
    facts = {**case.facts, AS_OF: case.as_of}
    judged_as, seen = case.indication, {case.indication}
    for _ in case.pack.indications:
        for rule in case.pack.redirects:
            if judged_as in rule.indications and rule.to not in seen and rule.when.truth(facts) is True:
                judged_as = rule.to
                seen.add(rule.to)
                break
    for rule in case.pack.defaults:
        scoped = rule.indications is None or judged_as in rule.indications
        if rule.fact not in facts and scoped and rule.when.truth(facts) is True:
            facts[rule.fact] = rule.value
    return judged_as, facts


def judge_complete(clauses, facts):
    """The outcome where no fact that is asked for is unknown; None where even then a list cannot be read."""
    outcome = MEETS
    for clause in clauses:
        applies, holds = clause.when.truth(facts), clause.require.truth(facts)
        if clause.otherwise is None or applies is False or holds is True:
            continue
        if applies is None or holds is None:
            return None
        outcome = max(outcome, clause.otherwise.value, key=(MEETS, REVIEW, ASK, DENIED).index)
    return outcome


def asked_for(clauses):
    """Every fact that a clause which decides reads, and not only under `surely`."""
    deciding = [clause for clause in clauses if clause.otherwise is not None]
    return sorted({name for clause in deciding for part in (clause.when, clause.require) for test in part.tests()
                   for name in test.reads})  # fmt: skip


def all_answers(name, facts, as_of):
    """Every value that a fact can turn out to have: any of its domain; of a known list, its gaps filled."""
    if name not in facts:
        return domain(name, as_of)
    if name not in ("values", "events"):
        return [facts[name]]
    missing = gaps(name, facts[name])
    found = []
    for values in product(*(field_values(name, field, as_of) for _, field in missing)):
        entries = [dict(entry) for entry in facts[name]]
        for (place, field), value in zip(missing, values, strict=True):
            entries[place][field] = value
        found.append(tuple(MappingProxyType(entry) for entry in entries))
    return found


def table(clauses, facts, as_of):
    """(names that are open, {their values: outcome}) over every completion."""
    answers = {name: all_answers(name, facts, as_of) for name in asked_for(clauses)}
    names = [name for name, values in answers.items() if name not in facts or len(values) > 1]
    found = {}
    for places in product(*(range(len(answers[name])) for name in names)):
        values = {name: answers[name][n] for name, n in zip(names, places, strict=True)}
        outcome = judge_complete(clauses, {**facts, **values})
        if outcome is not None:
            found[places] = outcome
    return names, found


def judge_naively(case):
    """(outcome, the facts that matter: those for which some completion of the others gives two outcomes)."""
    judged_as, facts = redirected(case)
    names, found = table(case.pack.indications[judged_as].clauses, facts, case.as_of)
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
