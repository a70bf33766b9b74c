"""Who gets in: a closed check is no page at all, a foreign form is refused, and nobody may ask without end."""

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import AT
from tests.examples import at_most, share
from tests.formulary.acts import TODAY, a_publication, committee
from tests.prescribing.pages import fields, words
from utilization import criteria
from utilization.criteria import pack_of
from utilization.models import Event, Site
from utilization.web.public import rate_limit
from utilization.workflow.errors import Refused
from utilization.workflow.public_check_switch import set_public_check

HERE = {"origin": "http://testserver"}


def _plain(response):
    """An answer without what differs each time."""
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
    return response.status_code, headers, response.content


# --- Open and closed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("headers", [{}, HERE, {"hx-request": "true"}])
def test_a_closed_check_answers_as_an_address_that_leads_nowhere(cast, address, method, headers):
    ask = getattr(Client(headers=headers, enforce_csrf_checks=True), method)
    nothing = _plain(ask("/nothing/at/all/"))
    assert nothing[0] == 404
    for where in (
        reverse("public-start", args=["south"]), reverse("public-start", args=["nowhere"]),
        address(site="south"), address(site="nowhere"),
    ):  # fmt: skip
        assert _plain(ask(where)) == nothing


def test_closing_takes_it_away_at_once(cast, stranger, address):
    assert stranger.get(address()).status_code == 200
    set_public_check(cast.north, by=cast["adam"], at=AT, wanted=False)
    assert stranger.get(address()).status_code == 404


def test_it_is_closed_until_the_site_opens_it():
    assert Site().public_check is False


@pytest.mark.parametrize("who", ["adam", "forrest"])
def test_an_administrator_or_a_member_of_the_committee_opens_it_with_an_event(cast, who):
    set_public_check(cast.north, by=cast["adam"], at=AT, wanted=False)
    opened = set_public_check(cast.north, by=cast[who], at=AT, wanted=True)
    assert opened.public_check
    last = Event.objects.last()
    assert (last.type, last.actor_id, last.site_id) == ("check.opened", cast[who].pk, cast.north.pk)
    events = Event.objects.count()
    set_public_check(opened, by=cast[who], at=AT, wanted=True)
    assert Event.objects.count() == events
    set_public_check(opened, by=cast[who], at=AT, wanted=False)
    assert Event.objects.last().type == "check.closed"


@pytest.mark.parametrize("who", ["petra", "fern", "mira", "audrey", "sam"])
def test_nobody_else_opens_or_closes_it(cast, who):
    with pytest.raises(Refused, match="do not let you"):
        set_public_check(cast.north, by=cast[who], at=AT, wanted=False)
    assert Site.objects.get(pk=cast.north.pk).public_check


def test_the_switch_stands_on_the_administrator_s_page(cast):
    browser = Client()
    browser.force_login(cast["adam"])
    page = browser.get(reverse("people-list"))
    assert "Open: anybody can check a case" in words(page)
    closed = browser.post(
        reverse("public-opening", args=["north"]), fields(page, "opening") | {"open": "no"}, follow=True
    )
    assert "The public check of North Hospital is closed." in words(closed, "//body")
    assert not Site.objects.get(pk=cast.north.pk).public_check
    assert browser.post(reverse("public-opening", args=["south"]), {"open": "yes"}).status_code == 404
    assert not Site.objects.get(pk=cast.south.pk).public_check


# --- Versions -----------------------------------------------------------------------------------------------------


def test_a_shared_link_keeps_its_version_and_says_when_another_is_in_force(cast, stranger, address):
    before = stranger.get(address())
    assert "not in force" not in words(before)
    version = pack_of(a_publication(cast, day=TODAY).pack)
    old = stranger.get(address())
    assert "not in force at North Hospital today" in words(old)
    assert old.context["newer"] == address(pack=version)
    assert old.context["judgement"]["criteria"]["sha256"] == criteria.builtin_pack().sha256
    new = stranger.post(address(pack=version), {"age_years": "17"})
    assert new.context["judgement"]["outcome"] == "does_not_meet"
    assert "not in force" not in words(new)
    # What the newer version does not know leads to its list.
    assert stranger.get(address("mmn")).context["newer"] == reverse("public-start", args=["north"])


@pytest.mark.long
def test_a_version_is_public_only_where_and_when_it_is_in_force(cast, stranger, address):
    set_public_check(cast.south, by=committee(cast)["silke"], at=AT, wanted=True)
    version = pack_of(a_publication(cast, day=TODAY).pack)
    assert stranger.get(address(pack=version)).status_code == 200
    assert stranger.get(address(pack=version, site="south")).status_code == 404
    future = pack_of(a_publication(cast, version="3", day=TODAY.replace(year=2126)).pack)
    assert stranger.get(address(pack=future)).status_code == 404


@pytest.mark.parametrize("criteria", ["0" * 16, "979d", "%", "979d4be159f3361_", "ivig-builtin"])
@pytest.mark.parametrize("code", ["cidp", "no_such"])
def test_a_made_up_version_or_indication_leads_nowhere(cast, stranger, criteria, code):
    assert stranger.get(reverse("public-check", args=["north", criteria, code])).status_code == 404


def test_an_unknown_indication_of_a_known_version_leads_nowhere(cast, stranger, address):
    assert stranger.get(address("no_such")).status_code == 404


