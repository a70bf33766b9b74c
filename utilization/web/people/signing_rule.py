"""How people sign at a site: which roles by more than a password."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.rules import words
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
def signing(request: SignedInRequest) -> HttpResponse:
    """Show, and by POST set, the roles of one site that sign by more than a password."""
    sites = access.sites(request.user, Permission.MANAGE_PEOPLE)
    error = ""
    if request.method == "POST":
        site = sites.filter(code=request.POST.get("site", "")).first()
        try:
            if site is None:
                raise workflow.Invalid({"roles": ["Choose a site from the list."]})
            workflow.signing_rule.set_strong_roles(
                site, request.POST.getlist("role"), by=request.user, at=timezone.now()
            )
            messages.success(request, f"Saved for {site.name}. It holds from the next signature on.")
            return redirect("people-signing")
        except workflow.Invalid as invalid:
            error = " ".join(invalid.errors["roles"])
        except workflow.Refused as refused:
            error = refused.why
    context = {
        "error": error,
        "sites": [
            (site, [(role.value, words.ROLES[role.value], role.value in site.strong_roles) for role in roles])
            for roles in [workflow.signing_rule.SIGNING_ROLES]
            for site in sites
        ],
    }
    return render(request, "people/signing.html", context, status=422 if error else 200)
