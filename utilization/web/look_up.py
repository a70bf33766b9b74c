"""Looking up a request or a patient from any page. The words are posted, and stand in no address and no log."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access
from utilization.reports.look_up import LOOK_UP, findings
from utilization.web.policy import SignedInRequest, policy


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*LOOK_UP)
def look_up(request: SignedInRequest) -> HttpResponse:
    """By GET the field alone; by POST what the words may mean, with links to where each is opened."""
    typed = request.POST.get("q", "").replace("\0", "").strip()[: access.MAX_TYPED]
    at = timezone.now()
    context = {"typed": typed, "now": at, "most": access.MOST_REQUESTS}
    if typed:
        context["found"] = findings(request.user, typed, at=at)
    elif request.method == "POST":
        context["error"] = "Type a number, an MRN, a name, a birth date, a prescriber or a department."
    return render(request, "look_up/results.html", context, status=422 if "error" in context else 200)
