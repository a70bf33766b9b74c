"""One request's whole record for its auditor: judged again, and its entries of the event log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from utilization import access, criteria, event_log
from utilization.models import PackVersion, Request, Submission, User
from utilization.rules.canonical_json import canonical
from utilization.rules.packs.reader import pack_hash
from utilization.rules.roles import Permission
from utilization.rules.yaml_lines import PackError


@dataclass(frozen=True, slots=True)
class RecordDifference:
    """A place in a judgement's record where the stored and the new one differ."""

    path: str
    stored: str
    again: str


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """A submission judged again by its own pack. `whole` says that the kept pack still has the hash that judged.

    `fault` says why it could not be judged; then there is no outcome and nothing to compare.
    """

    submission: Submission
    whole: bool
    outcome: str
    differences: tuple[RecordDifference, ...]
    fault: str = ""

    @property
    def same(self) -> bool:
        """Whether all of it came out as stored, to the last character."""
        return not self.fault and not self.differences


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the event log: who, with all roles held then, and the data as canonical JSON."""

    seq: int
    at: datetime
    type: str
    actor: str
    roles: tuple[str, ...]
    data: str


def fetch_record(actor: Any, uid: Any, *, what: str, at: datetime) -> Request:
    """Get a request for its auditor and write the read down; raises NotFound for everybody else's."""
    request = access.fetch_request(actor, uid, what=what, at=at)
    if not access.can(actor, Permission.AUDIT, request):
        raise access.NotFound
    return request


def judged_again(request: Request) -> tuple[Rejudgement, ...]:
    """Each submission of `request` judged again by its own pack as of its own date, the newest first."""
    filed = request.submissions.select_related("pack", "request").order_by("-ordinal")
    return tuple(_again(submission, emergency=request.emergency) for submission in filed)


def _again(submission: Submission, *, emergency: bool) -> Rejudgement:
    whole = _is_whole(submission.pack)
    try:
        record = criteria.judged_again(submission, emergency=emergency)
    except (PackError, ValueError) as fault:
        # A pack or facts that were changed under the product's hands; the auditor must see it, not an error page.
        return Rejudgement(submission, whole, "", (), fault=str(fault))
    return Rejudgement(
        submission, whole, record["outcome"], tuple(differences(submission.judgement, as_then(submission, record)))
    )


def as_then(submission: Submission, record: dict[str, Any]) -> dict[str, Any]:
    """`record` without what a judgement shows of a dose today and did not when the submission was judged: its days,
    its arithmetic in other words, remarks that decide nothing. What the dose comes to is compared all the same.

    The terms of one change hold together in any order: they stand as they stood, once in that of chance.
    """
    stored, again = submission.judgement.get("would_meet_if", []), record.get("would_meet_if", [])
    if [sorted(terms) for terms in stored] == [sorted(terms) for terms in again]:
        record = {**record, "would_meet_if": stored}
    then, now = submission.judgement.get("dose"), record.get("dose")
    if not then or not now or "days" in then:
        return record
    dose = {name: value for name, value in now.items() if name in then} | {"lines": then.get("lines")}
    told = {finding["id"] for finding in submission.judgement["findings"]}
    findings = [
        finding for finding in record["findings"] if finding["id"] in told or not finding["id"].startswith("dose.")
    ]
    return {**record, "dose": dose, "findings": findings}


def _is_whole(version: PackVersion) -> bool:
    return pack_hash(version.files) == version.sha256 and pack_hash(version.shelf) == version.shelf_sha256


def differences(stored: Any, again: Any, path: str = "") -> Iterator[RecordDifference]:
    """Every place where two records differ, by path, in the order of the stored one."""
    if isinstance(stored, dict) and isinstance(again, dict):
        for key in [*stored, *(key for key in again if key not in stored)]:
            yield from differences(stored.get(key), again.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(stored, list) and isinstance(again, list) and len(stored) == len(again):
        for place, (old, new) in enumerate(zip(stored, again, strict=True)):
            yield from differences(old, new, f"{path}[{place}]")
    elif stored != again:
        yield RecordDifference(path, str(stored), str(again))


def log_lines(request: Request) -> list[LogLine]:
    """Every entry of the event log about `request` as it is written there, oldest first."""
    entries = event_log.entries(request)
    people = User.objects.in_bulk([entry.actor_id for entry in entries if entry.actor_id])
    return [
        LogLine(
            seq=entry.seq,
            at=entry.at,
            type=entry.type,
            actor=people[entry.actor_id].signature_name if entry.actor_id in people else "",
            roles=entry.roles,
            data=canonical(entry.data).decode(),
        )
        for entry in entries
    ]
