"""Terms that narrow the auditor's list, as somebody types them who means no good."""

import pytest
from django.http import QueryDict

from tests.cast import AT, Cast, a_request
from tests.reviewing.pages import words
from utilization import criteria
from utilization.models import RequestSummary, User
from utilization.reports.audit_answer import scheduled_count
from utilization.reports.audit_filter import summaries
from utilization.reports.audit_list import Choices
from utilization.reports.list_terms.term import COLUMNS, OF_PATIENTS, TRUTHS
from utilization.rules.lifecycle import Status
from utilization.web.auditing.filter_form import AuditFilterForm

LIST, REPORT = "/audit/", "/reports/"
TERMS = (
    *COLUMNS, *TRUTHS, *OF_PATIENTS, "age", "weight", "questions", "warnings", "urgency", "unmet", "unused", "product",
    "response_silent", "known", "decided_by", "course_grams", "due", "given", "closed", "overdue",
)  # fmt: skip
VALUES = (
    "", "0", "-1", "x", "999999999999999999", "\u0661", "=1+1", "%", "'", '"', ":", "none", "unknown", "yes", "\ufffd",
    "0001-01-01", "9999-12-31", "0001-01-01..9999-12-31", "2025-02-30", "2025-01-01..", "a" * 230, "\0", "1" * 5000,
)  # fmt: skip


@pytest.mark.long
def test_a_key_in_an_address_names_nobody_and_nothing_of_another_site(cast: Cast, seen_by):
    """A person or criteria that no request of the site names are answered as a key that nothing has."""
    a_request(cast, Status.APPROVED, at=AT)
    summary = RequestSummary.objects.get()
    audrey, absent = seen_by("audrey"), "1000000"
    elsewhere = criteria.keep(criteria.builtin_pack(), at=AT)[0]
    elsewhere.pk, elsewhere.name, elsewhere.sha256 = None, "Criteria of another hospital", "e" * 64
    elsewhere.save(force_insert=True)
    stranger = User.objects.get(username="saul")

    def tokens(name: str, key: object) -> list[str]:
        page = audrey.get(LIST, {"also": f"{name}:{key}"})
        return [token.words for token in page.context["filters"].tokens()]

    assert tokens("prescriber", summary.prescriber_id) == [f"Prescriber: {summary.prescriber.full_name}"]
    assert summary.pack.name in tokens("pack", summary.pack_id)[0]
    for name, key in (("prescriber", stranger.pk), ("pack", elsewhere.pk)):
        assert tokens(name, key) == [text.replace(absent, str(key)) for text in tokens(name, absent)]
    assert stranger.full_name not in audrey.get(LIST, {"also": f"prescriber:{stranger.pk}"}).content.decode()


@pytest.mark.parametrize("name", TERMS)
def test_no_value_of_a_term_breaks_the_list(cast: Cast, name):
    """Each is read, or refused in words; what is read has words, and rows that the database counts."""
    read = 0
    for value in VALUES:
        query = QueryDict(mutable=True)
        query.setlist("also", [f"{name}:{value}", "due:2025-01-01..2025-12-31"])
        form = AuditFilterForm(query, sites=[cast.north], site=cast.north, choices=Choices((), (), ()))
        if not form.errors:
            read += 1
            assert len(form.tokens()) == len({*form.wanted()["also"]})
            assert summaries(cast.north, form.wanted()).count() == 0
            assert scheduled_count(cast.north, form.wanted())
    assert read < len(VALUES)


def test_ten_thousand_filters_are_refused_in_words_by_every_list(cast: Cast, seen_by):
    many = "&".join(["also=late:yes"] * 10_000)
    for who, address in (
        ("audrey", REPORT), ("audrey", f"{REPORT}utilization.csv"), ("audrey", f"{LIST}answer/"), ("fern", "/review/"),
        ("petra", "/"), ("petra", f"{REPORT}mine/"),
    ):  # fmt: skip
        page = seen_by(who).get(f"{address}?{many}")
        assert page.status_code == 413, address
        assert "too many" in words(page).lower(), address
