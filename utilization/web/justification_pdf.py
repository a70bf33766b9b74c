"""The justification of a request as a PDF, for everyone who may read the request."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization import access
from utilization.documents import justification as document
from utilization.jobs.documents import issued
from utilization.reports.frozen_justification import NothingFiled, decided, frozen_value
from utilization.rules.roles import Permission
from utilization.web import errors
from utilization.web.policy import policy


@require_safe
@policy(Permission.FILE, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)
def justification(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The kept document of a decided request; of an open one a fresh print, marked as not decided and not kept."""
    at = timezone.now()
    the_request = access.fetch_request(request.user, uid, what="justification", at=at)
    try:
        content = (
            bytes(issued(the_request, at=at).content)
            if decided(the_request)
            else document.render(frozen_value(the_request))
        )
    except NothingFiled:
        return errors.conflict(
            request,
            heading="There is nothing to print yet",
            happened="This draft has not been submitted. Its justification can be printed once it is.",
        )
    response = HttpResponse(content, content_type="application/pdf")
    # The request's number and no more: a file name ends up in download lists and mail.
    name = the_request.number if decided(the_request) else f"{the_request.number}-not-decided"
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response
