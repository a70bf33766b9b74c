"""`deploy/manage.sh` gives a command the settings that systemd gives the units from the same files."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ETC = "/etc/ivig"

# What stands in the file, and what systemd 252 of Debian 12 makes of it; None where it takes no variable from it.
TABLE: tuple[tuple[str, str, str | None], ...] = (
    ("PLAIN=value", "PLAIN", "value"),
    ("EMPTY=", "EMPTY", ""),
    ("AMPERSAND=postgres://u:p@h/ivig?sslmode=prefer&connect_timeout=5", "AMPERSAND",
     "postgres://u:p@h/ivig?sslmode=prefer&connect_timeout=5"),
    ("SIGNS=a;b|c<d>e(f)*?[g]{h}!~#i%", "SIGNS", "a;b|c<d>e(f)*?[g]{h}!~#i%"),
    ("DOLLAR=pa$HOME$$word", "DOLLAR", "pa$HOME$$word"),
    ("TICKS=`touch ran`$(touch ran)", "TICKS", "`touch ran`$(touch ran)"),
    ("SPACE=two words", "SPACE", "two words"),
    ("BLANKS=  around  ", "BLANKS", "around"),
    ("NOTE=value # no comment", "NOTE", "value # no comment"),
    ("SINGLE='two  $words \"\\& '", "SINGLE", 'two  $words "\\& '),
    ('DOUBLE="two  words; \\"\\$\\\\\\`\\n $HOME"', "DOUBLE", 'two  words; "$\\`\\n $HOME'),
    ("PARTS='one '\"two \" three  ", "PARTS", "one two three"),
    ("INSIDE=it's \"so\"", "INSIDE", "it's \"so\""),
    ("ESCAPED=a\\ \\$b\\\\c\\'d\\", "ESCAPED", "a $b\\c'd"),
    ("", "", None),
    ("JOINED=one\\\n  two", "JOINED", "one  two"),
    ("LINES='one\ntwo'", "LINES", "one\ntwo"),
    ('JOINED_TOO="one\\\ntwo"', "JOINED_TOO", "onetwo"),
    ("  INDENTED = value", "INDENTED", "value"),
    ("# COMMENT=value", "COMMENT", None),
    (";SEMICOLON=value", "SEMICOLON", None),
    ("# goes on \\\nCONTINUED=value", "CONTINUED", None),
    ("export EXPORTED=value", "EXPORTED", None),
    ("RETURN=value\r", "RETURN", "value"),
    ("UMLAUT=Universitätsklinik", "UMLAUT", "Universitätsklinik"),
    ("NO VALUE", "NO", None),
    ("_LAST9=value", "_LAST9", "value"),
)  # fmt: skip


def _run(folder: Path, *, named: bool = False) -> dict[str, str]:
    """The environment of a command that the script runs, with the settings in `folder`, as nobody but ourselves.

    `named` on the command line, or in place of the folder where settings lie on a server.
    """
    release = folder / "release"
    (release / "deploy").mkdir(parents=True)
    script = (ROOT / "deploy" / "manage.sh").read_text()
    assert ETC in script
    (release / "deploy" / "manage.sh").write_text(script.replace(ETC, "/nowhere" if named else str(folder)))
    (release / ".venv" / "bin").mkdir(parents=True)
    (release / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (release / "manage.py").write_text(
        "import json, os, sys\njson.dump({**os.environ, 'typed': ' '.join(sys.argv[1:])}, sys.stdout)\n"
    )
    (release / "runuser").write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    (release / "runuser").chmod(0o755)
    words = (*(("--etc", str(folder)) if named else ()), "doctor")
    environ = {"PATH": f"{release}:{os.environ['PATH']}"}
    told = subprocess.run(
        ["/bin/sh", str(release / "deploy" / "manage.sh"), *words], env=environ, cwd=folder,
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    shutil.rmtree(release)
    read = json.loads(told.stdout)
    assert isinstance(read, dict)
    return read


@pytest.mark.parametrize("name", ["ivig.env", "owner.env"])
def test_both_files_are_read_as_systemd_reads_them(tmp_path: Path, name: str) -> None:
    (tmp_path / "ivig.env").write_text("")
    (tmp_path / name).write_bytes("\n".join(text for text, _, _ in TABLE).encode())
    read = _run(tmp_path)
    expected = {variable: value for _, variable, value in TABLE}
    assert {variable: read.get(variable) for variable in expected} == expected
    assert not list(tmp_path.rglob("ran")), "a command of the file was run"


def test_the_sample_is_read_whole_and_the_owner_s_file_may_be_missing(tmp_path: Path) -> None:
    sample = (ROOT / "docs" / "ivig.env.example").read_text()
    (tmp_path / "ivig.env").write_text(sample)
    read = _run(tmp_path)
    lines = [line.partition("=") for line in sample.splitlines() if line and not line.startswith("#")]
    assert {name: read[name] for name, _, _ in lines} == {name: value for name, _, value in lines}
    assert read["HOME"] == "/var/lib/ivig"


@pytest.mark.parametrize(("is_checkout", "way"), [(True, "Run ./run once"), (False, "deploy/manage.sh as root")])
def test_where_libraries_are_missing_the_way_is_one_that_is_there(tmp_path: Path, is_checkout: bool, way: str) -> None:
    shutil.copy(ROOT / "manage.py", tmp_path)
    if is_checkout:
        (tmp_path / "run").touch()
    command = [sys.executable, "-I", "-S", str(tmp_path / "manage.py"), "doctor"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert way in told.stderr
    assert ("./run" in told.stderr) is is_checkout


def test_another_folder_of_settings_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "ivig.env").write_text("IVIG_VAR=/var/lib/ivig-training")
    (tmp_path / "owner.env").write_text("DATABASE_OWNER_URL=postgres:///training")
    read = _run(tmp_path, named=True)
    assert (read["IVIG_VAR"], read["DATABASE_OWNER_URL"]) == ("/var/lib/ivig-training", "postgres:///training")
    assert read["typed"] == "doctor"
