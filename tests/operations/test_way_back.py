"""Upgrades that fail or are cut off, and the way back: no row is lost, what ran runs again, no version is out of reach.

The host is one of this file, with a database that no version reads once a later one has changed it. What an upgrade
and the way back come to on a real one is tried by `.ci/release`.
"""

from contextlib import nullcontext
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from deploy.releases import upgrade
from deploy.releases.archive import BadRelease, Release
from deploy.releases.host import Failed, Upgraded
from deploy.releases.host import faults as read_faults
from utilization.seal import continuity

UNITS = ("ivig-web.service", "ivig-seal.service")
LOG_IS_SHORT = "Nothing will be filed or decided until this is corrected: 7 entries, but 9 were signed."


class Killed(BaseException):
    """The process that upgrades or goes back is killed."""


class Host:
    """A host after an upgrade from 1.0 to 2.0; `rows` is the database, `form` the version that left it so.

    `bad` is a version that fails half-way and leaves the database torn, `spoils` one that leaves something wrong in it.
    `running` are units that run, `wrong` is what is wrong inside the database.
    """

    def __init__(self):
        self.rows, self.form = ["filed before", "filed in 2.0"], "2.0"
        self.running, self.now = UNITS, "2.0"
        self.backups = {Path("at the upgrade"): (["filed before"], "1.0")}
        self.record = Upgraded("1.0", "2.0", Path("at the upgrade"), UNITS, done=True)
        self.killed_at, self.said, self.full, self.bad, self.log_is_short = "", [], False, "", False
        self.done, self.wrong, self.spoils = [], [], ""

    def faults(self, release, *command):
        assert command == ("prove",) or command[1] in map(str, self.backups)
        return (*self.wrong, *(["note 7: the row is gone."] if self.spoils == self.form else []))

    def back_up(self, release):
        if self.full:
            raise Failed("The disk is full.")
        place = Path(f"backup {len(self.backups)}")
        self.backups[place] = (list(self.rows), self.form)
        return place

    def manage(self, release, *command):
        self.done.append(command[0])
        if command[0] == "prepare":
            self.prepare(release.version)
        if command[0] == self.killed_at:
            raise Killed
        if command[0] == "restore":
            rows, self.form = self.backups[Path(command[1])]
            self.rows = list(rows)
        return LOG_IS_SHORT if command[0] == "prepare" and self.log_is_short else ""

    def prepare(self, version):
        if self.form > version:
            raise Failed(f"This database is of version {self.form}.")
        self.form = "torn" if version == self.bad else version
        if version == self.bad:
            raise Failed("made to fail")

    def point_at(self, release):
        self.now = release.version

    def stop(self, release):
        self.running = ()

    def start(self, units):
        self.running = units

    def keep(self, record):
        self.record = record

    def kept(self):
        """Every row that is in the database or in a backup."""
        return {row for rows in (self.rows, *(rows for rows, _ in self.backups.values())) for row in rows}


@pytest.fixture
def host(monkeypatch):
    made = Host()
    doubles = {
        "require_root": lambda: None, "alone": nullcontext, "active_units": lambda release: made.running,
        "current": lambda: _release(made.now), "installed": _release, "make_environment": lambda release: None,
        "last_upgrade": lambda: made.record,
        **{name: getattr(made, name) for name in ("back_up", "manage", "faults", "point_at", "stop", "start", "keep")},
    }  # fmt: skip
    for name, double in doubles.items():
        monkeypatch.setattr(upgrade.host, name, double)
    monkeypatch.setattr(upgrade, "say", lambda *words: made.said.append(" ".join(map(str, words))))
    monkeypatch.setattr(upgrade, "_taken_in", lambda file, old: _release(str(file)))
    monkeypatch.setattr(upgrade.signal, "signal", lambda *given: None)
    return made


def _release(version):
    return Release(Path(f"/opt/ivig/releases/{version}"), version, "3.11", "x86_64")


def test_run_again_once_it_is_done_it_is_refused_and_changes_nothing(host):
    upgrade.way_back()
    assert (host.now, host.form, host.rows) == ("1.0", "1.0", ["filed before"])
    assert host.kept() == {"filed before", "filed in 2.0"}
    assert "What is there now is kept in backup 1." in host.said
    host.rows.append("filed in 1.0 after")
    host.done.clear()
    with pytest.raises(BadRelease, match=r"Version 1\.0, the one before the upgrade to 2\.0, is here already\."):
        upgrade.way_back()
    assert (host.now, host.rows, host.running) == ("1.0", ["filed before", "filed in 1.0 after"], UNITS)
    assert (host.done, len(host.backups)) == ([], 2)


