"""An attachment handed out to be saved, for everyone who may read its request: never shown in the page's own place."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization import access
from utilization.models import AttachmentContent
from utilization.models.attachments import JPEG, PDF, PNG
from utilization.rules.roles import Permission
from utilization.web.policy import policy

_MEDIA = {PDF: "application/pdf", PNG: "image/png", JPEG: "image/jpeg"}
_NOTHING_ALLOWED = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@require_safe
@policy(Permission.FILE, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)
def attachment(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The bytes of an attachment, as they came."""
    kept = access.fetch_attachment(request.user, uid, what="attachment", at=timezone.now())
    content = AttachmentContent.objects.filter(attachment=kept).values_list("content", flat=True).first()
    if content is None:
        raise access.NotFound(uid)  # removed between the two looks
    response = HttpResponse(bytes(content), content_type=_MEDIA[kept.kind])
    # The request's number and no more: a file name ends up in download lists and mail.
    name = f"{kept.request.number or 'draft'}-{kept.uid.hex[:8]}.{kept.kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = _NOTHING_ALLOWED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
