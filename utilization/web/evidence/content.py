"""What the evidence pages show, read from a pack as plain values; nothing here knows a patient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from utilization import criteria
from utilization.rules.judging.judge import possible_outcomes
from utilization.rules.language.composites import in_words
from utilization.rules.language.words import Words
from utilization.rules.packs.pack import Clause, Example, Indication, NotCovered, Pack, Source, Statement, WarningRule
from utilization.web.evidence.pack_settings import PackSettings, applies_where, pack_settings


class State(NamedTuple):
    """How sources stand to one another: a word, an icon of the sprite, a tone of the palette and a sentence."""

    word: str
    icon: str
    tone: str
    sentence: str


# In the order of what a reader should weigh first.
STATES = {
    "conflict": State("Sources conflict", "warning", "bad", "Following one source would go against another."),
    "differ": State("Sources differ", "exception_review", "weigh", "They point the same way, but differ in firmness."),
    "one_source": State("One source", "book", "work", "A single source answers; another may touch on it."),
    "silent": State("Sources silent", "unknown", "idle", "No source answers; what touches on it is shown."),
    "agree": State("Sources agree", "met", "good", "The sources that speak say the same."),
}
OUTCOMES = ("meets", "exception_review", "does_not_meet", "needs_information")
EVERY = "all"
NERVE_AND_MUSCLE = "neuromuscular"
SILENT = "silent"


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One indication in the list: what it can come to, which sources speak, and how they stand to one another.

    `found_by` is the name or code that a search matched, empty where nothing was searched for.
    """

    code: str
    title: str
    codes: tuple[str, ...]
    covered: bool
    outcomes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    found_by: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion with its condition in words; `when` is None where it always applies."""

    clause: Clause
    when: Words | None
    require: Words


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says to a question, and where."""

    source: Source
    says: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedFact:
    """One question to the sources: what those say that speak, which are silent, and how the criteria settle it."""

    id: str
    question: str
    state: State
    spoken: tuple[Said, ...]
    silent: tuple[Source, ...]
    resolution: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """All that is known of one indication; what holds for every indication stands in the fields `…_for_all`.

    `settings` is what the pack sets beside the criteria.
    `redirects` are (title, code, why, evidence) of what a request can be judged as instead; `uncited` are statements
    about this indication on which nothing of the page rests.
    """

    indication: Indication
    outcomes: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    settings: PackSettings
    questions: tuple[AskedFact, ...]
    questions_for_all: tuple[AskedFact, ...]
    warnings: tuple[WarningRule, ...]
    warnings_for_all: tuple[WarningRule, ...]
    redirects: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    defaults: tuple[str, ...]
    examples: tuple[Example, ...]
    cited: tuple[Statement, ...]
    uncited: tuple[Statement, ...]


def rows(pack: Pack, text: str = "") -> list[EvidenceRow]:
    """Every indication in the pack's order; with `text`, those that it finds, best first."""
    if text.strip():
        matches = criteria.find_indications(text, pack)
        return [
            _row(pack, match.indication, found_by=f"{'likeness to ' if match.near else ''}{match.by}")
            for match in matches
        ]
    everything: list[Indication | NotCovered] = [*pack.indications.values(), *pack.not_covered.values()]
    return [_row(pack, indication) for indication in everything]


def _row(pack: Pack, indication: Indication | NotCovered, found_by: str = "") -> EvidenceRow:
    codes = tuple(code.code for code in indication.icd10cm)
    if isinstance(indication, NotCovered):
        return EvidenceRow(indication.code, indication.title, codes, covered=False, found_by=found_by)
    about = [s for s in pack.statements.values() if indication.code in s.about]
    asked = {question["state"] for question in _asked(pack, indication.code)}
    return EvidenceRow(
        code=indication.code,
        title=indication.title,
        codes=codes,
        covered=True,
        outcomes=outcomes(pack, indication.code),
        sources=tuple(source.short for source in pack.sources.values() if any(s.source == source.id for s in about)),
        states=tuple(state for code, state in STATES.items() if code in asked),
        found_by=found_by,
    )


_POSSIBLE: dict[tuple[str, str], tuple[str, ...]] = {}


