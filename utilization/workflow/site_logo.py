"""The logo of a site: drawn anew from what an administrator sends, put in the place of the one before, removed."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from utilization import access, event_log
from utilization.limited_process.run import BUSY, Ended, run
from utilization.models import Site, SiteLogo, User
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused

MOST_LOGO_BYTES = 2_000_000
"""Of the file as it is sent."""


@dataclass(frozen=True, slots=True)
class DrawnLogo:
    """A logo as it may be kept: the bytes of a JPEG, their SHA-256, width and height in points."""

    content: bytes
    sha256: str
    width: int
    height: int


def draw_logo(content: bytes, *, who: User) -> DrawnLogo:
    """What a file that was sent gives as a logo; called before the transaction of `set_logo`, since it takes a moment.

    Raises Invalid on logo: empty, too large, an SVG or anything but a PNG or JPEG, damaged, white on white.
    """
    if not content:
        raise _refused("Choose the file with the logo.")
    if len(content) > MOST_LOGO_BYTES:
        raise _refused(f"The file has more than {MOST_LOGO_BYTES // 1_000_000} MB. Save the logo smaller.")
    try:
        told = run("logo", {"content": base64.b64encode(content).decode()}, f"{who.pk}-file")
    except Ended as ended:
        busy = "Another file of yours is still being checked. Wait a few seconds, and send it again."
        much = "Drawing the logo took too much. Export it as a simpler picture."
        raise _refused(busy if ended.why == BUSY else much) from None
    if "why" in told:
        raise _refused(told["why"])
    drawn = base64.b64decode(told["content"])
    return DrawnLogo(drawn, hashlib.sha256(drawn).hexdigest(), told["width"], told["height"])


def _refused(told: str) -> Invalid:
    return Invalid({"logo": [told]})


@transaction.atomic
def set_logo(site: Site, logo: DrawnLogo, *, by: User, at: datetime) -> None:
    """Have pages and documents of `site` show `logo` from now on; what is issued already keeps its own.

    Where it is the logo already, nothing is changed and nothing logged. Raises Refused.
    """
    held, before = _held(site, by)
    if before == logo.sha256:
        return
    SiteLogo.objects.filter(site=held).delete()
    SiteLogo.objects.create(
        site=held, sha256=logo.sha256, width=logo.width, height=logo.height, content=logo.content, at=at, by=by
    )
    now = {"sha256": logo.sha256, "width": logo.width, "height": logo.height}
    event_log.append(type="site.logo", at=at, actor=by, site=held, data={"before": before, "now": now})


@transaction.atomic
def remove_logo(site: Site, *, by: User, at: datetime) -> None:
    """Have `site` show no logo from now on. Where it has none, nothing is logged. Raises Refused."""
    held, before = _held(site, by)
    if before:
        SiteLogo.objects.filter(site=held).delete()
        event_log.append(type="site.logo", at=at, actor=by, site=held, data={"before": before, "now": None})


def _held(site: Site, by: User) -> tuple[Site, str]:
    """The site, whose logo nobody else changes until the transaction ends, and the hash of its logo. Raises Refused."""
    if not access.can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you change its logo.")
    held = Site.objects.select_for_update(of=("self",), no_key=True).get(pk=site.pk)
    return held, SiteLogo.objects.filter(site=held).values_list("sha256", flat=True).first() or ""
