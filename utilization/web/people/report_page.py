"""What reports for circulation show: of how many patients at least, and of which years."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import Site
from utilization.rules.roles import Permission
from utilization.rules.utilization_report.months import MONTH_NAMES
from utilization.rules.utilization_report.report import LIMITS
from utilization.web.policy import SignedInRequest, policy


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
def report_settings(request: SignedInRequest) -> HttpResponse:
    """Show, and by POST set, the least patients of a group and the first month of a report year of one site."""
    sites = access.sites(request.user, Permission.MANAGE_PEOPLE)
    error = ""
    if request.method == "POST":
        try:
            name = _save(request, {site.code: site for site in sites})
            messages.success(request, f"Saved for {name}. Reports for circulation follow it from now on.")
            return redirect("people-reports")
        except workflow.Invalid as invalid:
            error = " ".join(text for texts in invalid.errors.values() for text in texts)
        except workflow.Refused as refused:
            error = refused.why
    context = {"error": error, "sites": sites, "limits": LIMITS, "months": MONTH_NAMES.items()}
    return render(request, "people/reports.html", context, status=422 if error else 200)


def _save(request: SignedInRequest, sites: Mapping[str, Site]) -> str:
    site = sites.get(request.POST.get("site", ""))
    if site is None:
        raise workflow.Invalid({"site": ["Choose a site from the list."]})
    numbers = [request.POST.get(name, "") for name in ("fewest_patients", "year_starts")]
    fewest, starts = (int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else 0 for text in numbers)
    workflow.set_report_settings(site, by=request.user, at=timezone.now(), fewest_patients=fewest, year_starts=starts)
    return site.name
