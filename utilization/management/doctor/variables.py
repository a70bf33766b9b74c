"""The variables: what is set, where from, and what nothing reads."""

import os
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from utilization import environment
from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine


def lines(at: datetime) -> Iterator[DoctorLine]:
    """A line for each fault, each variable that nothing reads, and each that is set; a secret is not shown."""
    for fault in environment.faults(os.environ):
        says, _, mend = fault.partition(". ")
        yield DoctorLine(FAIL, "setting", says, mend)
    for name, nearest in environment.unknown(os.environ).items():
        mend = f"Did you mean {nearest}? Rename it, or take it away." if nearest else "Take it away."
        yield DoctorLine(WARN, name, "is set, and nothing reads it", mend)
    values = environment.read(os.environ)
    for setting in environment.SETTINGS:
        origin = environment.origin(setting.name, os.environ)
        if setting.name in values:
            shown = "set" if setting.secret else repr(values[setting.name])
            yield DoctorLine(OK, setting.name, f"{shown}, from {origin}")
        elif setting.production and settings.MODE == "production":
            yield DoctorLine(WARN, setting.name, f"not set; {origin}", f"Set {setting.name}={setting.example}")
    owner, worked_on = settings.DATABASE_OWNER, settings.DATABASES["default"]
    if owner and any(owner[part] != worked_on[part] for part in ("ENGINE", "NAME")):
        yield DoctorLine(
            FAIL, "DATABASE_OWNER_URL", "names another database than DATABASE_URL", "Have both name the same database"
        )
    if settings.MODE == "demo":
        yield DoctorLine(
            WARN, "IVIG_MODE", "the demo: made-up people whose password is public", "Set IVIG_MODE=production"
        )
