"""The switch that opens and closes a site's public check, for its administrators and its committee."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from utilization import access
from utilization.access import NotFound
from utilization.models import Site, User
from utilization.rules.roles import Permission
from utilization.web.policy import policy
from utilization.workflow import MAY_OPEN, set_public_check


@require_POST
@policy(*MAY_OPEN)
def opening(request: HttpRequest, site: str) -> HttpResponse:
    """Open the check (`open` is yes) or close it, and go back to the page with the switch."""
    assert isinstance(request.user, User)
    sites = Site.objects.filter(
        code=site, pk__in=[managed.pk for may in MAY_OPEN for managed in access.sites(request.user, may)]
    )
    if not sites:
        raise NotFound
    set_to = set_public_check(sites[0], by=request.user, at=timezone.now(), wanted=request.POST.get("open") == "yes")
    told = "is open to everybody" if set_to.public_check else "is closed"
    messages.success(request, f"The public check of {set_to.name} {told}.")
    manages = access.can(request.user, Permission.MANAGE_PEOPLE, site=set_to)
    return redirect("people-list" if manages else "formulary-list")
