"""What a request form is made of, as values: its questions and parts, and what stands beside its fields."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from utilization.rules.facts.catalogue import CATALOGUE, Fact
from utilization.rules.form.answers import Intake, safety_rows
from utilization.rules.form.questions import Section
from utilization.rules.packs.pack import DiagnosisCode


@dataclass(frozen=True, slots=True)
class FormQuestions:
    """What the criteria ask of one case, and what they offer and take for granted.

    `sections` are their questions, `products` the brands to choose from, `codes` the diagnosis codes of the indication,
    `assumed` answers by fact that the judgement takes where nothing is said, `usual_product` the brand that the site
    usually gives.
    """

    sections: Iterable[Section]
    sex: str
    catalogue: Mapping[str, Fact]
    products: Iterable[str] = ()
    codes: Sequence[DiagnosisCode] = ()
    assumed: Mapping[str, Any] = field(default_factory=dict)
    usual_product: str = ""


@dataclass(frozen=True, slots=True)
class FormParts:
    """Which parts a form has beside the criteria's questions: a justification, urgency, a summary in words, and
    whether the dose may be left to the pharmacy."""

    justify: bool = False
    emergency: bool = True
    words: bool = True
    by_pharmacy: bool = True


@dataclass(frozen=True, slots=True)
class Clash:
    """Two values of one answer, in words, and what the buttons send by which a person chooses: `here` is what this page
    holds, `there` what another page wrote. Without `keep` the page changed nothing, and only shows what is out of date.
    """

    here: str
    there: str
    keep: str
    use: str
    late: bool = False
    """Whether the other value was never taken into the draft: this page was opened after it was typed."""


@dataclass(frozen=True, slots=True)
class Say:
    """What stands beside a field: what is wrong with it, what is unusual about it, whether it could still decide.

    `still` asks whether an answer of an earlier day still holds; `meant` is the day or hour that an answer means
    which counts back from now; `clash` is the value that another page wrote.
    """

    problem: str = ""
    doubt: str = ""
    matters: bool = False
    still: str = ""
    meant: date | datetime | None = None
    clash: Clash | None = None

    @property
    def anything(self) -> bool:
        """Whether anything is said at all: of most fields nothing is, at each keystroke."""
        return bool(self.problem or self.doubt or self.matters or self.still or self.meant or self.clash)


@dataclass(frozen=True, slots=True)
class Checklist:
    """How far the safety checklist is answered: rows in all, and the labels of those without an answer."""

    rows: int
    unanswered: tuple[str, ...]

    @property
    def answered(self) -> int:
        return self.rows - len(self.unanswered)


def checklist_of(intake: Intake, sex: str) -> Checklist:
    """How far the checklist is answered in `found`; a single answer for the rest answers every row."""
    return Checklist(len(safety_rows(sex)), tuple(CATALOGUE[name].label for name in intake.unanswered))
