"""`manage.py verify_log` and `manage.py close_access`: what they say, and how they end."""

import html
import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import AT, Cast
from utilization import workflow
from utilization.models import LogCheck
from utilization.reports.log_check import log_findings
from utilization.seal import continuity


def _said(command, **options):
    out = io.StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


def test_an_empty_database_has_nothing_wrong(db):
    assert _said("verify_log") == "0 entries and 0 rows, nothing wrong.\n"
    assert _said("close_access") == "Nobody read anything since.\nNobody signed in or failed to since.\n"


def test_rows_that_the_log_does_not_know_are_named(cast: Cast):
    """The people of this cast were laid into the database by hand, which nobody should be able to."""
    err = io.StringIO()
    with pytest.raises(CommandError, match=r"\d+ problems in 1 entries and \d+ rows\."):
        call_command("verify_log", stderr=err)
    assert f"user {cast['fern'].pk}: the row has no entry in the log." in err.getvalue()
    assert _said("verify_log", entries_only=True) == "1 entries, nothing wrong.\n"


def test_what_was_found_stands_on_the_auditors_page_and_says_when(cast: Cast):
    before = timezone.now()
    with pytest.raises(CommandError):
        call_command("verify_log", stderr=io.StringIO())
    kept = LogCheck.objects.get()
    assert (kept.asked_by, kept.status, kept.size) == (None, "done", 1)
    assert before <= kept.asked_at <= kept.ended_at <= timezone.now()
    assert kept.problem_count == len(kept.problems) > 0
    client = Client(SERVER_NAME="localhost")
    client.force_login(cast["audrey"])
    page = client.get(reverse("audit-log")).content.decode()
    assert "By the command <code>manage.py verify_log</code>" in page
    assert kept.problems[0] in html.unescape(page)


def test_a_look_at_the_entries_alone_is_no_check_that_is_kept(cast: Cast):
    _said("verify_log", entries_only=True)
    assert not LogCheck.objects.exists()


def test_a_database_that_lacks_what_was_signed_is_not_called_well(db, monkeypatch):
    monkeypatch.setattr(continuity, "fault", lambda anew=False: "The log holds 5 entries, but 9 were signed.")
    err = io.StringIO()
    with pytest.raises(CommandError, match="1 problem in"):
        call_command("verify_log", stderr=err)
    assert "but 9 were signed" in err.getvalue()
    assert "nothing is filed or decided" in err.getvalue()
    assert "but 9 were signed" in log_findings().problems[0]


def test_reads_are_closed_once(cast: Cast):
    workflow.start_draft(by=cast["petra"], at=AT, patient_uid=cast.patient.uid, indication="cidp")
    assert _said("close_access") == "Reads closed: 1.\nNobody signed in or failed to since.\n"
    assert _said("close_access") == "Nobody read anything since.\nNobody signed in or failed to since.\n"
