"""Nothing that a stranger types is found anywhere afterwards: no table, log, address, header or cookie holds it."""

import pytest
from django.db import connection
from django.urls import reverse

from tests.matrix.test_canary import everything_logged
from tests.matrix.world import undone
from tests.prescribing.pages import asked, tree
from utilization.models import AskedInMinute

CANARIES = ("kanarizwitsch", "1357924680", "97.9137", "2031-12-30")
"""A word, numbers and a date that nothing else of these tests holds: no minute has a 97th second, so no timestamp of a
table looks like the number typed."""
COUNTED = "utilization_askedinminute"
"""How often an address asked within a minute: three numbers, of which none comes from what was typed."""


@pytest.fixture
def everything(address):
    """Every kind of field with a canary in it, with a name in fields that no form has."""
    word, number, decimal, day = CANARIES
    fields = {
        "age_years": decimal, "weight_kg": number, "height_cm": word, "sex": "female", "dose": decimal,
        "dose_unit": word, "product": word, "specialist": word, "days_since_onset": number, "course_days": word,
        "name": word, "mrn": number, "date_of_birth": day, "justification": word, "emergency_reason": word,
        "boxes": ["safety", "emergency", word], "safety": [word, "heart_failure"], "shown": word, "sex_shown": word,
        "base": word, "csrfmiddlewaretoken": word, word: word, "igg_measurements": f"{day}, {decimal}",
    }  # fmt: skip
    return [(reverse("public-start", args=["north"]), {"q": word}), (address(), fields), (address("mg"), fields)]


def _database():
    """Every row of every table as text, but for what is counted."""
    held = []
    with connection.cursor() as cursor:
        for table in sorted({*connection.introspection.table_names()} - {COUNTED}):
            cursor.execute(f'SELECT * FROM "{table}"')
            held += [
                bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
                for row in cursor.fetchall()
                for value in row
            ]
    return "\n".join(held).lower()


@pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}], ids=["whole page", "live"])
def test_what_is_typed_is_kept_nowhere(cast, stranger, everything, headers):
    before, echoed = _database(), ""
    with everything_logged() as logged, undone() as written:
        for where, fields in everything:
            response = stranger.post(where, fields, headers=headers)
            assert response.status_code in (200, 422)
            echoed += response.content.decode()
            told = " ".join(f"{name}: {value}" for name, value in response.headers.items())
            assert not [canary for canary in CANARIES if canary in told]
            assert not response.cookies
        assert _database() == before
    assert written <= {COUNTED}
    assert all(type(value) is int for row in AskedInMinute.objects.values_list() for value in row)
    assert not [canary for canary in CANARIES if canary in _database() + logged().lower()]
    assert '"route": "check/<slug:site>/' in logged()
    # So that the test can fail: the page itself does give back what was typed.
    assert {"kanarizwitsch", "97.9137", "1357924680"} <= {canary for canary in CANARIES if canary in echoed} or headers


def test_no_cookie_and_no_session_is_made_by_looking_or_asking(cast, stranger, address):
    for response in (
        stranger.get(reverse("public-start", args=["north"])),
        stranger.get(address()),
        stranger.post(address(), {"age_years": "50"}),
    ):
        assert response.status_code == 200
        assert not response.cookies
        assert response["Cache-Control"] == "no-store, private"
    assert not stranger.cookies


def test_the_page_offers_no_address_that_holds_an_answer(cast, stranger, address):
    page = stranger.post(address(), {"age_years": "97.9137", "product": "kanarizwitsch"})
    addresses = (
        page.context["link_here"],
        *(value for name in ("href", "action", "hx-post", "hx-get", "src") for value in _attributes(page, name)),
    )
    assert len(addresses) > 10
    assert not [address for address in addresses if "97.9137" in address or "kanari" in address]
    assert page.context["link_here"] == "http://testserver" + address()


def _attributes(page, name):
    return tree(page).xpath(f"//@{name}")


def test_a_fact_in_the_address_counts_for_nothing(cast, stranger, address):
    with_facts = stranger.get(address() + "?age_years=50&dose=2")
    assert "age_years" in asked(with_facts)
    assert with_facts.context["judgement"] == stranger.get(address()).context["judgement"]
