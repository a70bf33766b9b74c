"""Many strangers at the door: what they may ask is counted for all processes, and few of their passwords are checked
at once.
"""

import threading
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from tests.cast import AT, PASSWORD
from utilization import workflow
from utilization.models import AskedInMinute, PasswordTurn, SignInEntry
from utilization.web.account import password_turns, views
from utilization.web.account.password_turns import Crowded, Turnstile
from utilization.web.public import rate_limit
from utilization.workflow import shared_limits

SIGN_IN = "/account/sign-in/"
MINUTE = 29_000_000


@pytest.fixture(autouse=True)
def nothing_drawn_yet():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def petra(cast):
    cast["petra"].set_password(PASSWORD)
    cast["petra"].save()
    return cast["petra"]


def sign_in(client, password, login="petra"):
    return client.post(SIGN_IN, {"login": login, "password": password})


def drawn(address="10.0.0.1", minute=MINUTE, wanted=12, most=100):
    return shared_limits.draw("page", address, minute, wanted=wanted, most=most)


# --- Counted together ---------------------------------------------------------------------------------------------


def test_all_that_is_drawn_in_a_minute_is_the_limit_and_no_more(db):
    assert [drawn() for _ in range(14)] == [12] * 8 + [1] * 4 + [0] * 2
    assert [drawn(minute=MINUTE + 1), drawn("10.0.0.2")] == [12, 12]


def test_a_host_whose_clock_is_behind_counts_with_the_others(db):
    assert [drawn(wanted=60), drawn(minute=MINUTE - 1, wanted=30)] == [60, 30]
    assert [drawn(wanted=9), drawn(minute=MINUTE - 1, wanted=9)] == [9, 1]
    assert drawn() == 0


def test_a_host_whose_clock_ran_ahead_closes_nothing_until_then(db):
    assert [drawn(minute=MINUTE + 6, wanted=100), drawn()] == [100, 12]
    assert list(AskedInMinute.objects.values_list("minute", "asked")) == [(MINUTE, 12)]
    # One that is ahead by no more counts with the others.
    assert [drawn("10.0.0.2", minute=MINUTE + 5, wanted=100), drawn("10.0.0.2")] == [100, 0]


def test_a_limit_of_nothing_lets_nobody_in(db):
    assert [drawn(most=0), drawn(wanted=1, most=0)] == [0, 0]


