"""A release is taken whole, of this product, for this host, and no other; its components are named with digests.

What an installation, an upgrade that fails and the way back come to is tried by `.ci/release` on a host of its own.
"""

import io
import json
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse

from deploy.releases import host
from deploy.releases.archive import ABOUT, PRODUCT, SUMS, BadRelease, Release, digest_of, this_host, unpacked
from deploy.releases.make import PARTS, pack
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small release, version 1.10.0."""
    folder = tmp_path / "made" / "ivig-1.10.0"
    (folder / "deploy").mkdir(parents=True)
    python, machine = this_host()
    about = {"product": PRODUCT, "version": "1.10.0", "python": python, "machine": machine}
    (folder / ABOUT).write_text(json.dumps(about))
    (folder / "manage.py").write_text("as it was released")
    (folder / "deploy" / "install").write_text("#!/bin/sh")
    (folder / "deploy" / "install").chmod(0o755)
    sum_up(folder)
    return folder


def sum_up(folder: Path) -> None:
    names = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and path.name != SUMS]
    (folder / SUMS).write_text("".join(f"{digest_of(folder / name)}  {name}\n" for name in names))


def told(folder: Path, name: str, value: str) -> None:
    """Have the release say `value` of itself, with sums that fit."""
    about = json.loads((folder / ABOUT).read_text()) | {name: value}
    (folder / ABOUT).write_text(json.dumps(about))
    sum_up(folder)


def taken(folder: Path, tmp_path: Path) -> str:
    """The version that is taken from the archive of `folder`."""
    archive, into = tmp_path / "release.tar.gz", tmp_path / "into"
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    pack(folder, archive, 0)
    release = unpacked(archive, into)
    assert (release.folder / "deploy" / "install").stat().st_mode & 0o777 == 0o755
    assert (release.folder / "manage.py").stat().st_mode & 0o777 == 0o644
    return release.version


def test_a_whole_release_is_taken_and_is_the_same_bytes_twice(folder: Path, tmp_path: Path) -> None:
    assert taken(folder, tmp_path) == "1.10.0"
    once = (tmp_path / "release.tar.gz").read_bytes()
    (folder / "manage.py").touch()
    assert taken(folder, tmp_path) == "1.10.0"
    assert (tmp_path / "release.tar.gz").read_bytes() == once


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "manage.py").write_text("as it was releasea"), "manage.py is not as it was released"),
        (lambda folder: (folder / "manage.py").unlink(), "manage.py is missing"),
        (lambda folder: (folder / "added.py").write_text(""), "added.py is no part of the release"),
        (lambda folder: (folder / "manage.py").symlink_to("/etc/passwd"), "no release does"),
        (lambda folder: told(folder, "product", "another"), "release of another product, 'another'"),
        (lambda folder: told(folder, "python", "3.9"), "is for Python 3.9 on"),
        (lambda folder: told(folder, "version", "1.0-of-mine"), "is no version"),
        (lambda folder: (folder / ABOUT).unlink(), "no release of this product"),
        (lambda folder: (folder / SUMS).write_text("0  ../../etc/passwd\n"), "missing|outside"),
    ],
)
def test_what_is_not_a_whole_release_for_this_host_is_refused(
    spoil: Callable[[Path], object], said: str, folder: Path, tmp_path: Path
) -> None:
    if "no release does" in said:
        (folder / "manage.py").unlink()
    spoil(folder)
    with pytest.raises(BadRelease, match=said):
        taken(folder, tmp_path)


@pytest.mark.parametrize("cut", [0.0, 0.2, 0.9])
def test_an_archive_that_is_cut_is_refused_in_words(cut: float, folder: Path, tmp_path: Path) -> None:
    assert taken(folder, tmp_path)
    whole = (tmp_path / "release.tar.gz").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * cut)])
    (tmp_path / "into2").mkdir()
    with pytest.raises(BadRelease, match="cannot be read as an archive"):
        unpacked(tmp_path / "cut", tmp_path / "into2")


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside"])
def test_nothing_is_unpacked_outside_of_its_folder(name: str, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "archive", "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    (tmp_path / "into").mkdir()
    with pytest.raises(BadRelease, match="which no release does"):
        unpacked(tmp_path / "archive", tmp_path / "into")


def test_versions_compare_by_their_numbers(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert taken(folder, tmp_path)
    newer = unpacked(tmp_path / "release.tar.gz", tmp_path / "a")
    assert newer.order > (1, 9)


def test_a_release_has_no_tests_and_all_that_is_served() -> None:
    assert {"utilization", "templates", "fixtures", "deploy", "docs", "manage.py", "requirements.txt", "LICENSE"} <= {
        *PARTS
    }
    assert not {"tests", "bench", ".ci", "var"} & {*PARTS}


def test_components_are_named_with_licence_and_digest_and_the_same_twice(tmp_path: Path) -> None:
    pytest.importorskip("cyclonedx")
    from deploy.releases.components import components

    for name, about in (
        ("one", "License-Expression: MIT"),
        ("two", "Classifier: License :: OSI Approved :: BSD License"),
    ):
        with zipfile.ZipFile(tmp_path / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(
                f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{about}\n"
            )
    wheels = sorted(tmp_path.glob("*.whl"))
    told = components("1.2.3", wheels, 1_700_000_000)
    assert components("1.2.3", wheels, 1_700_000_000) == told
    kept = json.loads(told)
    assert (kept["bomFormat"], kept["metadata"]["component"]["version"]) == ("CycloneDX", "1.2.3")
    assert {part["name"]: part["hashes"][0]["content"] for part in kept["components"]} == {
        "one": digest_of(wheels[0]), "two": digest_of(wheels[1])
    }  # fmt: skip
    assert [part["licenses"] for part in kept["components"]] == [
        [{"license": {"id": "MIT"}}], [{"license": {"name": "BSD License"}}]
    ]  # fmt: skip


UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
EXPOSED = 2.0
"""The most that `systemd-analyze security` may come to, of 10."""


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_hardened_and_says_nothing_that_systemd_does_not_know(unit: Path) -> None:
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={int(EXPOSED * 10)}", str(unit)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    # That the product is not installed here is no fault of the unit.
    said = [row for row in verified.stderr.splitlines() if "/opt/ivig" not in row and unit.name in row]
    assert said == []


def said_by(unit: str) -> dict[str, str]:
    """What a unit says, by key; what it says twice, by the last."""
    rows = (ROOT / "deploy" / "systemd" / unit).read_text().splitlines()
    return dict(row.split("=", 1) for row in rows if "=" in row and not row.startswith("#"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_with_the_settings_of_the_pages_may_read_the_key_that_they_name(unit: Path) -> None:
    if said_by(unit.name)["EnvironmentFile"].lstrip("-") not in ("/etc/ivig/ivig.env", "/etc/ivig/owner.env"):
        return
    # `deploy/install` gives the key to root and the group.
    groups = f"{said_by(unit.name)['Group']} {said_by(unit.name).get('SupplementaryGroups', '')}"
    assert "ivig" in groups.split()


def test_a_drill_that_is_started_with_the_backup_waits_for_it() -> None:
    assert "ivig-backup.service" in said_by("ivig-drill.service")["After"].split()
    # Of one that lasts systemd would hold it for started, and go on, before it is done.
    assert said_by("ivig-backup.service")["Type"] == "oneshot"


def test_the_pages_open_no_socket_for_orders_and_tell_systemd_once_they_listen(tmp_path: Path) -> None:
    unit = said_by("ivig-web.service")
    assert unit["Type"] == "notify"
    _, _, *command = unit["ExecStart"].replace("127.0.0.1:8000", "127.0.0.1:0").split()
    assert "--no-control-socket" in command
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        application = command.index("utilization.wsgi:application")
        command[application] = "wsgiref.simple_server:demo_app"
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env={"NOTIFY_SOCKET": str(tmp_path / "notify"), "HOME": str(tmp_path)},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert b"READY=1" in systemd.recv(1000)
        finally:
            process.terminate()
            said = process.communicate(timeout=PATIENCE)[1]
    assert "Listening at" in said
    assert "Control" not in said


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (reverse("account_reset_password_from_key", args=["1a", "cb1-5f2e"]), False),
        (reverse("sign-on-back"), False),
        (reverse("account_login"), True),
        (reverse("account_reset_password"), True),
    ],
)
def test_no_log_of_nginx_holds_what_could_be_used_by_whoever_reads_it(path: str, logged: bool) -> None:
    by_http, by_https = (ROOT / "deploy" / "nginx" / "ivig.conf").read_text().split("listen 443")
    found = re.findall(r"location ~ (\S+) \{(.*?)\}", by_https, re.DOTALL)
    silent = [place for pattern, place in found if re.search(pattern, path)]
    assert len(silent) == (0 if logged else 1)
    for place in silent:
        assert "access_log off;" in place
        assert "error_log /dev/null;" in place
    # By plain http a browser brings the same addresses.
    assert "access_log off;" in by_http


STATES = """\
Id=ivig-seal.service
Type=simple
ActiveState=activating

