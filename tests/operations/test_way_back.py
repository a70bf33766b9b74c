"""The way back, begun again: what was filed since is in a backup before another one takes its place.

The host is one of this file, with a database that each version reads only as it left it. What the way back comes to on
a real one is tried by `.ci/release`.
"""

from contextlib import nullcontext
from pathlib import Path

import pytest

from deploy.releases import upgrade
from deploy.releases.archive import Release
from deploy.releases.host import Failed, Upgraded

UNITS = ("ivig-web.service",)


class Killed(BaseException):
    """The process that goes back is killed."""


class Host:
    """A host after an upgrade from 1.0 to 2.0; `rows` is the database, `form` the version that can read it."""

    def __init__(self):
        self.rows, self.form = ["filed before", "filed in 2.0"], "2.0"
        self.running, self.now = True, "2.0"
        self.backups = {Path("at the upgrade"): (["filed before"], "1.0")}
        self.killed_at, self.said, self.full = "", [], False

    def back_up(self, release):
        if self.full:
            raise Failed("The disk is full.")
        place = Path(f"backup {len(self.backups)}")
        self.backups[place] = (list(self.rows), self.form)
        return place

    def manage(self, release, *command):
        if command[0] == self.killed_at:
            raise Killed
        if command[0] == "prepare" and self.form != release.version:
            raise Failed(f"This database is of version {self.form}.")
        if command[0] == "restore":
            rows, self.form = self.backups[Path(command[1])]
            self.rows = list(rows)
        return ""

    def point_at(self, release):
        self.now = release.version

    def stop(self, release):
        self.running = False

    def start(self, units):
        self.running = True

    def kept(self):
        """Every row that is in the database or in a backup."""
        return {row for rows in (self.rows, *(rows for rows, _ in self.backups.values())) for row in rows}


@pytest.fixture
def host(monkeypatch):
    made = Host()
    doubles = {
        "require_root": lambda: None, "alone": nullcontext, "active_units": lambda release: UNITS,
        "current": lambda: _release(made.now), "installed": _release,
        "last_upgrade": lambda: Upgraded("1.0", "2.0", Path("at the upgrade"), UNITS),
        **{name: getattr(made, name) for name in ("back_up", "manage", "point_at", "stop", "start")},
    }  # fmt: skip
    for name, double in doubles.items():
        monkeypatch.setattr(upgrade.host, name, double)
    monkeypatch.setattr(upgrade, "say", lambda *words: made.said.append(" ".join(map(str, words))))
    monkeypatch.setattr(upgrade.signal, "signal", lambda *given: None)
    return made


def _release(version):
    return Release(Path(f"/opt/ivig/releases/{version}"), version, "3.11", "x86_64")


def test_run_again_it_keeps_what_was_filed_since_before_a_backup_takes_its_place(host):
    upgrade.way_back()
    assert (host.now, host.form, host.rows) == ("1.0", "1.0", ["filed before"])
    host.rows.append("filed in 1.0 after")
    # Something has made the database one that this version does not read.
    host.form = "torn"
    upgrade.way_back()
    assert (host.now, host.form, host.rows, host.running) == ("1.0", "1.0", ["filed before"], True)
    assert host.kept() == {"filed before", "filed in 2.0", "filed in 1.0 after"}
    assert host.backups[Path("backup 2")] == (["filed before", "filed in 1.0 after"], "torn")
    assert "What is there now is kept in backup 2." in host.said


def test_killed_on_the_way_and_run_again_it_keeps_what_is_there(host):
    host.killed_at = "restore"
    with pytest.raises(Killed):
        upgrade.way_back()
    assert (host.now, host.running) == ("1.0", False)
    # Somebody started 2.0 by hand meanwhile, which wrote.
    host.rows.append("filed in 2.0 by hand")
    host.killed_at = ""
    upgrade.way_back()
    assert (host.now, host.rows, host.running) == ("1.0", ["filed before"], True)
    assert host.kept() == {"filed before", "filed in 2.0", "filed in 2.0 by hand"}


def test_run_again_without_room_for_a_backup_it_says_so_and_goes_back(host):
    host.killed_at = "restore"
    with pytest.raises(Killed):
        upgrade.way_back()
    host.killed_at, host.full = "", True
    upgrade.way_back()
    assert (host.now, host.rows, host.running) == ("1.0", ["filed before"], True)
    assert any("No backup of what is there could be made. The disk is full." in words for words in host.said)
    assert host.kept() == {"filed before", "filed in 2.0"}


def test_run_first_without_room_for_a_backup_it_changes_nothing(host):
    host.full = True
    with pytest.raises(upgrade.PutBack, match=r"No backup of what is there could be made. The disk is full\."):
        upgrade.way_back()
    assert (host.now, host.form, host.running) == ("2.0", "2.0", True)
    assert host.rows == ["filed before", "filed in 2.0"]
