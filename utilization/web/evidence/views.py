"""Pages of the evidence: a list to search, a page an indication, and the sources with all their statements.

They show the criteria in force today where the reader works; to people of several sites, those of the first by name.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization import access, criteria
from utilization.models import Publication
from utilization.rules.packs.pack import Pack
from utilization.rules.roles import Permission
from utilization.web.evidence import content
from utilization.web.policy import policy

readers = policy(Permission.READ_EVIDENCE)
LONGEST_SEARCH = 100


def _criteria(request: HttpRequest) -> tuple[Pack, Publication | None]:
    """The criteria in force where the reader works, and their publication; None for the built-in pack."""
    site = access.sites(request.user, Permission.READ_EVIDENCE).first()
    publication = criteria.published(site, site.date_at(timezone.now())) if site else None
    return (criteria.pack_of(publication.pack), publication) if publication else (criteria.builtin_pack(), None)


@require_safe
@readers
def evidence_list(request: HttpRequest) -> HttpResponse:
    """Every indication, or those that a name, abbreviation, synonym or code finds."""
    pack, publication = _criteria(request)
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    rows = content.rows(pack, text)
    return render(
        request,
        "evidence/list.html",
        {
            "pack": pack,
            "publication": publication,
            "versions": any(access.can(request.user, permission) for permission in access.READS_VERSIONS),
            "text": text,
            "covered": [row for row in rows if row.covered],
            "not_covered": [row for row in rows if not row.covered],
            "states": content.STATES.values(),
        },
    )


@require_safe
@readers
def evidence_page(request: HttpRequest, code: str) -> HttpResponse:
    """One indication: its criteria, what they rest on, and how disagreement was settled."""
    pack, publication = _criteria(request)
    if code in pack.not_covered:
        return render(
            request,
            "evidence/not_covered.html",
            {"pack": pack, "publication": publication, "indication": pack.not_covered[code]},
        )
    if code not in pack.indications:
        raise Http404
    context = {"pack": pack, "publication": publication, "page": content.page(pack, code)}
    return render(request, "evidence/indication.html", context)


@require_safe
@readers
def sources(request: HttpRequest) -> HttpResponse:
    """Every source with its citation and its statements, and the rules by which they were read."""
    pack, publication = _criteria(request)
    context = {"pack": pack, "publication": publication, "sources": content.by_source(pack)}
    return render(request, "evidence/sources.html", context)
