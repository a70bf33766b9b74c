"""Whom a site names on call, and by when a first dose is reviewed and a verbal order confirmed."""

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

_FIELDS = ("on_call_name", "on_call_phone", "review_after_hours", "confirm_order_hours")
_MOST_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
def emergencies(request: SignedInRequest) -> HttpResponse:
    """Show, and by POST set, what holds in an emergency at one site."""
    sites = access.sites(request.user, Permission.MANAGE_PEOPLE)
    errors: Mapping[str, list[str]] = {}
    if request.method == "POST":
        try:
            name = _save(request, {site.code: site for site in sites})
            messages.success(request, f"Saved for {name}.")
            return redirect("people-emergencies")
        except workflow.Invalid as invalid:
            errors = invalid.errors
        except workflow.Refused as refused:
            errors = {"site": [refused.why]}
    typed = {name: request.POST.get(name, "")[:_MOST_SHOWN] for name in _FIELDS}
    context = {
        "errors": [text for texts in errors.values() for text in texts], "most": workflow.MOST_EMERGENCY_HOURS,
        "sites": [
            (site, typed if errors and site.code == request.POST.get("site") else
             {name: getattr(site, name) for name in _FIELDS})
            for site in sites
        ],
    }  # fmt: skip
    return render(request, "people/emergencies.html", context, status=422 if errors else 200)


def _save(request: SignedInRequest, sites: Mapping[str, Site]) -> str:
    site = sites.get(request.POST.get("site", ""))
    if site is None:
        raise workflow.Invalid({"site": ["Choose a site from the list."]})
    typed = workflow.EmergencySettings(**{name: request.POST.get(name, "") for name in _FIELDS})
    workflow.set_emergency_settings(site, typed, by=request.user, at=timezone.now())
    return site.name
