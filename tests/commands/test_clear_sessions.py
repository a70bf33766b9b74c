"""`manage.py clear_sessions`: what is over goes, what still counts stays."""

import io
from datetime import timedelta

import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from utilization.jobs.export_files import make_export
from utilization.jobs.export_places import export_path
from utilization.management.commands import serve
from utilization.models import Export, SentForm, SignInEntry, WrongPassword
from utilization.workflow import ExportOrder, ask_export

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _tidied(at):
    out = io.StringIO()
    with time_machine.travel(at, tick=False):
        call_command("clear_sessions", stdout=out)
    return out.getvalue()


def _traces(fern, at):
    """One of each thing that is kept for a while, written at `at`."""
    with time_machine.travel(at, tick=False):
        browser = Client()
        browser.force_login(fern, backend="allauth.account.auth_backends.AuthenticationBackend")
        SentForm.objects.create(user=fern, token=f"{at}", sha256="", location="", at=at)
        WrongPassword.objects.create(user=fern, session="x", at=at)
    return browser


def test_what_is_over_goes_and_what_counts_stays(cast: Cast):
    now = timezone.now()
    _traces(cast["fern"], now - 4 * DAY)
    browser = _traces(cast["fern"], now - timedelta(minutes=5))
    # The library clears them itself when somebody signs in, and only then.
    for at in (now - 4 * DAY, now - timedelta(minutes=5)):
        with time_machine.travel(at, tick=False):
            AccessAttempt.objects.create(username=f"fern {at}", ip_address="198.51.100.7", failures_since_start=1)
    entries = SignInEntry.objects.count()
    assert _tidied(now) == "Deleted: 1 sessions, 1 tries, 1 forms, 1 wrong passwords.\n"
    assert [model.objects.count() for model in (Session, AccessAttempt, SentForm, WrongPassword)] == [1] * 4
    with time_machine.travel(now, tick=False):
        assert browser.get("/account/passkeys/").status_code == 200
    assert SignInEntry.objects.count() == entries, "evidence stays"
    assert _tidied(now) == "Deleted: 0 sessions, 0 tries, 0 forms, 0 wrong passwords.\n"


def test_the_server_keeps_house_each_quarter_of_an_hour(cast: Cast, monkeypatch):
    _traces(cast["fern"], timezone.now() - 4 * DAY)
    monkeypatch.setattr(serve.connections, "close_all", lambda: None)
    command = serve.Command()
    command.next_closing = 0.0
    command._keep_house()
    assert not Session.objects.exists()
    _traces(cast["fern"], timezone.now() - 4 * DAY)
    command._keep_house()
    assert Session.objects.count() == 1


def _exports_made(cast, at):
    """An export past its days at `at`, one within them, with their files."""
    order = ExportOrder(cast.north, "requests", "csv")
    old, young = (ask_export(order, by=cast["audrey"], at=at) for _ in range(2))
    for export in (old, young):
        make_export.call(export.pk)
    Export.objects.filter(pk=old.pk).update(ended_at=at - 7 * DAY)
    Export.objects.filter(pk=young.pk).update(ended_at=at - 6 * DAY)
    return old, young


def _kept_of(exports):
    return [(export_path(export).exists(), Export.objects.get(pk=export.pk).removed_at is None) for export in exports]


def test_files_past_their_days_are_cleared_away_and_others_kept(cast: Cast):
    now = timezone.now()
    exports = _exports_made(cast, now)
    assert _kept_of(exports) == [(True, True), (True, True)]
    _tidied(now)
    assert _kept_of(exports) == [(False, False), (True, True)]


def test_the_server_clears_them_away_too(cast: Cast, monkeypatch):
    exports = _exports_made(cast, timezone.now())
    monkeypatch.setattr(serve.connections, "close_all", lambda: None)
    command = serve.Command()
    command.next_closing = 0.0
    command._keep_house()
    assert _kept_of(exports) == [(False, False), (True, True)]