def test_however_many_addresses_ask_the_table_stays_small_and_tells_of_none(db, monkeypatch):
    monkeypatch.setattr(shared_limits, "PLACES", 7)
    for number in range(60):
        drawn(f"10.0.0.{number}", minute=MINUTE + number // 20)
    assert 1 < AskedInMinute.objects.count() <= 7
    assert all(set(row) == {"place", "minute", "asked"} for row in AskedInMinute.objects.values())


def test_most_requests_cost_no_query_and_a_refused_one_costs_none(rf, db, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(rate_limit.time, "time", lambda: 60.0 * MINUTE + 20)
    ask = rf.get("/")
    assert rate_limit.seconds_to_wait(ask, "page", 40) == 0
    with django_assert_max_num_queries(0):
        assert rate_limit.seconds_to_wait(ask, "page", 40) == 0
    assert [rate_limit.seconds_to_wait(ask, "page", 40) for _ in range(40)] == [0] * 38 + [40] * 2
    with django_assert_max_num_queries(0):
        assert rate_limit.seconds_to_wait(ask, "page", 40) == 40


def test_what_another_process_has_used_up_is_refused_here(rf, db, monkeypatch):
    monkeypatch.setattr(rate_limit.time, "time", lambda: 60.0 * MINUTE)
    shared_limits.draw("page", "127.0.0.1", MINUTE, wanted=39, most=40)
    assert [rate_limit.seconds_to_wait(rf.get("/"), "page", 40) for _ in range(2)] == [0, 60]


def test_where_nothing_can_be_written_a_page_that_reads_is_not_refused(rf, monkeypatch):
    def fails(*given, **more):
        raise DatabaseError("disk is full")

    monkeypatch.setattr(workflow.shared_limits, "draw", fails)
    assert rate_limit.seconds_to_wait(rf.get("/"), "page", 40) == 0


# --- One password of an account at a time -------------------------------------------------------------------------


def test_a_turn_is_held_by_one_until_it_is_given_back_or_over(db):
    first = shared_limits.take_turn("petra", at=AT)
    assert shared_limits.take_turn("petra", at=AT + timedelta(seconds=19)) is None
    shared_limits.give_back_turn("petra", first)
    # On another host, whose clock is behind.
    second = shared_limits.take_turn("petra", at=AT - timedelta(hours=1))
    third = shared_limits.take_turn("petra", at=AT + timedelta(seconds=1))
    assert second < third
    # Whose turn was taken over has none to give back.
    shared_limits.give_back_turn("petra", second)
    assert shared_limits.take_turn("petra", at=AT + timedelta(seconds=2)) is None
    assert PasswordTurn.objects.count() == 1


def test_a_turn_taken_by_a_clock_that_ran_ahead_is_over(db):
    ahead = shared_limits.take_turn("petra", at=AT + timedelta(seconds=80))
    assert shared_limits.take_turn("petra", at=AT) is None
    assert shared_limits.take_turn("petra", at=AT - timedelta(seconds=1))
    shared_limits.give_back_turn("petra", ahead)
    assert PasswordTurn.objects.get().until == AT + timedelta(seconds=19)


def test_while_another_process_checks_a_password_of_the_account_this_one_is_not_looked_at(petra):
    held = shared_limits.take_turn("petra", at=timezone.now())
    browser = Client()
    refused = sign_in(browser, PASSWORD)
    assert refused.status_code == 503
    assert "or another password is being checked for this name" in refused.text
    shared_limits.give_back_turn("petra", held)
    assert sign_in(browser, PASSWORD).status_code == 302


def test_who_finds_the_turn_of_the_account_taken_does_not_wait_with_a_place_of_the_process_in_hand(petra, monkeypatch):
    """Else five tries of one name, at five processes, close the doors of all of them for as long as they wait."""
    asked = []
    monkeypatch.setattr(shared_limits, "take_turn", lambda account, at: asked.append(account))
    assert sign_in(Client(), PASSWORD).status_code == 503
    assert asked == ["petra"]


@pytest.mark.long
def test_a_try_that_is_locked_out_takes_neither_turn_nor_place(petra, monkeypatch):
    for _ in range(5):
        sign_in(Client(), "wrong")
    shared_limits.take_turn("petra", at=timezone.now())
    assert sign_in(Client(), PASSWORD).status_code == 429
    monkeypatch.setattr(password_turns, "TURNSTILE", Turnstile(1, 0, 1))
    with password_turns.TURNSTILE.passed():
        assert sign_in(Client(), PASSWORD).status_code == 429
    assert SignInEntry.objects.filter(kind="wrong_password").count() == 5


# --- Few at once in a process -------------------------------------------------------------------------------------


def test_one_is_let_in_one_waits_and_the_next_is_told_at_once():
    turnstile, inside, go_on, came = Turnstile(1, 1, 30), threading.Event(), threading.Event(), []

    def pass_through(name):
        with turnstile.passed():
            came.append(name)
            inside.set()
            go_on.wait(30)

    first = threading.Thread(target=pass_through, args=("first",))
    first.start()
    inside.wait(30)
    second = threading.Thread(target=pass_through, args=("second",))
    second.start()
    while turnstile._inside._value:
        pass
    with pytest.raises(Crowded), turnstile.passed():
        came.append("third")
    assert came == ["first"]
    go_on.set()
    for thread in (first, second):
        thread.join(30)
    assert came == ["first", "second"]
    with turnstile.passed():
        pass


def test_who_waits_too_long_is_told_and_leaves_no_place_taken():
    turnstile = Turnstile(1, 1, 0.05)
    with turnstile.passed():
        for _ in range(3):
            with pytest.raises(Crowded), turnstile.passed():
                pass
    with pytest.raises(KeyError), turnstile.passed():
        raise KeyError
    with turnstile.passed():
        pass


def test_in_a_crowd_the_page_keeps_the_name_counts_nothing_and_says_when_to_come_again(petra, monkeypatch, seen_by):
    monkeypatch.setattr(password_turns, "TURNSTILE", Turnstile(1, 0, 1))
    browser = Client()
    with password_turns.TURNSTILE.passed():
        refused = sign_in(browser, "a wrong password", login="petra")
        assert seen_by("paul").get("/account/password/").status_code == 200
    assert (refused.status_code, refused["Retry-After"]) == (503, "3")
    said = refused.text
    assert said.count("your password was not looked at") == 1
    assert "to correct" not in said
    assert "Your name is kept. Type the password again." in said
    assert 'value="petra"' in said
    assert "a wrong password" not in said
    assert not AccessAttempt.objects.exists()
    assert not SignInEntry.objects.exclude(kind="signed_in").exists()
    assert sign_in(browser, PASSWORD).status_code == 302


def test_one_address_sends_so_many_passwords_a_minute_whatever_the_names(cast, monkeypatch):
    monkeypatch.setattr(views, "MOST_A_MINUTE", 3)
    monkeypatch.setattr(rate_limit.time, "time", lambda: 60.0 * MINUTE + 50)
    answers = [sign_in(Client(), "wrong", login=f"nobody-{number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "10"
    assert Client().get(SIGN_IN).status_code == 200
    assert Client(REMOTE_ADDR="10.0.0.9").post(SIGN_IN, {"login": "x", "password": "y"}).status_code == 200
