"""When a claim lapses at a site, and whether requests are given to its reviewers in turn."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import Site
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
def claim_settings(request: SignedInRequest) -> HttpResponse:
    """Show, and by POST set, the hours of a claim and the turn of reviewers of one site."""
    sites = access.sites(request.user, Permission.MANAGE_PEOPLE)
    error = ""
    if request.method == "POST":
        try:
            name = _save(request, {site.code: site for site in sites})
            messages.success(request, f"Saved for {name}.")
            return redirect("people-claims")
        except workflow.Invalid as invalid:
            error = " ".join(text for texts in invalid.errors.values() for text in texts)
        except workflow.Refused as refused:
            error = refused.why
    context = {
        "error": error, "sites": sites, "most": workflow.MOST_CLAIM_HOURS,
        "typed": request.POST.get("claim_hours", "")[:20], "typed_at": request.POST.get("site", ""),
    }  # fmt: skip
    return render(request, "people/claims.html", context, status=422 if error else 200)


def _save(request: SignedInRequest, sites: Mapping[str, Site]) -> str:
    site = sites.get(request.POST.get("site", ""))
    if site is None:
        raise workflow.Invalid({"site": ["Choose a site from the list."]})
    text = request.POST.get("claim_hours", "").strip()
    hours = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    workflow.set_claim_settings(
        site, by=request.user, at=timezone.now(), claim_hours=hours, assigns_in_turn="assigns_in_turn" in request.POST
    )
    return site.name
