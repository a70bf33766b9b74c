"""A filed request with facts corrected or added: its answers read again, judged again, and written as a new submission.

For an answer to a question and for an appeal alike, and in part for the first submission.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from utilization import access
from utilization.models import Request, Submission, User
from utilization.rules.packs.pack import Pack
from utilization.workflow.authorship import write_authors
from utilization.workflow.confirmations import Confirmations
from utilization.workflow.dose_checks import Checked, check
from utilization.workflow.drafts import clean_answers, dated, differs
from utilization.workflow.errors import Invalid
from utilization.workflow.frozen_submission import Signing, freeze, mark
from utilization.workflow.reading import Reading, Unready, read_request


def checked_order(made: Reading, given: Confirmations, previous: Submission | None = None) -> Checked:
    """The order of `made` checked; a reason that cannot be kept is told with what was read."""
    try:
        return check(made, given.again, given.reasons, previous)
    except Invalid as invalid:
        raise Unready(invalid.errors, made) from None


def beside(others: Iterable[access.OtherImmunoglobulin]) -> dict[str, Any]:
    """What is kept with a submission of the patient's other immunoglobulin, as its author was told."""
    told = [other.as_json() for other in others]
    return {access.OTHER_IMMUNOGLOBULIN: told} if told else {}


def queue_columns(made: Reading) -> dict[str, Any]:
    """What the queue shows of a judgement, as columns of the request."""
    return {
        "judged_as": made.record["judged_as"],
        "outcome": made.record["outcome"],
        "expedited": made.record["route"]["expedited"],
        "grams": made.grams,
    }


def corrected(request: Request, pack: Pack, answers: Mapping[str, Any], by: User, at: datetime) -> dict[str, Any]:
    """Lay `answers` over what `request` was read from, in memory; the columns to write when the move is made."""
    typed, catalogue = clean_answers(answers, pack.catalogue), pack.catalogue
    for name in ("emergency", "emergency_reason"):
        if name in typed:
            raise Invalid({name: ["An emergency is declared when a request is filed, not later."]})
    now = {name: value for name, value in typed.items() if differs(request, catalogue, name, value, at)}
    changed = dated(request, catalogue, now, at)
    request.draft = request.draft | changed
    request.entered = request.entered | {name: mark(by, at) for name in changed}
    return {"draft": request.draft, "entered": request.entered}


def judged_anew(request: Request, pack: Pack, words: str, at: datetime) -> Reading:
    """`request` read and judged by `pack`; where the criteria are not met, `words` justify it unless others do."""
    made = read_request(request, at, pack=pack)
    if made.record["outcome"] in ("does_not_meet", "exception_review") and not made.justification:
        return replace(made, justification=words)
    return made


@dataclass(frozen=True, slots=True)
class Correction:
    """Corrected facts as they were read and judged, ready to be filed after the submission `previous`."""

    made: Reading
    previous: Submission
    acknowledged: list[str]
    confirmed: list[str]
    checked: Checked

    def file(self, moved: Request, by: User, at: datetime, attestation: str) -> dict[str, Any]:
        """Write it as the newest submission of `moved`, with its authors; what the event says of it."""
        department = access.department(by, moved.site) or moved.department
        checks = self.checked.record() | beside(access.other_immunoglobulin(by, moved, self.made.as_of))
        signing = Signing(by, at, department.name, attestation, self.acknowledged, self.confirmed, checks)
        submission, said = freeze(moved, self.made, signing, self.previous)
        write_authors(submission, by, at)
        return said


def ready(
    request: Request, pack: Pack, previous: Submission, words: str, confirmations: Confirmations, at: datetime
) -> Correction:
    """The corrected answers of `request`, held in memory, as they can be filed; `words` justify what does not meet the
    criteria unless that was written already. Raises Unready."""
    made = judged_anew(request, pack, words, at)
    checked = checked_order(made, confirmations, previous)
    acknowledged = [*previous.acknowledged, *confirmations.acknowledged]
    confirmed = [*confirmed_before(previous, made), *confirmations.confirmed, *checked.facts]
    if errors := checked.errors() | made.faults(acknowledged, confirmed):
        raise Unready(errors, made)
    return Correction(made, previous, acknowledged, confirmed, checked)


def confirmed_before(previous: Submission, made: Reading) -> list[str]:
    """Unusual values confirmed before that have not changed since."""
    return [name for name in previous.confirmed if previous.facts.get(name) == made.facts.get(name)]
