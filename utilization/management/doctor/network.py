"""How browsers reach the server: names, the proxy, https."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine


def lines(at: datetime) -> Iterator[DoctorLine]:
    """What would keep browsers out, or let a signed-in session be read on the way."""
    if settings.MODE != "production":
        return
    redirects, proxy = settings.SECURE_SSL_REDIRECT, settings.BEHIND_PROXY
    if redirects and not proxy:
        yield DoctorLine(
            WARN,
            "https",
            "every request is sent on to https, and no proxy is believed that says that https was spoken",
            "Behind nginx or another proxy set IVIG_BEHIND_PROXY=true, else browsers turn in circles",
        )
    elif not redirects:
        yield DoctorLine(
            WARN,
            "https",
            "plain http is answered, and nobody can sign in by it: the session is kept for https alone",
            "Unset IVIG_TLS_REDIRECT, or have the proxy send browsers to https",
        )
    else:
        yield DoctorLine(OK, "https", "browsers are sent to https, and the proxy is believed")
    if settings.SECURE_HSTS_PRELOAD and not settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        yield DoctorLine(
            WARN, "IVIG_HSTS_PRELOAD", "has no effect by itself", "Set IVIG_HSTS_SUBDOMAINS=true, or unset it"
        )
    yield from _origins()


def _origins() -> Iterator[DoctorLine]:
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        host = urlsplit(origin)
        if host.scheme != "https" or not host.hostname:
            yield DoctorLine(
                FAIL,
                "CSRF_TRUSTED_ORIGINS",
                f"{origin!r} is no address that begins with https://",
                f"Set CSRF_TRUSTED_ORIGINS=https://{settings.ALLOWED_HOSTS[0]}",
            )
