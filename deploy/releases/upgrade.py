"""An upgrade, which on any failure ends on the version before with every row; and the way back, later."""

import shutil
import signal
import tempfile
from dataclasses import replace
from pathlib import Path

from deploy.releases import host
from deploy.releases.archive import BadRelease, Release, unpacked
from deploy.releases.host import Failed, Upgraded, say


class PutBack(Exception):
    """It failed, and the host is as it was before."""


class NotPutBack(Exception):
    """It failed, and what was before could not be put back; the message says what to do."""


_STOPS = (Failed, BadRelease, OSError, KeyboardInterrupt)
NOTHING_FILED = "Nothing will be filed or decided"
"""What `manage.py prepare` says of a log that does not hold what was signed; it succeeds all the same."""


def upgrade(file: Path) -> None:
    """Upgrade to the release in the archive `file`.

    Raises BadRelease or Failed before anything is changed, PutBack where all is as before, or NotPutBack.
    """
    host.require_root()
    with host.alone():
        old, former = host.current(), host.last_upgrade()
        new = _taken_in(file, old)
        try:
            say(f"Looking at version {old.version} ...")
            host.manage(old, "doctor", "--fatal")
            known = host.faults(old, "prove")
            say(f"Installing the libraries of version {new.version} ...")
            host.make_environment(new)
            units = host.active_units(old)
            upgraded = _backed_up(old, new, units)
        except BaseException:
            shutil.rmtree(new.folder, ignore_errors=True)
            raise
        started = False
        try:
            say("Upgrading the database ...")
            to_do = _prepare(new)
            host.manage(new, "doctor", "--fatal")
            _prove(new, upgraded.backup, known)
            host.point_at(new)
            started = True
            host.start(units)
            host.keep(replace(upgraded, done=True))
        except _STOPS as error:
            say(f"The upgrade failed. {_says(error)}")
            if started:
                _keep_what_is_there(new)
            # Whatever was cut off before is over: this version was found well, and is there again.
            told = _put_back(old, upgraded.backup, units, former and replace(former, done=True))
            shutil.rmtree(new.folder, ignore_errors=True)
            raise PutBack(told) from None
        say(f"Version {new.version} serves. The version before stays in {old.folder}; the way back: deploy/way_back")
        _tell(to_do)


def way_back() -> None:
    """Go back to the version before the last upgrade.

    Where that version can read the database as it is, nothing else changes. Else the backup of that upgrade takes the
    place of what is there, of which a backup is made before. Raises as `upgrade` does.
    """
    host.require_root()
    with host.alone():
        upgraded, now = host.last_upgrade(), host.current()
        if upgraded is None:
            raise BadRelease("No upgrade was made here, so that there is no version to go back to.")
        if upgraded.done and upgraded.before == now.version:
            raise BadRelease(f"Version {now.version}, the one before the upgrade to {upgraded.after}, is here already.")
        old = host.installed(upgraded.before)
        units = _units_to_start(upgraded, host.active_units(now))
        host.stop(now)
        kept = None
        try:
            kept = host.back_up(now)
            say(f"What is there now is kept in {kept}.")
        except _STOPS as error:
            why = f"No backup of what is there could be made. {_says(error)}"
            if now.version == upgraded.after:
                host.start(units)
                raise PutBack(why) from None
            # Begun anew: the version before may not read what the first attempt left, and that attempt kept it.
            say(why)
        try:
            host.keep(replace(upgraded, units=units, done=False))
            to_do = _go_to(old, upgraded.backup)
            host.start(units)
            host.keep(replace(upgraded, units=units, done=True))
        except _STOPS as error:
            say(f"The way back failed. {_says(error)}")
            if kept is None:
                raise NotPutBack(
                    f"Correct what is said above, and run it anew: {host.CURRENT}/deploy/way_back\n"
                    f"{_way_out(old, upgraded.backup)}"
                ) from None
            raise PutBack(_put_back(now, kept, units, upgraded)) from None
        say(f"Version {old.version} serves.")
        _tell(to_do)


def _units_to_start(upgraded: Upgraded, running: tuple[str, ...]) -> tuple[str, ...]:
    """What runs, or ran before the upgrade. Where that was cut off, both: what it stopped may not have come up."""
    if upgraded.done:
        return running or upgraded.units
    return tuple(dict.fromkeys((*upgraded.units, *running)))


