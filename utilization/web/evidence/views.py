"""Pages of the evidence: a list to search, a page an indication, and the sources with all their statements."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from utilization import library
from utilization.rules.lifecycle import Permission
from utilization.web.evidence import reading
from utilization.web.policy import policy

readers = policy(Permission.READ_EVIDENCE)
LONGEST_SEARCH = 100


@require_safe
@readers
def evidence_list(request: HttpRequest) -> HttpResponse:
    """Every indication, or those that a name, abbreviation, synonym or code finds."""
    pack = library.builtin_pack()
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    rows = reading.rows(pack, text)
    return render(
        request,
        "evidence/list.html",
        {
            "pack": pack,
            "text": text,
            "covered": [row for row in rows if row.covered],
            "not_covered": [row for row in rows if not row.covered],
            "states": reading.STATES.values(),
        },
    )


@require_safe
@readers
def evidence_page(request: HttpRequest, code: str) -> HttpResponse:
    """One indication: its criteria, what they rest on, and how disagreement was settled."""
    pack = library.builtin_pack()
    if code in pack.not_covered:
        return render(request, "evidence/silent.html", {"pack": pack, "indication": pack.not_covered[code]})
    if code not in pack.indications:
        raise Http404
    return render(request, "evidence/indication.html", {"pack": pack, "page": reading.page(pack, code)})


@require_safe
@readers
def sources(request: HttpRequest) -> HttpResponse:
    """Every source with its citation and its statements, and the rules by which they were read."""
    pack = library.builtin_pack()
    return render(request, "evidence/sources.html", {"pack": pack, "sources": reading.by_source(pack)})
