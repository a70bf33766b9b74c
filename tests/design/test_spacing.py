"""Sentences are spaced as people write: no blank before a point or a comma, and one day is not "1 days"."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from tests.cast import Cast, a_draft, a_request, approved
from tests.prescribing.pages import url
from utilization.documents.justification import page as printed
from utilization.reports.frozen_justification import frozen_value
from utilization.rules.facts.units import unit_for
from utilization.rules.lifecycle import Status
from utilization.templatetags.doses import amount, many

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
SENTENCES = ("p", "li", "dd", "dt", "td", "th", "h1", "h2", "h3", "summary", "label", "legend", "caption")
LOOSE = re.compile(r"[ \u00a0\u202f]+[.,;:)](?=\s|$)|\( ")
ONE_OF_MANY = re.compile(
    r"(?<![\d.,])1[ \u00a0\u202f](?:days|weeks|months|years|hours|minutes|courses|requests|warnings|entries|criteria)\b"
)


def faults(page: str) -> list[str]:
    """What of a page's sentences is spaced or counted wrongly."""
    faults = []
    for element in html.fromstring(page).iter(*SENTENCES):
        if any(
            child.tag in (*SENTENCES, "ul", "ol", "table", "div", "form", "details")
            for child in element.iterdescendants()
        ):
            continue
        if element.get("class") == "sum":
            continue  # arithmetic, line by line as the plan was frozen
        text = re.sub(r"\s+", " ", "".join(element.itertext())).strip()
        faults += [text for pattern in (LOOSE, ONE_OF_MANY) if pattern.search(text)]
    return faults


def test_what_is_wrong_is_found():
    assert faults("<div><p>6 courses in 3 months .</p><p>over 1 days</p><p>well, so</p><p>11 days</p></div>") == [
        "6 courses in 3 months .", "over 1 days",
    ]  # fmt: skip


@pytest.fixture
def pages(cast: Cast) -> dict[str, str]:
    now = datetime.now(tz=UTC)
    filed = a_request(cast, at=now - timedelta(hours=5))
    order = {"dose_total_g": "140", "course_days": "1", "interval_weeks": "1", "months": "1"}
    changed = approved(cast, filed, at=now - timedelta(hours=3), order=order)
    other = a_request(cast, Status.INFORMATION_ASKED, at=now - timedelta(hours=2))
    draft = a_draft(cast, at=now - timedelta(hours=1))
    wanted = [
        ("petra", url("request-page", changed)), ("fern", url("review-case", changed)),
        ("fern", reverse("review-queue")),
        ("audrey", url("audit-request", changed)), ("petra", url("request-edit", draft)), ("petra", "/"),
        ("petra", url("request-indication", cast.patient)), ("petra", url("request-submit", draft)),
        ("petra", url("request-page", other)), ("audrey", reverse("audit-list")),
        ("audrey", reverse("audit-access")),
        ("petra", reverse("evidence-list")), ("petra", reverse("evidence-sources")),
        ("forrest", reverse("formulary-list")), ("adam", reverse("people-list")),
    ]  # fmt: skip
    seen = {}
    for who, where in wanted:
        client = Client()
        client.force_login(cast[who])
        response = client.get(where)
        assert response.status_code == 200, where
        seen[where] = response.content.decode()
    return {**seen, "paper": printed(frozen_value(changed))}


@pytest.mark.long
def test_every_sentence_of_the_pages_and_of_paper_is_spaced_as_people_write(pages):
    assert {where: wrong for where, page in pages.items() if (wrong := faults(page))} == {}


def test_no_template_puts_a_point_behind_a_part_that_ends_with_a_line():
    wrong = [
        f"{path.relative_to(TEMPLATES)}: {match[0]}"
        for path in TEMPLATES.rglob("*.html")
        for match in re.finditer(r"\{% include [^%]*%\}[.,;:)]|(?:\}\}|%\}) [.,;](?= |<|$)", path.read_text())
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("1", "days", "day"), (1, "weeks", "week"), ("1.0", "months", "month"), ("2", "days", "days"),
        ("0", "hours", "hours"), ("1.5", "hours", "hours"), ("11", "days", "days"), ("1", "g", "g"),
        ("1", "g a course", "g a course"), ("1", "days a course", "day a course"), ("yes", "days", "days"),
        (None, "days", "days"), ("1", "", ""),
    ],
)  # fmt: skip
def test_a_unit_behind_one_is_one(value, unit, words):
    assert unit_for(value, unit) == words


def test_counts_carry_their_words():
    assert [many(count, "hour") for count in (0, 1, 2, 21)] == ["0 hours", "1 hour", "2 hours", "21 hours"]
    assert [many(count, "entry,entries") for count in (1, 3)] == ["1 entry", "3 entries"]
    assert amount("1", "days").split() == ["1", "day"]
