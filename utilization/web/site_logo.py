"""The logo of a site, handed out to who works there."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from utilization import access
from utilization.web.policy import signed_in

SHOWN_HASH = 16
"""Characters of its hash that stand in the address of a logo: another logo has another address."""
_YEAR = 365 * 24 * 3600


@require_safe
@signed_in
def logo(request: HttpRequest, site: str, key: str) -> HttpResponse:
    """The bytes of the logo whose hash begins with `key`."""
    kept = access.visible_logos(request.user).filter(site__code=site, sha256__startswith=key).first()
    if kept is None or len(key) != SHOWN_HASH:
        raise access.NotFound(key)
    response = HttpResponse(bytes(kept.content), content_type="image/jpeg")
    response["Cache-Control"] = f"private, max-age={_YEAR}, immutable"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
