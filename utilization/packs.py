"""Criteria packs between library and database: kept whole with the tables beside them, and read again to re-run a
judgement."""

from datetime import datetime
from typing import Any

from utilization import library
from utilization.models import PackVersion, Submission
from utilization.rules.facts import read_facts
from utilization.rules.judging import Shelf, judge
from utilization.rules.pack import Pack


def keep(pack: Pack, *, at: datetime) -> tuple[PackVersion, bool]:
    """The kept version of this pack with today's tables beside it, made when it is new; and whether it was made."""
    beside = library.shelf()
    return PackVersion.objects.get_or_create(
        sha256=pack.sha256,
        shelf_sha256=beside.sha256,
        defaults={
            "name": pack.name,
            "version": pack.version,
            "title": pack.title,
            "files": dict(pack.files),
            "shelf": dict(beside.files),
            "loaded_at": at,
        },
    )


def pack_of(version: PackVersion) -> Pack:
    """The pack as it was when it was kept."""
    return library.pack_from_files(version.files, version.sha256)


def shelf_of(version: PackVersion) -> Shelf:
    """The product and routing tables as they were when the pack was kept."""
    return library.shelf_from_files(version.shelf, version.shelf_sha256)


def judged_again(submission: Submission, *, emergency: bool = False) -> dict[str, Any]:
    """The record of judging a submission's frozen facts again by its own pack and tables, as of its own date."""
    facts = read_facts(submission.facts)
    judgement = judge(
        pack_of(submission.pack),
        submission.indication,
        facts,
        shelf=shelf_of(submission.pack),
        as_of=submission.as_of,
        emergency=emergency,
    )
    return judgement.as_record()