def outcomes(pack: Pack, code: str) -> tuple[str, ...]:
    """What a request for this indication can come to, the most welcome first."""
    # Found by walking every class of values of every fact, which no page should wait for twice.
    key = (pack.sha256, code)
    if key not in _POSSIBLE:
        possible = possible_outcomes(pack.indications[code])
        _POSSIBLE[key] = tuple(outcome for outcome in OUTCOMES if outcome in possible)
    return _POSSIBLE[key]


def outcomes_named(pack: Pack, code: str) -> tuple[str, ...]:
    """What the criteria of an indication name as an outcome, the most welcome first; some may never come about.

    For a draft, whose criteria nobody has shown to be quick to walk through (decision 0038).
    """
    clauses = pack.indications[code].clauses
    named = {"meets", *(clause.otherwise for clause in clauses)}
    return tuple(outcome for outcome in OUTCOMES if outcome in named)


def page(pack: Pack, code: str, *, draft: bool = False) -> EvidencePage:
    """Everything about the covered indication `code`. Raises KeyError for one that the pack does not cover."""
    indication = pack.indications[code]
    own_warnings = tuple(rule for rule in pack.warnings if rule.indications and code in rule.indications)
    warnings_for_all = tuple(rule for rule in pack.warnings if rule.indications is None)
    questions, questions_for_all = _questions(pack, code), _questions(pack, EVERY)
    redirects = tuple(
        (pack.indications[rule.to].title, rule.to, rule.says, rule.evidence)
        for rule in pack.redirects
        if code in rule.indications
    )
    settings = pack_settings(pack, indication)
    cited = settings.cited | _cited(
        indication, own_warnings + warnings_for_all, questions + questions_for_all, redirects
    )
    about = {code, EVERY} if code == "ms" else {code, EVERY, NERVE_AND_MUSCLE}
    return EvidencePage(
        indication=indication,
        outcomes=outcomes_named(pack, code) if draft else outcomes(pack, code),
        criteria=tuple(_criterion(pack, clause) for clause in indication.clauses),
        settings=settings,
        questions=questions,
        questions_for_all=questions_for_all,
        warnings=own_warnings,
        warnings_for_all=warnings_for_all,
        redirects=redirects,
        defaults=tuple(d.says for d in pack.defaults if d.indications is None or code in d.indications),
        examples=tuple(example for example in pack.examples if example.indication == code),
        cited=tuple(s for s in pack.statements.values() if s.id in cited),
        uncited=tuple(s for s in pack.statements.values() if s.id not in cited and about.intersection(s.about)),
    )


def _criterion(pack: Pack, clause: Clause) -> Criterion:
    return Criterion(
        clause=clause,
        when=applies_where(clause.when, pack.catalogue),
        require=in_words(clause.require, pack.catalogue),
    )


def _asked(pack: Pack, code: str) -> list[Mapping[str, Any]]:
    return [question for question in pack.agreement.get("questions", ()) if question["indication"] == code]


def _questions(pack: Pack, code: str) -> tuple[AskedFact, ...]:
    return tuple(
        AskedFact(
            id=question["id"],
            question=question["question"],
            state=STATES[question["state"]],
            spoken=tuple(
                Said(pack.sources[key], said["says"], tuple(said["statements"]))
                for key, said in question["sources"].items()
                if said != SILENT
            ),
            silent=tuple(pack.sources[key] for key, said in question["sources"].items() if said == SILENT),
            resolution=question["resolution"],
            rests_on=tuple(question["rests_on"]),
        )
        for question in _asked(pack, code)
    )


def _cited(
    indication: Indication,
    warnings: Iterable[WarningRule],
    questions: Iterable[AskedFact],
    redirects: Iterable[tuple[str, str, str, tuple[str, ...]]],
) -> set[str]:
    cited = {*indication.dose.evidence}
    for clause in indication.clauses:
        cited.update(clause.evidence)
    for warning in warnings:
        cited.update(warning.evidence)
    for question in questions:
        cited.update(question.rests_on)
        for said in question.spoken:
            cited.update(said.statements)
    for *_, evidence in redirects:
        cited.update(evidence)
    return cited


def by_source(pack: Pack) -> list[tuple[Source, list[Statement]]]:
    """Each source with its statements, both in the pack's order."""
    return [
        (source, [s for s in pack.statements.values() if s.source == source.id]) for source in pack.sources.values()
    ]