def test_killed_on_the_way_and_run_again_it_keeps_what_is_there(host):
    host.killed_at = "restore"
    with pytest.raises(Killed):
        upgrade.way_back()
    assert (host.now, host.running) == ("1.0", ())
    # Somebody started 2.0 by hand meanwhile, which wrote.
    host.rows.append("filed in 2.0 by hand")
    host.killed_at = ""
    upgrade.way_back()
    assert (host.now, host.rows, host.running) == ("1.0", ["filed before"], UNITS)
    assert host.kept() == {"filed before", "filed in 2.0", "filed in 2.0 by hand"}


def test_run_again_without_room_for_a_backup_it_says_so_and_goes_back(host):
    host.killed_at = "restore"
    with pytest.raises(Killed):
        upgrade.way_back()
    host.killed_at, host.full = "", True
    upgrade.way_back()
    assert (host.now, host.rows, host.running) == ("1.0", ["filed before"], UNITS)
    assert any("No backup of what is there could be made. The disk is full." in words for words in host.said)
    assert host.kept() == {"filed before", "filed in 2.0"}


def test_run_first_without_room_for_a_backup_it_changes_nothing(host):
    host.full = True
    with pytest.raises(upgrade.PutBack, match=r"No backup of what is there could be made. The disk is full\."):
        upgrade.way_back()
    assert (host.now, host.form, host.running) == ("2.0", "2.0", UNITS)
    assert host.rows == ["filed before", "filed in 2.0"]


def test_after_an_upgrade_that_failed_the_way_back_leads_where_it_led_before(host):
    host.bad = "3.0"
    with pytest.raises(upgrade.PutBack, match=r"Version 2\.0 is there again, with every row of backup 1"):
        upgrade.upgrade(Path("3.0"))
    assert (host.now, host.form, host.running) == ("2.0", "2.0", UNITS)
    upgrade.way_back()
    assert (host.now, host.form, host.rows, host.running) == ("1.0", "1.0", ["filed before"], UNITS)


def test_after_a_first_upgrade_that_failed_there_is_no_way_back(host):
    host.record, host.bad = None, "3.0"
    with pytest.raises(upgrade.PutBack):
        upgrade.upgrade(Path("3.0"))
    with pytest.raises(BadRelease, match="No upgrade was made here"):
        upgrade.way_back()
    assert (host.now, host.running) == ("2.0", UNITS)


def test_what_was_wrong_before_is_told_and_stops_no_upgrade(host):
    host.wrong = ["department 3: name is not what the log says."]
    upgrade.upgrade(Path("3.0"))
    assert (host.now, host.running) == ("3.0", UNITS)
    assert any("wrong before the upgrade" in said and host.wrong[0] in said for said in host.said)


def test_what_the_upgrade_makes_wrong_ends_on_the_version_before(host):
    host.wrong, host.spoils = ["department 3: name is not what the log says."], "3.0"
    with pytest.raises(upgrade.PutBack):
        upgrade.upgrade(Path("3.0"))
    assert (host.now, host.form, host.running) == ("2.0", "2.0", UNITS)
    (why,) = [said for said in host.said if "upgrade failed" in said]
    assert "note 7: the row is gone." in why
    assert "department 3" not in why


@pytest.mark.parametrize(("ends", "found"), [(0, ()), (1, ("One is gone.", "Two is not what the log says."))])
def test_what_a_command_finds_wrong_is_read_line_by_line(monkeypatch, tmp_path, ends, found):
    script = tmp_path / "deploy" / "manage.sh"
    script.parent.mkdir()
    told = "CommandError: One is gone.\nTwo is not what the log says." if ends else "A warning."
    script.write_text(f"#!/bin/sh\n[ \"$1\" = prove ] || exit 2\necho '{told}' >&2\nexit {ends}\n")
    script.chmod(0o755)
    release = Release(tmp_path, "1.0", "3.11", "x86_64")
    assert read_faults(release, "prove") == found
    with pytest.raises(Failed, match="ended with 2"):
        read_faults(release, "other")


