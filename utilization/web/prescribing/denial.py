"""What a denial leaves to act on: each criterion that was not met, and the facts that would meet it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from utilization.models import Decision, Request
from utilization.models.decisions import APPEAL, DENY, RECOMMENDATION
from utilization.reports.prescriber_lists import FROM_PATIENT, pack_behind
from utilization.reports.print_words import label_of
from utilization.rules.facts.catalogue import Fact
from utilization.rules.lifecycle import Status
from utilization.rules.packs.pack import Pack
from utilization.web.prescribing.form_data import field_of
from utilization.workflow import last_day_to_appeal


@dataclass(frozen=True, slots=True)
class DeniedCriterion:
    """A criterion that was not met when a request was denied.

    `ways` are what would meet the criteria, as far as this criterion reads it, a list of "fact=value" terms each.
    `fields` are the fields of the form that it reads, those to change first, with their labels.
    """

    id: str
    text: str
    to_meet: str
    evidence: tuple[str, ...]
    local: bool
    ways: tuple[tuple[str, ...], ...]
    fields: tuple[tuple[str, str], ...]

    @property
    def field(self) -> str:
        """The field to begin with; empty where no field of the form can change it."""
        return self.fields[0][0] if self.fields else ""


@dataclass(frozen=True, slots=True)
class Denial:
    """A denied request, how it was signed, and the criteria that went along; `last_day` is the last on which it may be
    appealed, None where it was upheld on appeal."""

    request: Request
    decision: Decision
    criteria: tuple[DeniedCriterion, ...]
    pack: Pack
    last_day: date | None = None

    @property
    def field(self) -> str:
        """The field of the form to begin with; empty where none would help."""
        return next((criterion.field for criterion in self.criteria if criterion.field), "")


def denial_of(request: Request) -> Denial | None:
    """The denial of `request`; None where it was not denied."""
    denials = request.decisions.select_related("submission__pack").filter(choice=DENY).exclude(kind=RECOMMENDATION)
    decision = denials.last() if request.status == Status.DENIED else None
    if decision is None:
        return None
    last = None if decision.kind == APPEAL else last_day_to_appeal(request, decision)
    return Denial(request, decision, denied_criteria(decision), pack_behind(decision.submission), last)


def denied_criteria(decision: Decision) -> tuple[DeniedCriterion, ...]:
    """The criteria that went along with a denial, in its order."""
    judgement = decision.judgement or decision.submission.judgement
    findings = {finding["id"]: finding for finding in judgement["findings"]}
    known = pack_behind(decision.submission).catalogue
    return tuple(
        _criterion(unmet, findings.get(unmet["id"], {}), judgement["would_meet_if"], known) for unmet in decision.unmet
    )


def _criterion(
    unmet: Mapping[str, Any],
    finding: Mapping[str, Any],
    would_meet_if: Iterable[Sequence[str]],
    known: Mapping[str, Fact],
) -> DeniedCriterion:
    read = set(finding.get("facts", ()))
    parts = (tuple(term for term in terms if fact_of(term) in read) for terms in would_meet_if)
    ways = tuple(dict.fromkeys(way for way in parts if way))
    wanted = [fact_of(term) for way in ways for term in way]
    names = dict.fromkeys(name for name in (*wanted, *sorted(read)) if name not in FROM_PATIENT and name in known)
    # Several facts of the dose stand in one field: the label of the first is told.
    fields = {field_of(name): label_of(known, name) for name in reversed(names)}
    return DeniedCriterion(
        id=unmet["id"],
        text=unmet["text"],
        to_meet=unmet["to_meet"] or "",
        evidence=tuple(unmet["evidence"]),
        local=bool(finding.get("local")),
        ways=ways,
        fields=tuple(reversed(fields.items())),
    )


def fact_of(term: str) -> str:
    """The fact that a term of "what would meet" is about, as `fact<=value`."""
    return term.partition("=")[0].rstrip("<>").partition("<")[0].partition(">")[0]
