"""The stream for a system that gathers logs holds every entry, read and sign-in, wherever it goes on from."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.cast import AT
from tests.examples import share
from tests.reconciliation.history import HOUR, a_history
from utilization import workflow
from utilization.models import AccessEntry, Event, SignInEntry
from utilization.reports.log_stream import log_lines

pytestmark = pytest.mark.django_db


def told(after: int = 0, **options: str) -> list[dict]:
    out = StringIO()
    call_command("export_log", after=after, stdout=out, **options)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.long
def test_every_entry_read_and_sign_in_is_told_once_from_any_place() -> None:
    a_history()
    workflow.close_access(at=AT + 30 * HOUR)
    workflow.close_sign_ins(at=AT + 30 * HOUR)
    lines = told()
    by_stream = {name: [line for line in lines if line["stream"] == name] for name in ("events", "reads", "sign_ins")}
    assert [line["seq"] for line in by_stream["events"]] == list(range(Event.objects.count()))
    assert [line["id"] for line in by_stream["reads"]] == sorted(AccessEntry.objects.values_list("pk", flat=True))
    assert [line["id"] for line in by_stream["sign_ins"]] == sorted(SignInEntry.objects.values_list("pk", flat=True))
    # Cut off anywhere and begun again from the last line kept: nothing is lost, and what comes twice is of one batch.
    for kept in range(1, len(lines), share(in_ci=7, elsewhere=28)):
        again = told(lines[kept - 1]["next"])
        assert [line for line in lines[kept:] if line not in again] == []
    assert told(len(by_stream["events"])) == []
    reads = told(streams="reads")
    assert {line["stream"] for line in reads} == {"reads"}
    # Whoever takes one stream alone is not told its last batch again.
    assert told(reads[-1]["next"], streams="reads") == []
    with pytest.raises(CommandError, match="no stream"):
        told(streams="reeds")
    assert len(list(log_lines(0, ("events",)))) == Event.objects.count()
