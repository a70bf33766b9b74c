"""How requests for an indication are judged in columns: which are judged as one, and the SQL of what they come to.

Redirects are followed, and defaults taken, by what the columns of a row hold; the outcome is printed from the diagram
of the indication that a request is judged as.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from utilization.rules.columns.sql import Columns, meaning
from utilization.rules.diagram.growth import Diagram
from utilization.rules.diagram.sql import Layers
from utilization.rules.language.composites import tests_under_surely
from utilization.rules.language.outcomes import Outcome
from utilization.rules.language.variables import Variable
from utilization.rules.packs.pack import Clause, Pack, Redirect

MOST_BITS = 60
_Taken = Sequence[tuple[bool, Redirect]]


@dataclass(frozen=True, slots=True)
class Bit:
    """Where the result of a clause stands among the kept bits. `key` is the hash of what the clause means."""

    key: str
    id: str
    otherwise: str
    place: int


@dataclass(frozen=True)
class Path:
    """Requests for one indication that are judged as one: which they are, and the SQL of what they come to.

    `where` tells which, `rests_on` hashes what kept bits rest on besides the clauses. The SQL is written when it is
    first asked for, over the rows `{rows}`; `columns` then know what it needs.
    """

    where: str
    columns: Columns
    clauses: tuple[Clause, ...]
    bits: tuple[Bit, ...]
    rests_on: str

    @property
    def judged_as(self) -> str:
        return self.columns.judged_as

    @property
    def asked(self) -> frozenset[str]:
        """Every fact that the clauses which decide may ask for."""
        return frozenset(name for variable in self._variables if variable.decides for name in variable.facts)

    @property
    def surely(self) -> frozenset[str]:
        """Every fact that some clause takes into account only where it is known."""
        conditions = (condition for clause in self.clauses for condition in (clause.when, clause.require))
        tests = (test for condition in conditions for test in tests_under_surely(condition))
        return frozenset(name for test in tests for name in test.reads)

    @property
    def _variables(self) -> tuple[Variable, ...]:
        return self.columns.indication.variables if self.columns.indication else ()

    @cached_property
    def outcome(self) -> str:
        """A query for `n`, `{more}` and the code `outcome`, NULL where the judge must be asked."""
        indication = self.columns.indication
        diagram = Diagram((), self.columns.pack.unlisted, ()) if indication is None else indication.diagram
        return Layers(self.columns, diagram, self._variables).written(self.where)

    @cached_property
    def results(self) -> str:
        """A query for `n`, `failing` and `opened`: a bit for each clause that fails, or may; empty for too many."""
        if len(self.bits) > MOST_BITS:
            return ""

        def together(told: str) -> str:
            parts = [f"CASE WHEN {self.fails(bit)} {told} THEN {2**bit.place} ELSE 0 END" for bit in self.bits]
            return f"CAST({' + '.join(parts) or '0'} AS BIGINT)"

        told = f"{together('')} AS failing, {together('IS NULL')} AS opened"
        return f"SELECT n, {told} FROM {{rows}} WHERE {self.where}"

    def fails(self, bit: Bit) -> str:
        """Whether the clause of one bit fails."""
        clause = self.clauses[bit.place]
        applies, required = (
            self.columns.truth(condition, opened=self.asked) for condition in (clause.when, clause.require)
        )  # fmt: skip
        return f"({applies} AND NOT {required})"


def paths(pack: Pack, code: str, tables_sha256: str, have: Mapping[str, str], fresh: bool = False) -> tuple[Path, ...]:
    """Every way in which requests for `code` are judged. Raises ValueError where the pack cannot stand in columns.

    `tables_sha256` is the hash of the product table, `have` the columns of the rows; `fresh` rows are being written.
    """
    return tuple(
        _path(Columns(pack, judged_as, tables_sha256, have, fresh), taken) for judged_as, taken in _led(pack, code)
    )


def _led(pack: Pack, code: str) -> list[tuple[str, _Taken]]:
    """(judged as, whether each redirect that was looked at holds) for every way in which redirects can be followed."""
    ways: list[tuple[str, _Taken]] = []

    def follow(at: str, seen: frozenset[str], taken: _Taken) -> None:
        for redirect in pack.redirects:
            if at in redirect.indications and redirect.to not in seen:
                follow(redirect.to, seen | {redirect.to}, [*taken, (True, redirect)])
                taken = [*taken, (False, redirect)]
        ways.append((at, taken))

    follow(code, frozenset({code}), [])
    return ways


def _path(writing: Columns, taken: _Taken) -> Path:
    parts = []
    for holds, redirect in taken:
        when = f"COALESCE({writing.truth(redirect.when, derived=False)}, FALSE)"
        parts.append(when if holds else f"NOT {when}")
    where = " AND ".join(parts) or "TRUE"
    writing.take_defaults()
    indication = writing.indication
    clauses = tuple(clause for clause in indication.clauses if clause.otherwise) if indication else ()
    writing.check(condition for clause in clauses for condition in (clause.when, clause.require))
    if any(clause.otherwise is Outcome.NEEDS_INFORMATION for clause in clauses):
        # A code tells what is awaited from what is not known, and the bits of an outcome have none for the former.
        raise ValueError("evidence that may still come cannot stand in columns")
    return Path(
        where=where,
        columns=writing,
        clauses=clauses,
        bits=tuple(
            Bit(meaning(clause.when, clause.require), clause.id, str(clause.otherwise), i)
            for i, clause in enumerate(clauses)
        ),
        rests_on=meaning(writing.setting, where, None if indication else writing.pack.unlisted),
    )
