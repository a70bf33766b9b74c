"""The units of systemd: whether what starts with the host runs now."""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings

from utilization.management.doctor.lines import FAIL, OK, WARN, DoctorLine

BOOTED = Path("/run/systemd/system")
"""There where the host was started by systemd."""
UNITS = settings.BASE_DIR / "deploy" / "systemd"
_ASKED = "--property=Id,ActiveState,SubState,UnitFileState"


def lines(at: datetime) -> Iterator[DoctorLine]:
    """A line for each unit of the product that is enabled and does not run; nothing where no systemd is."""
    systemctl = shutil.which("systemctl")
    if systemctl is None or not BOOTED.is_dir():
        return
    names = sorted(path.name for path in UNITS.glob("ivig-*"))
    answer = subprocess.run([systemctl, "show", _ASKED, *names], capture_output=True, text=True, check=False)
    if answer.returncode:
        yield DoctorLine(
            WARN,
            "units",
            f"systemd does not say which of them run: {answer.stderr.strip()}",
            "Look yourself: systemctl status 'ivig-*'. Where the bus is missing: apt-get install dbus",
        )
        return
    units = [dict(row.split("=", 1) for row in block.splitlines()) for block in answer.stdout.strip().split("\n\n")]
    enabled = [unit for unit in units if unit.get("UnitFileState") == "enabled"]
    still = [unit for unit in enabled if unit["ActiveState"] not in ("active", "reloading")]
    for unit in still:
        yield DoctorLine(
            FAIL,
            unit["Id"],
            f"is enabled and does not run: {unit['ActiveState']} ({unit['SubState']})",
            f"journalctl -u {unit['Id']} says why; then: systemctl start {unit['Id']}",
        )
    if enabled and not still:
        yield DoctorLine(OK, "units", f"all {len(enabled)} that are enabled run")
