"""An act on a case reads nothing that only its page shows: others wait for it, and on SQLite everybody who writes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import a_request
from tests.reviewing.pages import act, case_of
from utilization.reports import case

SHOWN = ("timeline", "_earlier", "attached_to", "shown_opinions", "shown_calls", "treated_first")


def test_an_act_gathers_no_page(cast, seen_by, monkeypatch):
    request, fern = a_request(cast), seen_by("fern")
    fern.get(case_of(request))
    for name in SHOWN:
        monkeypatch.setattr(case, name, lambda *args, **more: pytest.fail("The page is gathered."))
    with CaptureQueriesContext(connection) as made:
        assert act(fern, request, "note", text="Called the ward.").status_code == 302
    assert len(made) <= 42, len(made)


@pytest.mark.parametrize("name", SHOWN)
def test_the_page_shows_what_an_act_leaves_out(cast, seen_by, monkeypatch, name):
    request, fern = a_request(cast), seen_by("fern")
    gathered = []
    whole = getattr(case, name)
    monkeypatch.setattr(case, name, lambda *args, **more: gathered.append(name) or whole(*args, **more))
    assert fern.get(case_of(request)).status_code == 200
    assert gathered == [name]
