"""Name, address and time zone of a site: its letterhead, and the hours by which its days and clocks are counted."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import TruncDate

from utilization import access, event_log
from utilization.models import RequestSummary, Site, User
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.report_settings import reports_readable
from utilization.workflow.text_input import clean_text

MOST_HOSPITAL_NAME, MOST_ADDRESS_LINES, MOST_ADDRESS_LINE = 120, 6, 80
_REGIONS = (
    "Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/",
    "Pacific/",
)  # fmt: skip
_DAYS = ("filed", "decided", "ended")
NO_ZONE = "Choose a time zone from the list, such as Europe/Vienna or America/Chicago."
NOT_A_ZONE = "{!r} is no time zone. Type a name such as Europe/Vienna or America/Chicago."
NO_ROOM = f"Write a shorter address: the letterhead has {MOST_ADDRESS_LINES} lines of {MOST_ADDRESS_LINE} characters."
ZONE_STANDS = (
    "By this time zone, requests of before were filed or decided on other days. A report year of theirs can be read"
    " already, and reports by two time zones would tell of single days: the time zone stays as it is."
)


@dataclass(frozen=True, slots=True)
class HospitalSettings:
    """What an administrator typed: `address` has the letterhead's lines, `time_zone` an IANA name."""

    name: str
    address: str
    time_zone: str


class SettingsChanged(Invalid):
    """Somebody saved other settings since the page was made; each field says which. `stands` is what stands now."""

    def __init__(self, errors: dict[str, list[str]], stands: HospitalSettings):
        super().__init__(errors)
        self.stands = stands


def time_zones() -> list[str]:
    """The time zones that a site may have, by name: UTC, and those of a region and a place in it."""
    return ["UTC", *sorted(name for name in available_timezones() if name.startswith(_REGIONS))]


@transaction.atomic
def set_hospital(
    site: Site, typed: HospitalSettings, *, by: User, at: datetime, was: Mapping[str, str] = MappingProxyType({})
) -> Site:
    """Give `site` the name, the address and the time zone of `typed`; the site as it is now.

    Where it stands so already, nothing is changed and nothing logged. A new time zone counts the days of what was filed
    anew; once that would move a day of which a report for circulation may tell, the zone stands. What is due stays due
    at its instant. `was` holds what the page showed, by field, so that what was saved meanwhile is not undone unseen.
    Raises Refused, Invalid by field, SettingsChanged.
    """
    if not access.can(by, Permission.MANAGE_PEOPLE, site=site):
        raise Refused(f"Your roles at {site.name} do not let you change its name, address and time zone.")
    # The key stays as it is: moves, whose rows refer to the site, do not wait for this lock, so they can end below.
    held = Site.objects.select_for_update(of=("self",), no_key=True).get(pk=site.pk)
    _refuse_changed(held, typed, was)
    now = _read(typed, held)
    before = {name: getattr(held, name) for name in now}
    if before != now:
        if before["time_zone"] != now["time_zone"]:
            _wait_for_moves()
            _count_days_anew(held, ZoneInfo(now["time_zone"]), at)
        event_log.append(type="site.hospital", at=at, actor=by, site=held, data={"before": before, "now": now})
        for name, value in now.items():
            setattr(held, name, value)
        held.save(update_fields=list(now))
    return held


def _refuse_changed(held: Site, typed: HospitalSettings, was: Mapping[str, str]) -> None:
    """Raise SettingsChanged where `held` is not what the page showed, unless it is what was typed."""
    stands = HospitalSettings(held.name, held.address, held.time_zone)
    wanted, changed = asdict(typed), {}
    for field, value in asdict(stands).items():
        lines = value.splitlines()
        if field in was and lines not in (was[field].splitlines(), wanted[field].splitlines()):
            told = f"It is now “{', '.join(lines)}”" if lines else "It is empty now"
            changed[field] = [f"Somebody else changed this meanwhile. {told}. Check it and save again."]
    if changed:
        raise SettingsChanged(changed, stands)


def _read(typed: HospitalSettings, site: Site) -> dict[str, str]:
    errors: dict[str, list[str]] = {}
    now = {"time_zone": typed.time_zone}
    try:
        now["name"] = clean_text(
            "name", typed.name, required="Write the name of the hospital.", most=MOST_HOSPITAL_NAME, one_line=True
        )
    except Invalid as invalid:
        errors |= invalid.errors
    try:
        now["address"] = clean_address(typed.address)
    except Invalid as invalid:
        errors |= invalid.errors
    if typed.time_zone != site.time_zone and not is_zone(typed.time_zone):
        errors["time_zone"] = [NO_ZONE]
    if errors:
        raise Invalid(errors)
    return now


def clean_address(typed: str) -> str:
    """The lines of an address without empty ones. Raises Invalid on address, also where the letterhead has no room."""
    text = clean_text("address", typed)
    lines = [line for line in (" ".join(words.split()) for words in text.split("\n")) if line]
    if len(lines) > MOST_ADDRESS_LINES or any(len(line) > MOST_ADDRESS_LINE for line in lines):
        raise Invalid({"address": [NO_ROOM]})
    return "\n".join(lines)


def is_zone(name: str) -> bool:
    """Whether `name` is a time zone that a site may have, and that the database knows too: exports count by it."""
    if name not in time_zones():
        return False
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_timezone_names WHERE name = %s)", [name])
        return bool(cursor.fetchone()[0])


def _wait_for_moves() -> None:
    """Let no move of a request be under way: it would write a day by the zone before. SQLite has one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE utilization_request IN EXCLUSIVE MODE")


def _count_days_anew(site: Site, zone: ZoneInfo, at: datetime) -> None:
    """Write the days of every summary of `site` as `zone` counts them. Raises Invalid where they must stand."""
    days = {f"{name}_on": TruncDate(f"{name}_at", tzinfo=zone) for name in _DAYS}
    differs = Q()
    for column, day in days.items():
        differs |= Q(**{f"{column}__lt": day}) | Q(**{f"{column}__gt": day})
    moved = RequestSummary.objects.filter(differs, site=site)
    if reports_readable(site, at) and moved.exists():
        raise Invalid({"time_zone": [ZONE_STANDS]})
    moved.update(**days)
