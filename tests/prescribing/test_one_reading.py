"""A request is read once an answer of the site: judged once, by criteria that are looked up once."""

import sys
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import a_draft, a_request
from tests.prescribing.pages import fields, first_step, tree, url
from utilization.models import Request
from utilization.rules.judging.judge import judge
from utilization.rules.lifecycle import Status

LIVE = {"HTTP_HX_REQUEST": "true"}


class Count(CaptureQueriesContext):
    """How often a block judged, and how often it asked the database which criteria a request is judged by."""

    def __init__(self) -> None:
        super().__init__(connection)
        self.judged = 0

    @property
    def looked_up(self) -> int:
        """Questions for the version that a site published, or for the newest submission with its criteria."""
        asked = (query["sql"] for query in self.captured_queries)
        # A site's publication and the newest submission are both read together with the version that they name.
        return sum(sql.startswith("SELECT") and 'JOIN "utilization_packversion"' in sql for sql in asked)


@pytest.fixture
def count(monkeypatch) -> Iterator[Count]:
    """Counts for a block; whoever calls the judge by whatever name of it is heard."""
    counted = Count()

    def heard(*given, **named):
        counted.judged += 1
        return judge(*given, **named)

    for module in [module for name, module in sys.modules.items() if name.startswith("utilization.")]:
        for name, value in list(vars(module).items()):
            if value is judge:
                monkeypatch.setattr(module, name, heard)
    return counted


@pytest.fixture
def draft(cast):
    return a_draft(cast)


def sent(petra, draft):
    return fields(petra.get(url("request-edit", draft)), "edit")


def test_the_form(petra, draft, count):
    with count:
        assert petra.get(url("request-edit", draft)).status_code == 200
    assert (count.judged, count.looked_up) == (1, 1)


def test_the_form_that_lists_what_is_missing(petra, draft, count):
    with count:
        assert petra.get(url("request-edit", draft) + "?review=1").status_code == 200
    assert (count.judged, count.looked_up) == (1, 1)


def test_the_live_check(petra, draft, count):
    answers = sent(petra, draft) | {"course_days": "4", "review": "1"}
    count.judged = 0
    with count:
        assert petra.post(url("request-check", draft), answers, **LIVE).status_code == 200
    assert (count.judged, count.looked_up) == (1, 1)


def test_the_page_before_submitting(petra, draft, count):
    with count:
        assert petra.get(url("request-submit", draft)).status_code == 200
    assert (count.judged, count.looked_up) == (1, 1)


@pytest.fixture
def last(petra, draft):
    """The last page before submitting, with what it would send."""
    page = petra.post(url("request-submit", draft), first_step(draft))
    ticks = {name: tree(page).xpath(f"//input[@name='{name}']/@value") for name in ("acknowledged", "confirmed")}
    reasons = dict.fromkeys(tree(page).xpath("//textarea[starts-with(@name, 'reason_')]/@name"), "As the chart says.")
    return fields(page) | ticks | reasons | {"attested": "on"}


def test_a_submission_that_is_refused(petra, draft, last, count):
    del last["attested"]
    count.judged = 0
    with count:
        assert petra.post(url("request-submit", draft), last).status_code == 422
    assert (count.judged, count.looked_up) == (1, 1)


def test_a_submission_that_is_accepted(petra, draft, last, count):
    count.judged = 0
    with count:
        assert petra.post(url("request-submit", draft), last).status_code == 302
    assert Request.objects.get(pk=draft.pk).status == Status.PHARMACIST_REVIEW
    assert (count.judged, count.looked_up) == (1, 1)


def test_the_page_of_an_answer(cast, petra, count):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    count.judged = 0
    with count:
        assert petra.get(url("request-answer", asked)).status_code == 200
    assert (count.judged, count.looked_up) == (1, 1)


@pytest.mark.long
def test_a_filed_request_is_shown_as_it_was_judged(cast, petra, seen_by, count):
    filed = a_request(cast)
    count.judged = 0
    for client, name in ((petra, "request-page"), (seen_by("fern"), "review-case")):
        with count:
            assert client.get(url(name, filed)).status_code == 200
        assert (count.judged, count.looked_up) == (0, 1), name


def test_a_changed_order_is_judged_once(cast, seen_by, count):
    filed = a_request(cast)
    count.judged = 0
    with count:
        answered = seen_by("fern").post(url("review-preview", filed), {"course_days": "4"}, **LIVE)
    assert answered.status_code == 200
    assert (count.judged, count.looked_up) == (1, 1)
