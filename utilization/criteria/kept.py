"""Criteria packs between library and database: kept whole with the tables beside them, in force from a day on, and
read again to re-run a judgement."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from utilization.criteria import files
from utilization.models import PackVersion, Publication, Request, Site, Submission
from utilization.rules.facts.values import Facts, read_facts
from utilization.rules.judging.judge import ReferenceTables, judge
from utilization.rules.packs.pack import Indication, NotCovered, Pack


def keep(pack: Pack, *, at: datetime) -> tuple[PackVersion, bool]:
    """The kept version of this pack with today's tables beside it, made when it is new; and whether it was made."""
    beside = files.reference_tables()
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


def published(site: Site, on: date) -> Publication | None:
    """The version that `site` published and that is in force on the date `on` there; None before its first."""
    # The texts stay in the database: a pack that was read before is found by its hash.
    return _published(site, on).select_related("pack").defer("pack__files", "pack__shelf").first()


def _published(site: Site, on: date) -> QuerySet[Publication]:
    return Publication.objects.filter(site=site, effective_from__lte=on).order_by("-effective_from")


def adoption(submission: Submission) -> Publication | None:
    """The publication by which the criteria that judged `submission` were in force at its site; None where they were
    not its committee's but came with the product.
    """
    publications = Publication.objects.filter(
        site=submission.request.site_id, pack=submission.pack_id, effective_from__lte=submission.as_of
    )
    return publications.select_related("site").order_by("-effective_from").first()


def in_force(site: Site, on: date) -> Pack:
    """The criteria by which `site` judges on the date `on` there: its published version, else the built-in pack."""
    # Each keystroke asks: of a pack that was read before the hash is enough.
    sha256 = _published(site, on).values_list("pack__sha256", flat=True).first()
    if sha256 is None:
        return files.builtin_pack()
    if before := files.pack_read_before(sha256):
        return before
    publication = published(site, on)
    return pack_of(publication.pack) if publication else files.builtin_pack()


def criteria_for(request: Request, on: date) -> Pack:
    """The criteria that judge `request`: a draft's are those in force at its site on the date `on`, and a filed
    request keeps those that judged it when it was filed.
    """
    filed = request.latest if request.submitted_at else None
    return pack_of(filed.pack) if filed else in_force(request.site, on)


def name_of(code: str) -> Indication | NotCovered | None:
    """What a pack calls the indication `code`: the built-in pack, else the newest version that any site published.

    For lists, where a name is wanted and no judgement; None where no pack names it.
    """
    packs = [files.builtin_pack()]
    if _named(packs[0], code) is None:
        kept = PackVersion.objects.filter(publications__isnull=False).defer("files", "shelf").distinct()
        packs = [pack_of(version) for version in kept]
    return next((found for pack in packs if (found := _named(pack, code))), None)


def names_at(sites: Iterable[Site]) -> dict[str, Indication | NotCovered]:
    """Every indication by code that the built-in pack or a version ever published at `sites` names, the newest name
    of a site last.
    """
    kept = PackVersion.objects.filter(publications__site__in=sites).defer("files", "shelf").distinct()
    packs = [files.builtin_pack(), *(pack_of(version) for version in kept.order_by("loaded_at", "pk"))]
    named: dict[str, Indication | NotCovered] = {}
    for pack in packs:
        named |= {**pack.not_covered, **pack.indications}
    return named


def _named(pack: Pack, code: str) -> Indication | NotCovered | None:
    return pack.indications.get(code) or pack.not_covered.get(code)


def pack_of(version: PackVersion) -> Pack:
    """The pack as it was when it was kept."""
    return files.pack_read_before(version.sha256) or files.pack_from_files(version.files, version.sha256)


def tables_of(version: PackVersion) -> ReferenceTables:
    """The product and routing tables as they were when the pack was kept."""
    return files.tables_from_files(version.shelf, version.shelf_sha256)


def facts_of(submission: Submission) -> Facts:
    """The frozen facts of a submission, as the pack that judged them knows them."""
    return read_facts(submission.facts, catalogue=pack_of(submission.pack).catalogue)


def judged_again(submission: Submission, *, emergency: bool = False) -> dict[str, Any]:
    """The record of judging a submission's frozen facts again by its own pack and tables, as of its own date."""
    judgement = judge(
        pack_of(submission.pack),
        submission.indication,
        facts_of(submission),
        tables=tables_of(submission.pack),
        as_of=submission.as_of,
        emergency=emergency,
    )
    return judgement.as_record()
