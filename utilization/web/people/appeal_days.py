"""How long a denial may be appealed at a site, and appeals that nobody there may decide."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
def appeals(request: SignedInRequest) -> HttpResponse:
    """Show, and by POST set, the days after a denial within which it may be appealed."""
    sites = access.sites(request.user, Permission.MANAGE_PEOPLE)
    typed, error = request.POST.get("days", "")[:20], ""
    if request.method == "POST":
        site = sites.filter(code=request.POST.get("site", "")).first()
        try:
            if site is None:
                raise workflow.Invalid({"days": ["Choose a site from the list."]})
            workflow.set_appeal_days(site, typed, by=request.user, at=timezone.now())
            messages.success(request, f"Saved for {site.name}. It holds for denials of before as well.")
            return redirect("people-appeals")
        except workflow.Invalid as invalid:
            error = " ".join(invalid.errors["days"])
        except workflow.Refused as refused:
            error = refused.why
    context = {
        "error": error,
        "sites": [
            {
                "site": site,
                "days": typed if error and site.code == request.POST.get("site") else site.appeal_days,
                "numbers": ", ".join(str(stranded) for stranded in access.stranded_appeals(site)),
            }
            for site in sites
        ],
    }
    return render(request, "people/appeals.html", context, status=422 if error else 200)
