"""The letterhead of printed documents: the name and address that a site has in its settings."""

from typing import Any

from utilization.models import Site


def letterhead(site: Site) -> dict[str, Any]:
    """Name, address lines, code and time zone of `site` as a document freezes them, as `["1 Main St", "Springfield"]`.

    `templates/documents/_letterhead.html` prints them. Empty lines of the address are left out.
    """
    return {
        "code": site.code,
        "name": site.name,
        "address": [line.strip() for line in site.address.splitlines() if line.strip()],
        "time_zone": site.time_zone,
    }
