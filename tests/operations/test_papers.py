"""The papers name files that are there, and the units name commands that are there."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
PAPERS = ("docs/security-answers.md", "docs/operations.md", "SECURITY.md", "CHANGELOG.md")
NAMED = re.compile(r"`((?:docs|tests|utilization|deploy|templates)/[\w./-]+\w|[A-Z]+\.md|LICENSE|requirements\.txt)`")


@pytest.mark.parametrize("paper", PAPERS)
def test_every_file_that_a_paper_names_is_there(paper: str) -> None:
    named = set(NAMED.findall((ROOT / paper).read_text()))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_answer_says_what_shows_it() -> None:
    rows = [row for row in (ROOT / PAPERS[0]).read_text().splitlines() if row.startswith("| ")]
    answers = [row for row in rows if not row.startswith("| key ")]
    assert len(answers) >= 65
    assert [row for row in answers if len(row.split(" | ")) != 4 or not NAMED.search(row.rpartition(" | ")[2])] == []


def test_every_command_that_units_and_papers_name_is_there() -> None:
    texts = [(ROOT / paper).read_text() for paper in PAPERS]
    texts += [unit.read_text() for unit in (ROOT / "deploy" / "systemd").iterdir()]
    named = {name for text in texts for name in re.findall(r"manage\.py ([a-z_]+)", text)}
    assert named - set(get_commands()) == set()
    assert {"backup", "drill", "prepare", "doctor", "db_worker"} <= named


def test_every_figure_that_an_alert_reads_is_told() -> None:
    told = set(re.findall(r'"(ivig_[a-z_]+)"', (ROOT / "utilization/jobs/metrics.py").read_text()))
    told |= {f"ivig_{kind}_{what}" for kind in ("backup", "drill") for what in ("age_seconds", "succeeded")}
    asked = set(re.findall(r"ivig_[a-z_]+", (ROOT / "deploy/prometheus/alerts.yml").read_text()))
    assert asked - told == set()
