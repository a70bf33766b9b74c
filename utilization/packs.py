"""Criteria packs between library and database: kept whole by their hash, and read again to re-run a judgement."""

from datetime import datetime
from typing import Any

from utilization import library
from utilization.models import PackVersion, Submission
from utilization.rules.facts import read_facts
from utilization.rules.judging import judge
from utilization.rules.pack import Pack


def keep(pack: Pack, *, at: datetime) -> tuple[PackVersion, bool]:
    """The kept version with this pack's hash, made when it is new; and whether it was made."""
    return PackVersion.objects.get_or_create(
        sha256=pack.sha256,
        defaults={
            "name": pack.name,
            "version": pack.version,
            "title": pack.title,
            "files": dict(pack.files),
            "loaded_at": at,
        },
    )


def pack_of(version: PackVersion) -> Pack:
    """The pack as it was when it was kept."""
    return library.pack_from_files(version.files, version.sha256)


def judged_again(submission: Submission, *, emergency: bool = False) -> dict[str, Any]:
    """The record of judging a submission's frozen facts again by its own pack, as of its own date."""
    facts = read_facts(submission.facts)
    judgement = judge(
        pack_of(submission.pack),
        submission.indication,
        facts,
        shelf=library.shelf(),
        as_of=submission.as_of,
        emergency=emergency,
    )
    return judgement.as_record()
