"""The event log: one entry a move, written in the move's own transaction, never changed afterwards.

An entry is its bytes. `body` is canonical JSON (`rules.canonical`); 16 random bytes of salt keep a hash of it from
being guessed back to what it says. Sequence numbers are dense from 0. So a hash tree (RFC 6962) lies over the stored
bytes without touching them, made and signed by `utilization.seal`. Without the keys of who signed, `verify` finds what
was changed without care; with them, what was forged with it.
"""

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F

from utilization import outbox
from utilization.access import roles
from utilization.models import Event, LogHead, Request, Site
from utilization.rules.canonical_json import canonical, canonical_as_kept
from utilization.seal import continuity
from utilization.seal.check import check_seal
from utilization.seal.lost_runs import runs_put_back
from utilization.transparency.keys import PublicKey
from utilization.transparency.tree import HASH_BYTES, leaf_hash

FORMAT = 1
RECOVERED = continuity.RECOVERED
SALT_BYTES = 16
_KEYS = {"v", "seq", "salt", "at", "type", "actor", "site", "request", "data"}
_CHUNK = 2000


class NotInTransaction(RuntimeError):
    """An entry was about to be written outside the transaction of its move."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of the log, read back from its bytes. `at` is aware, in UTC; `roles` are role codes."""

    seq: int
    at: datetime
    type: str
    actor_id: int | None
    roles: tuple[str, ...]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify` saw: how many entries, and a sentence for each thing that is wrong.

    `sealed` is the size up to which the entries are those that were signed, None where no keys were given; `remarks`
    are sentences about what is worth knowing and no fault.
    """

    size: int
    problems: tuple[str, ...]
    sealed: int | None = None
    remarks: tuple[str, ...] = ()


def append(
    *,
    type: str,  # noqa: A002 - the word that the entry itself uses
    at: datetime,
    actor: Any,
    request: Request | None = None,
    site: Site | None = None,
    data: Mapping[str, Any],
) -> Event:
    """Write one entry at the end of the log, and whom it has to be told, inside the caller's transaction; return it.

    `actor` None is the system itself. `site` is the request's own where a request is given. `data` holds text,
    whole numbers, decimals, truth values, dates, None, lists and mappings of these.
    Raises NotInTransaction, ValueError for a time without zone or text that is not Unicode, TypeError for a float, and
    LogCut where the database does not hold what was signed: nothing more may be written to it then.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{type}: an event is written in the transaction of its move, or not at all.")
    if at.tzinfo is None:
        raise ValueError(f"{type}: the time {at} has no time zone.")
    if request is not None:
        site = request.site
    at = at.astimezone(UTC)
    seq = _next_seq()
    # Only now: the head's row is locked, so that nothing is committed, and signed, between this look and the commit.
    if type != RECOVERED:
        continuity.hold(seq)
    body = canonical(
        {
            "v": FORMAT,
            "seq": seq,
            "salt": secrets.token_hex(SALT_BYTES),
            "at": at,
            "type": type,
            "actor": {"id": actor.pk, "roles": sorted(roles(actor, site))} if actor else None,
            "site": site.code if site else None,
            "request": {"uid": request.uid, "number": request.number} if request else None,
            "data": data,
        }
    )
    event = Event.objects.create(
        seq=seq,
        at=at,
        type=type,
        site_id=site.pk if site else None,
        request_id=request.pk if request else None,
        actor_id=actor.pk if actor else None,
        body=body,
    )
    outbox.tell(event, site=site, request=request, data=data)
    return event


def _next_seq() -> int:
    # The update locks the one head row until the move commits: two moves never draw the same number, and a move that
    # is rolled back gives its number back. A sequence of the database would leave a gap.
    LogHead.objects.get_or_create(pk=1)
    LogHead.objects.filter(pk=1).update(size=F("size") + 1)
    return LogHead.objects.values_list("size", flat=True).get(pk=1) - 1


def entries(request: Request) -> list[LogEntry]:
    """Every entry about `request`, oldest first."""
    return [_read(event) for event in Event.objects.filter(request_id=request.pk).order_by("seq")]


def said_in(event: Event) -> dict[str, Any]:
    """What the bytes of an entry say, part by part. Raises ValueError where they are no entry."""
    body = json.loads(bytes(event.body))
    if not isinstance(body, dict) or set(body) != _KEYS:
        raise ValueError(f"Entry {event.seq} does not have the parts of a log entry.")
    return body


def _read(event: Event) -> LogEntry:
    body = json.loads(bytes(event.body))
    actor = body["actor"] or {"id": None, "roles": []}
    return LogEntry(
        seq=body["seq"],
        at=datetime.fromisoformat(body["at"]),
        type=body["type"],
        actor_id=actor["id"],
        roles=tuple(actor["roles"]),
        data=body["data"],
    )


def verify(keys: Sequence[PublicKey] = (), notes: Sequence[bytes] = ()) -> Report:
    """Read the whole log and say what is wrong: gaps, entries that are not canonical, columns that contradict them.

    With the public `keys` of the log and its witnesses, which must come from outside the database, the entries are
    also held against what was signed over them: every kept checkpoint, and the `notes` that a witness kept elsewhere.
    Takes no lock, so that nobody waits for it: the head is read first, and entries appended since are left alone.
    """
    problems: list[str] = []
    expected = 0
    head = LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0
    sites = dict(Site.objects.values_list("pk", "code"))
    put_back = [run for run, _ in runs_put_back(head)]
    # 32 bytes an entry, so that the entries are read once and not a second time for the tree.
    leaves = bytearray()
    for chunk in _chunks(head):
        uids = _uids({entry.request_id for entry in chunk})
        for entry in chunk:
            if entry.seq != expected:
                problems.append(f"Entry {expected} is missing: after it comes entry {entry.seq}.")
            lost = entry.request_id is None and any(first <= entry.seq <= last for first, last in put_back)
            problems += [f"Entry {entry.seq}: {fault}" for fault in _faults(entry, uids, sites, lost)]
            if entry.seq == len(leaves) // HASH_BYTES:
                leaves += leaf_hash(bytes(entry.body))
            expected = entry.seq + 1
    if expected != head:
        problems.append(f"The head counts {head} entries, but the log ends after {expected}.")
    if Event.objects.filter(seq__gte=head).exists() and not _grown(head):
        problems.append(f"The log holds entries beyond the {head} that its head counts.")
    remarks = tuple(
        f"Entries {first} to {last} were lost and put back: the log alone tells of them." for first, last in put_back
    )
    if not keys:
        return Report(size=head, problems=tuple(problems), remarks=remarks)
    each = (bytes(leaves[start : start + HASH_BYTES]) for start in range(0, len(leaves), HASH_BYTES))
    seal = check_seal(head, keys, notes, continuity.ended_logs(), each)
    return Report(head, (*problems, *seal.problems), seal.sealed, (*remarks, *seal.remarks))


def _grown(head: int) -> bool:
    """Whether the head has moved on since it was read, as it does when another move commits meanwhile."""
    return (LogHead.objects.filter(pk=1).values_list("size", flat=True).first() or 0) > head


class _Stored(NamedTuple):
    """An entry as its row has it."""

    seq: int
    at: datetime
    type: str
    site_id: int | None
    request_id: int | None
    actor_id: int | None
    body: Any


def _chunks(head: int) -> Iterator[list[_Stored]]:
    after = -1
    rows = Event.objects.order_by("seq").values_list(*_Stored._fields)
    while chunk := [_Stored._make(row) for row in rows.filter(seq__gt=after, seq__lt=head)[:_CHUNK]]:
        yield chunk
        after = chunk[-1].seq


def _uids(keys: set[int | None]) -> dict[int | None, str]:
    """The uids of these requests as entries spell them, by key."""
    rows = Request.objects.filter(pk__in=filter(None, keys)).values_list("pk", "uid")
    return {key: str(uid) for key, uid in rows}


def _no_float(text: str) -> Any:
    raise ValueError(f"{text} has no exact spelling.")


_read_json = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).decode


def _faults(stored: _Stored, uids: Mapping[int | None, str], sites: Mapping[int, str], lost: bool) -> Iterator[str]:
    raw = bytes(stored.body)
    try:
        body = _read_json(raw.decode())
        if canonical_as_kept(body) != raw:
            yield "its bytes are not in canonical form."
        if body.keys() != _KEYS:
            yield "it does not have the parts of a log entry."
            return
        request = body["request"]
        said = (
            ("sequence number", body["seq"], stored.seq),
            ("time", datetime.fromisoformat(body["at"]), stored.at),
            ("type", body["type"], stored.type),
            ("actor", body["actor"] and body["actor"]["id"], stored.actor_id),
            # Of an entry that was put back, the request may be lost.
            ("request", None if lost else request and str(request["uid"]), uids.get(stored.request_id)),
            ("site", body["site"], sites.get(stored.site_id or 0)),
            ("salt", len(bytes.fromhex(body["salt"])), SALT_BYTES),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as fault:
        yield f"its bytes cannot be read ({fault.__class__.__name__})."
        return
    for part, written, kept in said:
        if written != kept:
            yield f"its bytes and the row around them contradict each other in the {part}."
