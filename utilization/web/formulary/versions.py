"""Reading the criteria: the versions of a site, one of them by its text, and two of them compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization import access, workflow
from utilization.access import READS_VERSIONS
from utilization.documents.pack_zip import zipped
from utilization.models import CriteriaDraft, Publication, Site
from utilization.models.criteria_drafts import DRAFT, PROPOSED
from utilization.rules.packs.comparison import compare
from utilization.rules.roles import Permission
from utilization.web.evidence import content
from utilization.web.formulary.pack_key import Edition, choices, edition, of_publication, shipped
from utilization.web.formulary.page import readers, show


@dataclass(frozen=True, slots=True)
class Published:
    """One published version as the list shows it; `until` is the day on which the next one takes its place."""

    key: str
    publication: Publication
    until: date | None


@dataclass(frozen=True, slots=True)
class SiteVersions:
    """The versions of one site by their time, and the drafts of its committee (none for people who are not in it)."""

    site: Site
    today: date
    in_force: tuple[Published, ...]
    coming: tuple[Published, ...]
    superseded: tuple[Published, ...]
    drafts: tuple[CriteriaDraft, ...]
    keeps: bool


@require_safe
@readers
def versions(request: HttpRequest) -> HttpResponse:
    """Every version at the sites where the person reads them, and the packs that come with the product."""
    at = timezone.now()
    sites = Site.objects.filter(pk__in=[site.pk for one in READS_VERSIONS for site in access.sites(request.user, one)])
    of_sites = [_site_versions(request, site, site.date_at(at)) for site in sites]
    may_price = any(access.sites(request.user, permission) for permission in workflow.prices.MAY_PRICE)
    return show(request, "list", {"sites": of_sites, "shipped": shipped(), "may_price": may_price})


def _site_versions(request: HttpRequest, site: Site, today: date) -> SiteVersions:
    found = access.visible_publications(request.user).filter(site=site).select_related("pack", "site")
    rows = list(found.defer("pack__files", "pack__shelf").order_by("effective_from"))
    following = [row.effective_from for row in rows[1:]] + [None] * bool(rows)
    listed = [Published(of_publication(row), row, until) for row, until in zip(rows, following, strict=True)]
    past = [one for one in listed if one.publication.effective_from <= today]
    drafts = access.visible_drafts(request.user).filter(site=site, status__in=(DRAFT, PROPOSED))
    return SiteVersions(
        site=site,
        today=today,
        in_force=tuple(past[-1:]),
        coming=tuple(one for one in listed if one.publication.effective_from > today),
        superseded=tuple(reversed(past[:-1])),
        drafts=tuple(drafts.select_related("author", "updated_by", "proposed_by").defer("files")),
        keeps=bool(access.can(request.user, Permission.KEEP_CRITERIA, site=site)),
    )


@require_safe
@readers
def version(request: HttpRequest, key: str) -> HttpResponse:
    """One version: its indications and sources, and its text file by file with line numbers."""
    found = edition(request.user, key)
    if found.draft or found.pack is None:
        raise Http404
    path = request.GET.get("file", "")
    context = {
        "edition": found,
        "pack": found.pack,
        "publication": found.publication,
        "files": sizes(found.files),
        "path": path if path in found.files else "",
        "lines": found.files[path].splitlines() if path in found.files else [],
    }
    return show(request, "version", context)


@require_safe
@readers
def indication(request: HttpRequest, key: str, code: str) -> HttpResponse:
    """One indication of a version or of a draft that reads, as the evidence pages show it."""
    found = edition(request.user, key)
    if found.pack is None or code not in found.pack.indications:
        raise Http404
    page = content.page(found.pack, code, draft=found.draft is not None)
    return show(request, "indication", {"edition": found, "key": key, "pack": found.pack, "page": page})


def sizes(files: Mapping[str, str]) -> list[tuple[str, int]]:
    """Each file with its number of lines, in the order of the paths; pack.yaml first."""
    order = sorted(files, key=lambda path: (path != "pack.yaml", path))
    return [(path, len(files[path].splitlines())) for path in order]


@require_safe
@readers
def download(request: HttpRequest, key: str) -> HttpResponse:
    """The files of a version or draft as a zip."""
    found = edition(request.user, key)
    name = f"{found.pack.name}-{found.pack.version}" if found.pack else "draft"
    name = "".join(letter if letter.isascii() and (letter.isalnum() or letter in ".-_") else "-" for letter in name)
    response = HttpResponse(zipped(found.files, name), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response


@require_safe
@readers
def comparison(request: HttpRequest) -> HttpResponse:
    """Two versions or two packs, clause by clause in words."""
    keys = {name: request.GET.get(name, "") for name in ("old", "new")}
    chosen = {name: edition(request.user, key) for name, key in keys.items() if key}
    context: dict[str, Any] = {"choices": choices(request.user), "keys": keys, "chosen": chosen}
    context["unread"] = [one for one in chosen.values() if one.pack is None]
    if len(chosen) == 2 and not context["unread"]:
        context |= _compared(chosen["old"], chosen["new"], request.GET.get("indication", ""))
    return show(request, "compare", context)


def _compared(old: Edition, new: Edition, code: str) -> dict[str, Any]:
    assert old.pack is not None, "asked only of packs that read"
    assert new.pack is not None, "asked only of packs that read"
    found = compare(old.pack, new.pack)
    shown = [one for one in found.indications if code in ("", one.code)]
    return {"comparison": found, "shown": shown, "indication": code if len(shown) < len(found.indications) else ""}
