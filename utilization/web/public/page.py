"""What every page of the public check does first: is it open here, is the pace polite, was the form sent from here."""

import functools
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.csrf import csrf_exempt

from utilization import criteria
from utilization.models import Site
from utilization.web import errors
from utilization.web.policy import open_to_all
from utilization.web.public.rate_limit import seconds_to_wait

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """For everybody, at a site that opened its check; `view` gets the site itself.

    A site that did not answers as one that does not exist. No cookie is set, so a form proves by the browser's own word
    that a page of ours sent it; there is no session that a foreign form could act in.
    """

    @functools.wraps(view)
    def answering(request: HttpRequest, site: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        open_site = Site.objects.filter(code=site, public_check=True).first()
        if open_site is None:
            raise Http404
        if wait := seconds_to_wait(request):
            return _too_many(request, open_site, wait)
        if request.method == "POST" and not errors.from_our_own_page(request):
            return show(request, "foreign_form", {}, site=open_site, status=403)
        return view(request, open_site, *args, **kwargs)

    return open_to_all(csrf_exempt(answering))


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, site: Site, status: int = 200
) -> HttpResponse:
    """Render `template` with every time in the time zone of `site`."""
    with timezone.override(ZoneInfo(site.time_zone)):
        adopted = SimpleLazyObject(lambda: site.name if criteria.published(site, timezone.localdate()) else "")
        shown = {"site": site, "adopted_by": adopted, **context}
        return render(request, f"public/{template}.html", shown, status=status)


def _too_many(request: HttpRequest, site: Site, wait: int) -> HttpResponse:
    """What was typed comes back to be sent again."""
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    context = {"wait": wait, "fields": fields, "again": request.path if request.method == "POST" else ""}
    response = show(request, "too_many", context, site=site, status=429)
    response["Retry-After"] = str(wait)
    return response
