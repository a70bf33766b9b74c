"""Every mail that goes out, as that of a site: it comes under the site's name, and answers go to the site's address.

The address in its From is always the server's own (`IVIG_MAIL_FROM`). A mail server vouches for that one alone, and a
mail that named another would be taken for forged (SPF, DMARC).
"""

from collections.abc import Mapping
from email.utils import parseaddr
from types import MappingProxyType

from django.conf import settings
from django.core.mail import EmailMessage

from utilization.models import Site, User


def a_site_mail(
    site: Site | None, person: User, subject: str, body: str, headers: Mapping[str, str] = MappingProxyType({})
) -> EmailMessage:
    """A mail of `site` to `person`, not sent yet; with None, or where the site says nothing, that of the server."""
    return EmailMessage(
        subject,
        body,
        from_email=sender_of(site),
        to=[person.email],
        reply_to=[site.mail_reply_to] if site and site.mail_reply_to else None,
        headers=dict(headers),
    )


def sender_of(site: Site | None) -> str:
    """What stands in the From of a mail of `site`: `"St Mary, Ward 4" <ivig@hospital.example>`."""
    if site is None or not site.mail_from_name:
        return str(settings.MAIL_FROM)
    # No quote and no backslash stand in a name (`workflow.mail_sender`), so that quotes around it hold it whole.
    return f'"{site.mail_from_name}" <{server_address()}>'


def server_name() -> str:
    """The name under which this server sends; empty where `IVIG_MAIL_FROM` is an address alone."""
    return parseaddr(settings.MAIL_FROM)[0]


def server_address() -> str:
    """The address from which this server sends."""
    return parseaddr(settings.MAIL_FROM)[1]


def site_of(person: User, by: User | None = None) -> Site | None:
    """The site as whose a mail goes to `person`: the only one at which they work, or, of several, the only one at which
    `by`, who caused the mail, works too. None where that is none or more than one."""
    sites = {row.site_id: row.site for row in person.memberships.filter(ended_at=None).select_related("site")}
    if len(sites) > 1 and by is not None:
        shared = by.memberships.filter(ended_at=None, site__in=sites).values_list("site", flat=True)
        sites = {key: sites[key] for key in set(shared)}
    return next(iter(sites.values())) if len(sites) == 1 else None