Id=ivig-backup.service
Type=oneshot
ActiveState=activating

Id=ivig-backup.timer
ActiveState=active

Id=ivig-tick.service
Type=simple
ActiveState=failed

Id=ivig-web.service
Type=notify
ActiveState=active
"""


def test_a_unit_that_systemd_starts_again_and_again_counts_as_one_that_runs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "deploy" / "systemd").mkdir()
    names = re.findall("Id=(.*)", STATES)
    for name in names:
        (folder / "deploy" / "systemd" / name).touch()
    (tmp_path / "states").write_text(STATES)
    (tmp_path / "systemctl").write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/asked\nexec /bin/cat {tmp_path}/states\n')
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    release = Release(folder, "1.10.0", *this_host())
    assert host.active_units(release) == ("ivig-seal.service", "ivig-backup.timer", "ivig-web.service")
    asked = (tmp_path / "asked").read_text().split()
    assert (asked[0], sorted(asked[2:])) == ("show", sorted(names))
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert host.active_units(release) == ()


@pytest.mark.parametrize(("looks", "comes_up"), [(2, True), (1000, False)])
def test_a_unit_that_ends_as_it_begins_and_is_started_again_has_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int, comes_up: bool
) -> None:
    """`systemctl start` fails of it at once; after some looks systemd has brought it up."""
    (tmp_path / "looked").write_text("")
    (tmp_path / "systemctl").write_text(
        f"""#!/bin/sh
[ "$1" = show ] || exit 1
echo . >>{tmp_path}/looked
state=activating
[ "$(/usr/bin/wc -l <{tmp_path}/looked)" -le {looks} ] || state=active
printf 'Id=ivig-seal.service\nActiveState=active\n\nId=ivig-tick.service\nActiveState=%s\n' "$state"
"""
    )
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(host, "READY_SECONDS", 3.0)
    units = ("ivig-seal.service", "ivig-tick.service")
    if comes_up:
        host.start(units)
    else:
        with pytest.raises(host.Failed, match="systemctl start"):
            host.start(units)


def test_without_systemd_nothing_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(host.Failed):
        host.start(("ivig-seal.service",))


def test_the_record_of_an_upgrade_is_read_as_it_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "RECORD", tmp_path / "last-upgrade.json")
    assert host.last_upgrade() is None
    for done in (False, True):
        kept = host.Upgraded("1.0", "2.0", Path("/var/backups/ivig/a"), ("ivig-web.service",), done)
        host.keep(kept)
        assert host.last_upgrade() == kept
    host.keep(None)
    assert host.last_upgrade() is None