def _taken_in(file: Path, old: Release) -> Release:
    """The new release in its place, checked; nothing else is changed yet."""
    host.RELEASES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".incoming-", dir=host.RELEASES) as scratch:
        new = unpacked(file, Path(scratch))
        if new.order == old.order:
            raise BadRelease(f"Version {new.version} is installed already.")
        if new.order < old.order:
            raise BadRelease(f"Version {new.version} is older than {old.version}, which is here. See deploy/way_back.")
        place = host.RELEASES / new.version
        shutil.rmtree(place, ignore_errors=True)
        new.folder.rename(place)
        place.chmod(0o755)
    return Release(place, new.version, new.python, new.machine)


def _backed_up(old: Release, new: Release, units: tuple[str, ...]) -> Upgraded:
    """Stop what runs, and make the backup that the way back needs; on failure all runs again."""
    try:
        host.stop(old)
        backup = host.back_up(old)
        upgraded = Upgraded(old.version, new.version, backup, units, done=False)
        say(f"Backed up into {backup}.")
        host.keep(upgraded)
    except BaseException:
        host.start(units)
        raise
    return upgraded


def _prove(new: Release, backup: Path, known: tuple[str, ...]) -> None:
    """Hold the upgraded database against the backup. Raises Failed where anything is wrong that was not `known`."""
    found = host.faults(new, "prove", str(backup))
    if fresh := [fault for fault in found if fault not in known]:
        raise Failed("\n".join(("The upgraded database is not what it was:", *fresh)))
    if found:
        say("\n".join(("This was wrong before the upgrade, and is: see manage.py verify_log.", *found)))
    else:
        say("The upgraded database holds all that was backed up.")


def _keep_what_is_there(new: Release) -> None:
    """It was open for a moment: what was filed in it stays in a backup of its own."""
    try:
        host.stop(new)
        say(f"What was filed since is kept in {host.back_up(new)}.")
    except _STOPS as error:
        say(f"What was filed since could not be backed up. {_says(error)}")


def _put_back(version: Release, backup: Path, units: tuple[str, ...], record: Upgraded | None) -> str:
    """What to say once that version is there again, with the database out of `backup` and the record of upgrades."""
    # To be interrupted now would leave neither version.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    say(f"Putting version {version.version} back ...")
    try:
        host.stop(version)
        host.point_at(version)
        host.manage(version, "restore", str(backup), "--instead")
        to_do = _prepare(version)
    except _STOPS as error:
        manage = host.manage_sh(version)
        raise NotPutBack(
            f"{_says(error)}\nVersion {version.version} could not be put back; its units stay stopped. Correct what is "
            f"said above, then:\n  {manage} restore {backup} --instead\n  {manage} prepare\n  {_start(units)}\n"
            f"{_way_out(version, backup)}"
        ) from None
    told = f"Version {version.version} is there again, with every row of {backup}"
    try:
        host.start(units)
        host.keep(record)
    except _STOPS as error:
        # No restore here: those units that run may have filed something since.
        raise NotPutBack(
            f"{_says(error)}\n{told}, but not all that ran before runs. Correct what is said above, then:\n"
            f"  {_start(units)}"
        ) from None
    return "\n".join(filter(None, (f"{told}.", to_do)))


def _start(units: tuple[str, ...]) -> str:
    return f"systemctl start {' '.join(units)}"


def _way_out(version: Release, backup: Path) -> str:
    """What is left where the database that is there cannot be put back by `restore --instead`."""
    return (
        "Where that fails again: make a new empty database and name it in the settings (docs/operations.md, Restore, "
        f"steps 2 and 3); in place of the restore above:\n  {host.manage_sh(version)} restore {backup}"
    )


def _go_to(version: Release, backup: Path) -> str:
    """That version, on the database as it is where it can read it, else on the backup; what is still to be done."""
    host.point_at(version)
    try:
        to_do = _prepare(version)
    except Failed:
        say(f"Version {version.version} cannot read this database: {backup} takes its place ...")
        say(host.manage(version, "restore", str(backup), "--instead").strip())
        to_do = _prepare(version)
    host.manage(version, "doctor", "--fatal")
    return to_do


def _prepare(version: Release) -> str:
    """Prepare the database by that version, and tell what it says; what is still to be done, or nothing."""
    said = host.manage(version, "prepare").strip()
    _tell(said)
    if NOTHING_FILED not in said:
        return ""
    return (
        "STILL TO BE DONE: nothing can be filed or decided before the log is as it was signed. End ivig-seal and run "
        "manage.py restore_log, as docs/auditors-guide.md says (A database that was restored from an older copy)."
    )


def _tell(words: str) -> None:
    if words:
        say(words)


def _says(error: BaseException) -> str:
    return "It was interrupted." if isinstance(error, KeyboardInterrupt) else str(error)
