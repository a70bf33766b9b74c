"""An upgrade, which on any failure ends on the version before with every row; and the way back, later."""

import shutil
import signal
import tempfile
from pathlib import Path

from deploy.releases import host
from deploy.releases.archive import BadRelease, Release, unpacked
from deploy.releases.host import Failed, Upgraded, say


class PutBack(Exception):
    """It failed, and the host is as it was before."""


class NotPutBack(Exception):
    """It failed, and what was before could not be put back; the message says what to do."""


_STOPS = (Failed, BadRelease, OSError, KeyboardInterrupt)


def upgrade(file: Path) -> None:
    """Upgrade to the release in the archive `file`.

    Raises BadRelease or Failed before anything is changed, PutBack where all is as before, or NotPutBack.
    """
    host.require_root()
    with host.alone():
        old = host.current()
        new = _taken_in(file, old)
        try:
            say(f"Looking at version {old.version} ...")
            host.manage(old, "doctor", "--fatal")
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
            host.manage(new, "prepare")
            host.manage(new, "doctor", "--fatal")
            say(host.manage(new, "prove", str(upgraded.backup)).strip())
            host.point_at(new)
            started = True
            host.start(units)
        except _STOPS as error:
            say(f"The upgrade failed. {_says(error)}")
            if started:
                _keep_what_is_there(new)
            _put_back(old, upgraded)
            shutil.rmtree(new.folder, ignore_errors=True)
            raise PutBack(f"Version {old.version} is there again, with every row of {upgraded.backup}.") from None
        say(f"Version {new.version} serves. The version before stays in {old.folder}; the way back: deploy/way_back")


def way_back() -> None:
    """Go back to the version before the last upgrade.

    Where that version can read the database as it is, nothing else changes. Else the backup of that upgrade takes the
    place of what is there, of which a backup is made before. Raises as `upgrade` does.
    """
    host.require_root()
    with host.alone():
        upgraded, now = host.last_upgrade(), host.current()
        old = host.installed(upgraded.before)
        units = host.active_units(now) or upgraded.units
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
            _go_to(old, upgraded.backup)
            host.start(units)
        except _STOPS as error:
            say(f"The way back failed. {_says(error)}")
            if kept is None:
                raise NotPutBack(
                    f"Correct what is said above, and run it anew. The backup is {upgraded.backup}."
                ) from None
            _put_back(now, Upgraded(now.version, old.version, kept, units))
            raise PutBack(f"Version {now.version} is there again, with every row of {kept}.") from None
        say(f"Version {old.version} serves.")


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
        upgraded = Upgraded(old.version, new.version, backup, units)
        host.keep(upgraded)
    except BaseException:
        host.start(units)
        raise
    say(f"Backed up into {backup}.")
    return upgraded


def _keep_what_is_there(new: Release) -> None:
    """It was open for a moment: what was filed in it stays in a backup of its own."""
    try:
        host.stop(new)
        say(f"What was filed since is kept in {host.back_up(new)}.")
    except _STOPS as error:
        say(f"What was filed since could not be backed up. {_says(error)}")


def _put_back(version: Release, upgraded: Upgraded) -> None:
    # To be interrupted now would leave neither version.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    say(f"Putting version {version.version} back ...")
    try:
        host.stop(version)
        host.point_at(version)
        host.manage(version, "restore", str(upgraded.backup), "--instead")
        host.manage(version, "prepare")
        host.start(upgraded.units)
    except _STOPS as error:
        raise NotPutBack(
            f"{_says(error)}\nVersion {version.version} could not be put back; its units stay stopped. Correct what is "
            f"said above, then: {version.folder}/deploy/manage.sh restore {upgraded.backup} --instead; "
            f"manage.sh prepare; systemctl start {' '.join(upgraded.units)}"
        ) from None


def _go_to(version: Release, backup: Path) -> None:
    """That version, on the database as it is where it can read it, else on the backup."""
    host.point_at(version)
    try:
        host.manage(version, "prepare")
    except Failed:
        say(f"Version {version.version} cannot read this database: {backup} takes its place ...")
        say(host.manage(version, "restore", str(backup), "--instead").strip())
        host.manage(version, "prepare")
    host.manage(version, "doctor", "--fatal")


def _says(error: BaseException) -> str:
    return "It was interrupted." if isinstance(error, KeyboardInterrupt) else str(error)
