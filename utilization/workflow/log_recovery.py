"""A log whose database was restored from an older copy: made whole again, or begun anew where that cannot be."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import AutoField, F

from utilization import event_log
from utilization.models import Event, LogHead, NumberSeries, Request, Site
from utilization.models.key_reserve import reserve_keys
from utilization.seal.lost_runs import RESTORED
from utilization.seal.restoration import CannotPutBack, LostEntry, hold_copy, lost_entries
from utilization.seal.sealer import logged_root
from utilization.transparency.checkpoints import TreeHead
from utilization.transparency.encodings import to_base64
from utilization.workflow.errors import Refused
from utilization.workflow.two_signers import Signers, signed_by_two

_AT_ONCE = 500
_LARGEST_KEY = 10**9
"""Larger numbers are no keys: sizes of files, codes."""
_NUMBER = re.compile(r"([A-Z]+)-(.+)-(\d{4})-(\d{5,9})")


@dataclass(frozen=True, slots=True)
class EntryPutBack:
    """One entry that is in the log again: what a person needs to see what has to be entered anew."""

    seq: int
    at: str
    type: str
    request: str


@transaction.atomic
def put_back_entries(copy: Path, signed: TreeHead, *, at: datetime) -> list[EntryPutBack]:
    """Put the entries back that the database lacks of what was signed, from the sealer's copy; return them.

    Numbers of requests, and keys of rows, that those entries name are not given out again. What the entries did is not
    repeated: the tables hold what the backup held. Raises CannotPutBack; then nothing was written.
    """
    hold_copy(copy, signed)
    _lock_head()
    sites = dict(Site.objects.values_list("code", "pk"))
    lost = lost_entries(copy, signed.size)
    told: list[EntryPutBack] = []
    while some := list(islice(lost, _AT_ONCE)):
        _insert(some, sites)
        _never_again(some, sites)
        told += [_told(entry) for entry in some]
    if not told:
        raise CannotPutBack(f"All {signed.size} entries that were signed are there: nothing is to be put back.")
    LogHead.objects.filter(pk=1, size__lt=signed.size).update(size=signed.size)
    event_log.append(
        type=RESTORED,
        at=at,
        actor=None,
        data={"entries": _ranges([entry.seq for entry in told]), "size": signed.size, "root": to_base64(signed.root)},
    )
    return told


@transaction.atomic
def begin_log_anew(signers: Signers, old: TreeHead, origin: str, *, at: datetime) -> int:
    """Have the log go on as `origin`, because entries that were signed as `old` are lost for good; return its size.

    Two people sign it, each of whom audits or manages the people of a site. Raises Refused, Invalid on password.
    """
    terms = {"format": "ivig-log-anew/1", "origin": origin, "old": old.origin, "size": old.size}
    signed = signed_by_two(signers, terms, "that a log is begun anew", at=at)
    if origin == old.origin:
        raise Refused(f"The log was sealed as {origin} before. Make a key with another name: `manage.py make_key log`.")
    _lock_head()
    size = LogHead.objects.values_list("size", flat=True).get(pk=1)
    if size >= old.size and logged_root(old.size) == old.root:
        raise Refused(f"Nothing is lost of the {old.size} entries that were signed: the log continues as {old.origin}.")
    event_log.append(
        type=event_log.RECOVERED,
        at=at,
        actor=signers[0][0],
        data={
            "origin": origin,
            "old": {"origin": old.origin, "size": old.size, "root": to_base64(old.root)},
            "restored": {"size": size, "root": to_base64(logged_root(size))},
            "signed": signed,
        },
    )
    return size


def _lock_head() -> None:
    """Lock the head's row, so that no move is written until the transaction ends."""
    LogHead.objects.get_or_create(pk=1)
    LogHead.objects.filter(pk=1).update(size=F("size"))


def _insert(entries: Sequence[LostEntry], sites: dict[str, int]) -> None:
    uids = {entry.said["request"]["uid"] for entry in entries if entry.said["request"]}
    requests = {str(uid): pk for uid, pk in Request.objects.filter(uid__in=uids).values_list("uid", "pk")}
    Event.objects.bulk_create(
        Event(
            seq=entry.seq,
            at=datetime.fromisoformat(entry.said["at"]),
            type=entry.said["type"],
            site_id=sites.get(entry.said["site"] or ""),
            request_id=requests.get(entry.said["request"]["uid"]) if entry.said["request"] else None,
            actor_id=entry.said["actor"]["id"] if entry.said["actor"] else None,
            body=entry.body,
        )
        for entry in entries
    )


def _never_again(entries: Sequence[LostEntry], sites: dict[str, int]) -> None:
    """Count up what numbers and keys are drawn from, beyond what the entries name."""
    last: dict[tuple[int, str, int], int] = defaultdict(int)
    for parts in (_NUMBER.fullmatch(number) for entry in entries for number in _numbers(entry)):
        if parts and (site := sites.get(parts[2].lower())):
            series = (site, parts[1], int(parts[3]))
            last[series] = max(last[series], int(parts[4]))
    for (site, prefix, year), number in last.items():
        kept, _ = NumberSeries.objects.get_or_create(site_id=site, prefix=prefix, year=year)
        NumberSeries.objects.filter(pk=kept.pk, last__lt=number).update(last=number)
    named = max(key for entry in entries for key in (_actor(entry), *_keys_in(entry.said["data"])))
    for model in apps.get_app_config("utilization").get_models():
        # Which of them an entry means is not asked: what it names must never mean another row.
        if isinstance(model._meta.pk, AutoField):
            reserve_keys(model, named)


def _numbers(entry: LostEntry) -> Iterator[str]:
    """The numbers, of the request and of its authorization, that an entry names."""
    allowed = entry.said["data"].get("authorization")
    for named in (entry.said["request"], allowed):
        if isinstance(named, dict) and isinstance(named.get("number"), str):
            yield named["number"]


def _actor(entry: LostEntry) -> int:
    return int(entry.said["actor"]["id"]) if entry.said["actor"] else 0


def _keys_in(said: Any) -> Iterator[int]:
    """Every whole number in `said` that may be a key."""
    if isinstance(said, Mapping):
        said = list(said.values())
    if isinstance(said, list):
        for part in said:
            yield from _keys_in(part)
    elif isinstance(said, int) and said <= _LARGEST_KEY:
        yield said


def _ranges(numbers: Sequence[int]) -> list[list[int]]:
    """Ascending numbers as [first, last] of each run."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def _told(entry: LostEntry) -> EntryPutBack:
    request = entry.said["request"] or {}
    return EntryPutBack(
        entry.seq, entry.said["at"], entry.said["type"], request.get("number") or request.get("uid", "")
    )