@pytest.mark.parametrize("came_up", [(), ("ivig-backup.timer",), UNITS])
def test_an_upgrade_that_was_cut_off_is_ended_with_all_that_ran_before(came_up, host):
    host.killed_at = "prepare"
    with pytest.raises(Killed):
        upgrade.upgrade(Path("3.0"))
    assert (host.now, host.form, host.running) == ("2.0", "3.0", ())
    # The host starts again: of its units those come up that need no database of their own version.
    host.killed_at, host.running = "", came_up
    upgrade.way_back()
    assert (host.now, host.form, host.rows) == ("2.0", "2.0", ["filed before", "filed in 2.0"])
    assert {*host.running} == {*UNITS, *came_up}
    with pytest.raises(BadRelease, match=r"the one before the upgrade to 3\.0, is here already"):
        upgrade.way_back()


def test_the_way_back_starts_what_runs_now_and_not_what_somebody_has_stopped_since(host):
    host.running = ("ivig-web.service",)
    upgrade.way_back()
    assert host.running == ("ivig-web.service",)


def test_where_it_fails_for_good_the_last_lines_can_be_typed_and_name_another_way(host, monkeypatch):
    host.bad = "3.0"

    def refuse(release, *command):
        if command[0] == "restore":
            raise Failed("The database is used by 1 other sessions.")
        return Host.manage(host, release, *command)

    monkeypatch.setattr(upgrade.host, "manage", refuse)
    with pytest.raises(upgrade.NotPutBack) as ended:
        upgrade.upgrade(Path("3.0"))
    script = "/opt/ivig/releases/2.0/deploy/manage.sh"
    rows = str(ended.value).splitlines()
    assert [row.strip() for row in rows if row.startswith("  ")] == [
        f"{script} restore backup 1 --instead", f"{script} prepare", f"systemctl start {' '.join(UNITS)}",
        f"{script} restore backup 1",
    ]  # fmt: skip
    assert "new empty database" in str(ended.value)


def test_put_back_but_not_started_the_way_back_ends_it_and_leads_no_further(host, monkeypatch):
    host.bad = "3.0"

    def start(units):
        raise Failed("systemctl start ivig-web.service failed.")

    monkeypatch.setattr(upgrade.host, "start", start)
    with pytest.raises(upgrade.NotPutBack) as ended:
        upgrade.upgrade(Path("3.0"))
    # Not to restore again: what systemd has brought up meanwhile may have been filed in.
    assert [row.strip() for row in str(ended.value).splitlines() if row.startswith("  ")] == [
        f"systemctl start {' '.join(UNITS)}"
    ]
    monkeypatch.setattr(upgrade.host, "start", host.start)
    upgrade.way_back()
    assert (host.now, host.rows, host.running) == ("2.0", ["filed before", "filed in 2.0"], UNITS)


def test_where_the_log_lacks_what_was_signed_it_says_so_and_what_is_still_to_be_done(host):
    host.log_is_short = True
    upgrade.way_back()
    assert LOG_IS_SHORT in host.said
    assert host.said[-1].startswith("STILL TO BE DONE: nothing can be filed or decided")
    assert "manage.py restore_log" in host.said[-1]
    host.log_is_short, host.now, host.record = False, "2.0", Upgraded("1.0", "2.0", Path("at the upgrade"), (), True)
    upgrade.way_back()
    assert host.said[-1] == "Version 1.0 serves."


def test_after_an_upgrade_that_failed_it_says_what_is_still_to_be_done(host):
    host.log_is_short, host.bad = True, "3.0"
    with pytest.raises(upgrade.PutBack, match=r"is there again[\s\S]*STILL TO BE DONE[\s\S]*restore_log"):
        upgrade.upgrade(Path("3.0"))
    host.bad = ""
    upgrade.upgrade(Path("3.0"))
    assert host.said[-1].startswith("STILL TO BE DONE")


@pytest.mark.django_db
def test_what_prepare_says_of_such_a_log_is_what_is_looked_for(monkeypatch, settings, tmp_path):
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    monkeypatch.setattr(continuity, "fault", lambda *, anew: "9 were signed.")
    monkeypatch.setattr("utilization.management.commands.prepare.Command._collect", lambda self: None)
    said = StringIO()
    call_command("prepare", stdout=StringIO(), stderr=said)
    assert upgrade.NOTHING_FILED in said.getvalue()
