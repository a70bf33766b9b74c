"""Pages of the public check: choose an indication, answer what matters, read what the criteria come to."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import criteria
from utilization.models import PackVersion, Site
from utilization.rules.form.answers import as_typed
from utilization.rules.packs.pack import Pack
from utilization.web.public.check import checked, typed_in
from utilization.web.public.page import public, show

MOST_SEARCHED = 120
_DIGITS = 16
"""Digits of a pack's hash that stand in an address: enough that no two versions of a site share them."""


@require_http_methods(["GET", "HEAD", "POST"])
@public
def start(request: HttpRequest, site: Site) -> HttpResponse:
    """Choose what is treated. The words are posted, so that they stand in no address and no log."""
    pack = criteria.in_force(site, site.date_at(timezone.now()))
    words = request.POST.get("q", "")[:MOST_SEARCHED]
    matches = [
        (match.indication, match, as_typed(match.settles), match.covered)
        for match in (criteria.find_indications(words, pack) if words.strip() else [])
    ]
    everything = [] if words.strip() else list(pack.indications.values())
    exact = sum(not match.near for _, match, _, _ in matches)
    context = {
        "q": words,
        "matches": matches,
        "exact": exact,
        "everything": everything,
        "pack": pack,
        "criteria": key_of(pack),
    }
    if request.headers.get("HX-Request") == "true":
        return render(request, "public/_indications.html", {"site": site, **context})
    return show(request, "start", context, site=site)


@require_http_methods(["GET", "HEAD", "POST"])
@public
def check(request: HttpRequest, site: Site, version: str, code: str) -> HttpResponse:
    """The questions about one indication with what the answers come to; answers are posted and kept nowhere."""
    today = site.date_at(timezone.now())
    pack = _version(site, version, today)
    if pack is None or (code not in pack.indications and code not in pack.not_covered):
        raise Http404
    made = checked(pack, code, typed_in(request.POST, pack), today)
    context = made.context()
    if request.headers.get("HX-Request") == "true":
        context |= {
            "moved": made.form.shown != request.POST.get("shown", ""),
            "other_sex": made.form.for_sex != request.POST.get("sex_shown", ""),
        }
        return show(request, "live_check", context, site=site)
    current = criteria.in_force(site, today)
    context |= {
        "link_here": request.build_absolute_uri(request.path),
        "newer": _address_in(current, site, code) if current.sha256 != pack.sha256 else "",
        "superseded": current.sha256 != pack.sha256,
        "current": current,
    }
    return show(request, "check", context, site=site, status=422 if made.problems else 200)


def key_of(pack: Pack) -> str:
    """How an address names a version: by the beginning of the hash of its every byte."""
    return pack.sha256[:_DIGITS]


def _address_in(pack: Pack, site: Site, code: str) -> str:
    """Where `pack` judges `code`; the list of its indications where it does not know the code."""
    if code in pack.indications or code in pack.not_covered:
        return reverse("public-check", args=[site.code, key_of(pack), code])
    return reverse("public-start", args=[site.code])


def _version(site: Site, key: str, today: date) -> Pack | None:
    """The version that an address names: the built-in pack, or one that was in force at `site` by `today`."""
    if len(key) != _DIGITS:
        return None
    builtin = criteria.builtin_pack()
    if key_of(builtin) == key:
        return builtin
    kept = PackVersion.objects.filter(
        publications__site=site, publications__effective_from__lte=today, sha256__startswith=key
    )
    named = kept.defer("files", "shelf").first()
    return criteria.pack_of(named) if named else None