# --- Foreign forms ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"origin": "https://elsewhere.example"}, {"origin": "null"},
                                     {"referer": "https://elsewhere.example/testserver"}])  # fmt: skip
def test_a_form_from_elsewhere_is_not_judged(cast, address, headers):
    for where in (address(), reverse("public-start", args=["north"])):
        response = Client(headers=headers, enforce_csrf_checks=True).post(where, {"age_years": "50"})
        assert response.status_code == 403
        assert "This did not come from the page here" in words(response)
        assert "judgement" not in response.context
        assert not response.cookies


def test_a_browser_that_only_says_the_referring_page_is_believed(cast, address):
    sender = Client(headers={"referer": "http://testserver" + address()}, enforce_csrf_checks=True)
    assert sender.post(address(), {"age_years": "50"}).status_code == 200


# --- Pace ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def three_a_minute(monkeypatch):
    rate_limit.cache.clear()
    monkeypatch.setattr(rate_limit, "MOST_A_MINUTE", 3)
    monkeypatch.setattr(rate_limit.time, "time", lambda: 1_000_000_000.0)


def test_past_the_limit_the_page_says_when_to_go_on_and_keeps_what_was_typed(cast, stranger, address, three_a_minute):
    for _ in range(3):
        assert stranger.post(address(), {"age_years": "50"}).status_code == 200
    late = stranger.post(address(), {"age_years": "50", "safety": ["none_of_these", "heart_failure"]})
    assert late.status_code == 429
    assert late["Retry-After"] == "20"
    assert "Wait 20 seconds" in words(late)
    assert fields(late) == {"age_years": "50", "safety": ["none_of_these", "heart_failure"]}
    assert stranger.get(address()).status_code == 429


def test_the_next_minute_and_another_address_begin_anew(cast, stranger, address, three_a_minute, monkeypatch):
    for _ in range(4):
        last = stranger.get(address())
    assert last.status_code == 429
    assert stranger.get(address(), REMOTE_ADDR="10.0.0.9").status_code == 200
    monkeypatch.setattr(rate_limit.time, "time", lambda: 1_000_000_020.0)
    assert stranger.get(address()).status_code == 200


@pytest.mark.parametrize(
    ("seen", "forwarded", "behind", "whose"),
    [
        ("10.0.0.1", "", False, "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7", False, "10.0.0.1"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7", True, "192.0.2.7"),
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("2001:db8:1:2:3::4", "", False, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "", False, "192.0.2.7"),
        ("", "", False, "unknown"),
        ("10.0.0.1", "a" * 9000, True, "unknown"),
    ],
)
def test_whose_turn_it_is(rf, settings, seen, forwarded, behind, whose):
    settings.BEHIND_PROXY = behind
    more = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert rate_limit.address(rf.get("/", REMOTE_ADDR=seen, **more)) == whose


def test_a_count_that_was_thrown_out_meanwhile_is_drawn_anew(rf, db, monkeypatch):
    monkeypatch.setattr(rate_limit.cache, "add", lambda *_, **__: None)
    assert rate_limit.seconds_to_wait(rf.get("/")) == 0


# --- Hostile input ------------------------------------------------------------------------------------------------

HOSTILE = ("<script>alert(1)</script>", "' OR 1=1 --", "1e999999", "NaN", "-1", "9" * 400, "\u202e50", "not_known",
           "{{ 7*7 }}", "50\x00", "true", "[]", "٥٠", "2026-13-45", "x" * 9000)  # fmt: skip


FORMS = ("cidp", "ms", "mg")


@pytest.mark.parametrize("raw", HOSTILE, ids=lambda raw: repr(raw)[:20])
def test_hostile_text_in_every_field_is_refused_in_words_and_never_an_error_of_ours(cast, stranger, address, raw):
    """The forms by turns; with `EVERY=1` each text in all of them."""
    for code in FORMS if share() == 1 else [FORMS[HOSTILE.index(raw) % len(FORMS)]]:
        names = set(fields(stranger.get(address(code)))) | {
            "age_years", "sex", "weight_kg", "height_cm", "dose", "product", "safety", "request_type", "route",
            "specialist", "igg_measurements", "disability_assessments", "available_vials_g", "pregnancy_status",
        }  # fmt: skip
        for sent in (dict.fromkeys(names, raw), {name: [raw] * 9 for name in names}):
            response = stranger.post(address(code), sent)
            assert response.status_code in (200, 400, 413, 422)
            assert b"<script>alert" not in response.content
    assert stranger.post(reverse("public-start", args=["north"]), {"q": raw}).status_code in (200, 400)


@pytest.mark.long
@settings(max_examples=at_most(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.dictionaries(
        st.sampled_from(["age_years", "sex", "weight_kg", "height_cm", "dose", "dose_unit", "course_days", "route",
                         "dose_total_g", "dose_per_day_g", "dose_total_g_per_kg", "interval_weeks", "safety", "boxes",
                         "weight_rule_opt_out", "request_type"]),
        st.one_of(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
                  st.decimals(0, 5000, places=2).map(str),
                  st.sampled_from(["yes", "true", "male", "female", "safety"])),
    ),
    live=st.booleans(),
)  # fmt: skip
def test_whatever_is_sent_is_answered(cast, stranger, address, sent, live):
    headers = {"hx-request": "true"} if live else {}
    assert stranger.post(address(), sent, headers=headers).status_code in (200, 422, 429)
