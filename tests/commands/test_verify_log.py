"""`manage.py verify_log` and `manage.py close_access`: what they say, and how they end."""

import io

import pytest
from django.core.management import CommandError, call_command

from tests.cast import AT, Cast
from utilization import workflow


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


def test_reads_are_closed_once(cast: Cast):
    workflow.start_draft(by=cast["petra"], at=AT, patient_uid=cast.patient.uid, indication="cidp")
    assert _said("close_access") == "Reads closed: 1.\nNobody signed in or failed to since.\n"
    assert _said("close_access") == "Nobody read anything since.\nNobody signed in or failed to since.\n"
