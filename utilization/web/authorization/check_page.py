"""The pharmacy's question on one screen: may these grams be given to this patient today?"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access
from utilization.reports.authorization import check_authorization
from utilization.rules.authorization.infusion_text import read_grams
from utilization.rules.roles import Permission
from utilization.web.authorization.forms import AuthorizationCheckForm
from utilization.web.policy import SignedInRequest, policy


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.RECORD_INFUSIONS)
def check(request: SignedInRequest) -> HttpResponse:
    """The question, and by POST its answer: yes, or no with the reason and what to do."""
    at = timezone.now()
    sites = access.sites(request.user, Permission.RECORD_INFUSIONS)
    form = AuthorizationCheckForm(sites, request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        given = form.cleaned_data
        grams, fault = read_grams(given["grams"])
        for field, text in (("grams", fault), *_missing(given)):
            if text:
                form.add_error(field, text)
        if not form.errors and grams is not None:
            context["answer"] = check_authorization(
                request.user, given["site"], given["mrn"], product=given["product"], grams=grams, at=at
            )
    return render(request, "authorization/check.html", context, status=422 if form.errors else 200)


def _missing(given: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("mrn", "" if given["mrn"] else "Type the MRN from the patient’s label."),
        ("product", "" if given["product"] else "Choose the product that is to be given."),
    ]
