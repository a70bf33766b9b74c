"""The letterhead of printed documents: the name, the address and the logo that a site has in its settings."""

from collections.abc import Mapping
from typing import Any

from utilization.models import Site, SiteLogo

_OF_LOGO = ("sha256", "width", "height")


def letterhead(site: Site) -> dict[str, Any]:
    """Name, address lines, code and time zone of `site` as a document freezes them, as `["1 Main St", "Springfield"]`.

    `templates/documents/_letterhead.html` prints them. Empty lines of the address are left out. Where the site has a
    logo, `logo` has its hash, width and height; its bytes come beside the value (`logo_bytes`).
    """
    logo = SiteLogo.objects.filter(site=site).values(*_OF_LOGO).first()
    return {
        "code": site.code,
        "name": site.name,
        "address": [line.strip() for line in site.address.splitlines() if line.strip()],
        "time_zone": site.time_zone,
        **({"logo": logo} if logo else {}),
    }


def logo_of(site: Site) -> bytes:
    """The bytes of the logo of `site`; empty where it has none."""
    return bytes(SiteLogo.objects.filter(site=site).values_list("content", flat=True).first() or b"")


def logo_bytes(letterhead: Mapping[str, Any]) -> bytes | None:
    """The bytes of the logo that `letterhead` names; empty where it names none, None where the site has another now."""
    if "logo" not in letterhead:
        return b""
    named = SiteLogo.objects.filter(site__code=letterhead["code"], sha256=letterhead["logo"]["sha256"])
    content = named.values_list("content", flat=True).first()
    return None if content is None else bytes(content)
