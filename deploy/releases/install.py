"""A release installed on a host where the product is not yet: user, folders, libraries, settings to fill in, units."""

import ctypes
import importlib.util
import secrets
import shutil
from pathlib import Path

from deploy.releases import host
from deploy.releases.archive import BadRelease, Release, checked

ETC = Path("/etc/ivig")
SAMPLE = Path("docs/ivig.env.example")
_PROGRAMS = (("adduser", "adduser"), ("runuser", "util-linux"))
_LIBRARIES = (
    ("libpango-1.0.so.0", "libpango-1.0-0"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset0"),
)


def install(folder: Path) -> None:
    """Install the release in `folder`. Raises BadRelease before anything is changed, or Failed."""
    host.require_root()
    with host.alone():
        if host.CURRENT.exists():
            version = host.current().version
            raise BadRelease(f"Version {version} is installed here. Run: {host.CURRENT}/deploy/upgrade FILE")
        release = checked(folder)
        if missing := missing_packages():
            raise BadRelease(f"System packages are missing. Run: apt-get install {' '.join(missing)}")
        _make_user_and_folders()
        place = _copied(release)
        host.say(f"Installing the libraries of version {place.version} ...")
        host.make_environment(place)
        _make_settings(place)
        host.point_at(place)
    host.say(f"Version {place.version} is at {host.CURRENT}, and nothing runs yet.")
    for program, package in (("psql", "postgresql, or postgresql-client"), ("nginx", "nginx")):
        if not shutil.which(program):
            host.say(f"Not found here: {program}. Where it is to run on this host: apt-get install {package}")
    host.say(f"Correct {ETC}/ivig.env, then go on with docs/operations.md, Install, step 3.")


def missing_packages() -> list[str]:
    """Debian's packages that are needed and not here."""
    missing = [package for program, package in _PROGRAMS if not shutil.which(program)]
    if not importlib.util.find_spec("ensurepip"):
        missing.append("python3-venv")
    for library, package in _LIBRARIES:
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def _make_user_and_folders() -> None:
    host.run("adduser", "--quiet", "--system", "--group", "--home", "/var/lib/ivig", "ivig")
    for folder in (Path("/var/lib/ivig"), host.BACKUPS):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.chown(folder, "ivig", "ivig")
        folder.chmod(0o700)
    for folder in (ETC, host.RELEASES, host.UNITS):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)


def _copied(release: Release) -> Release:
    """The release in its place, root's; what an installation that was stopped left there goes."""
    place = host.RELEASES / release.version
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(release.folder, place, copy_function=shutil.copy)
    for path in [place, *place.rglob("*")]:
        shutil.chown(path, "root", "root")
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    return checked(place)


def _make_settings(release: Release) -> None:
    """The settings to fill in and a new secret key, where there are none."""
    _write_once(ETC / "ivig.env", (release.folder / SAMPLE).read_text(encoding="utf-8"))
    _write_once(ETC / "secret-key", secrets.token_urlsafe(64) + "\n")


def _write_once(path: Path, content: str) -> None:
    if path.exists():
        return
    path.touch(0o600, exist_ok=False)
    path.write_text(content, encoding="utf-8")
    shutil.chown(path, "root", "ivig")
    path.chmod(0o640)
