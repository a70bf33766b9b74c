"""What a hospital is called, where it is, and by which time it counts, set on a page of its administrator."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from tests.cast import AT, Cast, a_request
from tests.rules.test_opening_hours import TYPED
from tests.workflow.acts import act
from utilization import workflow
from utilization.models import Event, RequestSummary, Site
from utilization.reconciliation import reconcile
from utilization.reports.letterhead import letterhead
from utilization.rules.lifecycle import Status
from utilization.workflow.hospital_settings import HospitalSettings, set_hospital

HOUR = timedelta(hours=1)
LATE = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
"""Half past midnight of 3 March in Vienna, and the afternoon of 2 March in Chicago."""


def changed(cast, at=AT, by="adam", **to):
    """North with another name, address or time zone."""
    stands = Site.objects.get(code="north")
    typed = {name: to.get(name, getattr(stands, name)) for name in ("name", "address", "time_zone")}
    return set_hospital(stands, HospitalSettings(**typed), by=cast[by], at=at)


def days_of(request):
    return RequestSummary.objects.values_list("filed_on", "decided_on", "ended_on").get(request=request)


def summaries_differ():
    return [finding.sentence for finding in reconcile().findings if finding.place.table == "requestsummary"]


def test_name_and_address_are_the_letterhead_and_the_log_has_old_and_new(cast: Cast):
    kept = changed(cast, name="  Nord  ", address="\r\n 1  Quay \r\n\r\nNorthport\n")
    assert letterhead(kept)["name"] == "Nord"
    assert letterhead(kept)["address"] == ["1 Quay", "Northport"]
    [entry] = Event.objects.filter(type="site.hospital")
    assert entry.actor_id == cast["adam"].pk
    said = json.loads(bytes(entry.body))["data"]
    assert said["before"] == {"name": "North Hospital", "address": "", "time_zone": "Europe/Vienna"}
    assert said["now"] == {"name": "Nord", "address": "1 Quay\nNorthport", "time_zone": "Europe/Vienna"}
    changed(cast, name="Nord")
    assert Event.objects.filter(type="site.hospital").count() == 1
    with pytest.raises(workflow.Refused, match="do not let you change its name"):
        changed(cast, by="forrest", name="South")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""), ("name", " \t"), ("name", "N" * 121), ("name", "two\nlines"), ("name", "a\u202eb"),
        ("name", "a\x00b"), ("address", "x" * 81), ("address", "\n".join("1234567")), ("address", "a\x07b"),
        ("address", "x" * 5000), ("time_zone", ""), ("time_zone", "Europe/Wien"), ("time_zone", "../../etc/passwd"),
        ("time_zone", "localtime"), ("time_zone", "UTC'; --"), ("time_zone", "Europe/Vienna\x00"),
        ("time_zone", "z" * 5000),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_field_and_nothing_is_written(cast: Cast, seen_by, field, typed):
    with pytest.raises(workflow.Invalid) as refused:
        changed(cast, **{field: typed})
    assert list(refused.value.errors) == [field]
    good = {"name": "Other name", "address": "Other place", "time_zone": "UTC"}
    answer = seen_by("adam").post(reverse("people-hospital", args=["north"]), {**good, field: typed})
    assert answer.status_code in (400, 422)
    if answer.status_code == 422:
        shown = {"name": b'value="Other name"', "address": b"Other place", "time_zone": b'value="UTC" selected'}
        assert all(shown[name] in answer.content for name in good if name != field)
    assert not Event.objects.filter(type="site.hospital").exists()
    assert Site.objects.filter(code="north", name="North Hospital", time_zone="Europe/Vienna").exists()


@pytest.mark.long
def test_another_time_zone_moves_days_and_no_due_time(cast: Cast):
    """Filed in the afternoon at Chicago, which is past midnight in Vienna; the check of the log counts alike."""
    workflow.site_clock.set_clock(cast.north, since=AT.date(), typed=TYPED, by=cast["adam"], at=AT)
    request = a_request(cast, Status.APPROVED, at=LATE)
    asked = act("ask", a_request(cast, at=LATE, patient=cast.a_patient(mrn="N-2")), cast["fern"], LATE + 2 * HOUR)
    running = a_request(cast, at=LATE, patient=cast.a_patient(mrn="N-3"))
    assert days_of(request)[0] == date(2026, 3, 3)
    changed(cast, at=LATE + 3 * HOUR, time_zone="America/Chicago")
    assert days_of(request)[0] == date(2026, 3, 2)
    assert days_of(running) == (date(2026, 3, 2), None, None)
    due = running.due_at
    running.refresh_from_db()
    assert running.due_at == due
    # The clock that stood still goes on in the opening hours of the new zone, and the next requests have theirs.
    assert act("answer", asked, cast["petra"], LATE + 4 * HOUR).due_at.minute == 0
    assert a_request(cast, at=LATE + 4 * HOUR, patient=cast.a_patient(mrn="N-4")).due_at > LATE
    assert summaries_differ() == []


def test_a_zone_that_would_move_a_day_of_a_report_is_refused_and_another_is_not(cast: Cast):
    request = a_request(cast, at=LATE)
    year_after = datetime(2027, 1, 2, tzinfo=UTC)
    with pytest.raises(workflow.Invalid, match="the time zone stays as it is"):
        changed(cast, at=year_after, time_zone="America/Chicago")
    assert days_of(request)[0] == date(2026, 3, 3)
    assert changed(cast, at=year_after, time_zone="Europe/Berlin").time_zone == "Europe/Berlin"
    assert changed(cast, at=year_after, name="Renamed").name == "Renamed"
    assert summaries_differ() == []


def test_a_zone_of_before_that_is_not_offered_stays_until_another_is_chosen(cast: Cast, seen_by):
    Site.objects.filter(code="north").update(time_zone="EST5EDT")
    adam, page = seen_by("adam"), reverse("people-hospital", args=["north"])
    assert b'<option value="EST5EDT" selected>' in adam.get(page).content
    sent = {"name": "Nord", "address": "", "time_zone": "EST5EDT"}
    assert adam.post(page, sent).status_code == 302
    assert Site.objects.filter(name="Nord", time_zone="EST5EDT").exists()


def hidden(answer):
    """What the page sends of what it showed."""
    page = html.fromstring(answer.content.decode())
    return {box.get("name"): box.get("value") for box in page.xpath('//input[starts-with(@name, "was_")]')}


def test_what_another_saved_meanwhile_is_said_and_not_undone(cast: Cast, seen_by):
    """Adam opens the page; a zone and a name are saved by somebody else; Adam has changed the address alone."""
    adam, page = seen_by("adam"), reverse("people-hospital", args=["north"])
    changed(cast, address="1 Quay\nNorthport")
    seen = hidden(adam.get(page))
    assert seen == {
        "was_name": "North Hospital", "was_address": "1 Quay\nNorthport", "was_time_zone": "Europe/Vienna"
    }  # fmt: skip
    changed(cast, time_zone="America/Chicago")
    # A browser sends the ends of lines so.
    sent = {"name": "North Hospital", "address": "2 Quay\r\nNorthport", "time_zone": "Europe/Vienna"}
    sent |= {name: value.replace("\n", "\r\n") for name, value in seen.items()}
    refused = adam.post(page, sent)
    shown = refused.content.decode()
    assert refused.status_code == 422
    assert "Somebody else changed this meanwhile. It is now “America/Chicago”. Check it" in shown
    assert "now “North" not in shown
    assert "now “1 Quay" not in shown
    assert "2 Quay" in shown
    assert Site.objects.filter(code="north", time_zone="America/Chicago", address="1 Quay\nNorthport").exists()
    # Once it is said, it can be saved either way.
    assert adam.post(page, sent | hidden(refused) | {"time_zone": "America/Chicago"}).status_code == 302
    assert Site.objects.filter(time_zone="America/Chicago", address="2 Quay\nNorthport").exists()


@pytest.mark.long
def test_a_refusal_for_another_cause_does_not_take_what_changed_for_seen(cast: Cast, seen_by):
    adam, page = seen_by("adam"), reverse("people-hospital", args=["north"])
    seen = hidden(adam.get(page))
    changed(cast, name="Nord", address="1 Quay")
    sent = {"name": "North Hospital", "address": "", "time_zone": "Nowhere/At all"} | seen
    assert hidden(adam.post(page, sent)) == seen
    again = adam.post(page, sent | {"time_zone": "Europe/Vienna"}).content.decode()
    assert "It is now “Nord”" in again
    assert "It is now “1 Quay”" in again
    both = sent | {"time_zone": "Europe/Vienna", "name": "Nord", "address": "1 Quay"}
    assert adam.post(page, both).status_code == 302


def test_the_zone_is_compared_with_the_row_that_is_locked(cast: Cast):
    """A site that was read before another zone was saved: days are counted anew all the same."""
    request = a_request(cast, at=LATE)
    stale = Site.objects.get(code="north")
    changed(cast, at=LATE, time_zone="America/Chicago")
    with CaptureQueriesContext(connection) as asked:
        set_hospital(stale, HospitalSettings("North", "", "Europe/Vienna"), by=cast["adam"], at=LATE + 3 * HOUR)
    assert days_of(request)[0] == date(2026, 3, 3)
    assert summaries_differ() == []
    # A zone that is offered no more stands only where the locked row has it.
    stale.time_zone = "EST5EDT"
    with pytest.raises(workflow.Invalid) as refused:
        set_hospital(stale, HospitalSettings("North", "", "EST5EDT"), by=cast["adam"], at=LATE)
    assert list(refused.value.errors) == ["time_zone"]
    if connection.vendor == "postgresql":
        said = [query["sql"] for query in asked.captured_queries]
        assert any("FOR NO KEY UPDATE" in sql and "utilization_site" in sql for sql in said)
        assert any("LOCK TABLE utilization_request" in sql for sql in said)


def test_the_page_says_what_changes_and_is_that_of_its_own_administrator(cast: Cast, seen_by):
    adam, page = seen_by("adam"), reverse("people-hospital", args=["north"])
    shown = adam.get(page).content.decode()
    assert "keeps the letterhead that it was issued with" in " ".join(shown.split())
    assert page in adam.get(reverse("people-list")).content.decode()
    hostile = {"name": "<script>alert(1)</script>", "address": '"><img src=x>', "time_zone": "Europe/Vienna"}
    assert adam.post(page, hostile).status_code == 302
    again = adam.get(page).content.decode()
    assert "<script>alert(1)" not in again
    assert "<img src=x>" not in again
    assert adam.get(reverse("people-hospital", args=["south"])).status_code == 404
