"""Three logs as pages: filtered by date, person and kind, leafed through, linked, and as CSV with the same filters."""

import ast
import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import AT, a_request
from tests.examples import share
from tests.exports.hostile import TEXTS
from tests.formulary.acts import a_proposal, a_publication
from tests.reviewing.pages import words
from utilization import access, sign_in_log
from utilization.models import AccessEntry, Event, guards
from utilization.models.authorization_changes import (
    ENDS,
    SWITCHED,
    TRANSFER_ANSWERS,
    TRANSFER_ASKED,
    TRANSFER_ENDED,
)
from utilization.reports import event_list, log_selection
from utilization.reports.log_selection import LogSelection
from utilization.rules.lifecycle import Status
from utilization.sign_in_log import SignInKind
from utilization.web.auditing.event_words import CRITERIA_EVENTS, EVENT_GROUPS, EVENT_WORDS, READ_GROUPS
from utilization.web.auditing.log_words import READS, SIGN_IN_GROUPS

ENTRIES, CRITERIA, ACCESS = reverse("audit-entries"), reverse("audit-criteria-log"), reverse("audit-access")
SIGN_INS = reverse("audit-sign-ins")
PAGES = [
    (ENTRIES, "audit-entries-csv"), (CRITERIA, "audit-criteria-log-csv"), (ACCESS, "audit-access-csv"),
    (SIGN_INS, "audit-sign-ins-csv"),
]  # fmt: skip
SOURCE = Path(__file__).parents[2] / "utilization"


@pytest.fixture
def busy(cast):
    """Both sites at work: requests, criteria, reads."""
    request = a_request(cast, Status.APPROVED)
    a_publication(cast)
    a_proposal(cast, version="3", day=AT.date() + timedelta(days=30))
    a_request(cast, Status.PHARMACIST_REVIEW, by="sam", patient=cast.a_patient("sam", mrn="S-1"))
    access.fetch_request(cast["fern"], request.uid, what="review", at=AT + timedelta(hours=3))
    for hours, who in enumerate(("fern", "sam", "petra", "fern")):
        sign_in_log.note(SignInKind.SIGNED_IN, user=cast[who], at=AT + timedelta(hours=hours), detail="password")
    sign_in_log.note(SignInKind.WRONG_PASSWORD, user=cast["fern"], at=AT + timedelta(days=1))
    return request


def lines(client, address, **query):
    content = client.get(reverse(address), query).getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def naive(site, kinds=None, person=None, since=None, until=None):
    """The numbers of the entries that fit, found by reading every body in turn."""
    zone = ZoneInfo(site.time_zone)
    fitting = []
    for body in Event.objects.values_list("body", flat=True):
        entry = json.loads(bytes(body))
        day = datetime.fromisoformat(entry["at"]).astimezone(zone).date()
        if entry["site"] != site.code or (kinds and entry["type"] not in kinds):
            continue
        if person and (entry["actor"] or {}).get("id") != person:
            continue
        if (since and day < since) or (until and day > until):
            continue
        fitting.append((entry["at"], entry["seq"]))
    return [seq for _, seq in sorted(fitting, reverse=True)]


def numbers(rows):
    return [int(row["entry"]) for row in rows]


@pytest.mark.long
def test_the_event_log_holds_every_entry_of_the_site_newest_first(auditor, busy, cast):
    shown = [line.seq for line in auditor.get(ENTRIES).context["page"].rows]
    assert shown == naive(cast.north)[:50]
    assert numbers(lines(auditor, "audit-entries-csv")) == naive(cast.north)


@pytest.mark.long
def test_it_is_narrowed_by_kind_person_and_day(auditor, busy, cast):
    fern, day = cast["fern"].pk, AT.date()
    asked = [
        ({"what": "requests"}, {"kinds": EVENT_GROUPS["requests"][1]}),
        ({"what": "decision.approved"}, {"kinds": ["decision.approved"]}),
        ({"person": fern}, {"person": fern}),
        ({"person": fern, "what": "requests"}, {"person": fern, "kinds": EVENT_GROUPS["requests"][1]}),
        ({"since": day + timedelta(days=1)}, {"since": day + timedelta(days=1)}),
        ({"until": day}, {"until": day}),
        ({"since": day, "until": day, "what": "criteria"}, {"since": day, "until": day, "kinds": CRITERIA_EVENTS}),
    ]
    for query, meant in asked:
        wanted = naive(cast.north, **meant)
        assert [line.seq for line in auditor.get(ENTRIES, query).context["page"].rows] == wanted[:50], query
        assert numbers(lines(auditor, "audit-entries-csv", **query)) == wanted, query
    assert naive(cast.north, kinds=["decision.approved"]), "the oracle finds something"


def test_a_day_is_the_site_s_own(auditor, cast):
    guards.lift(connection)
    a_request(cast, Status.PHARMACIST_REVIEW)
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # half past midnight on the 29th in Vienna
    body = json.loads(bytes(Event.objects.last().body)) | {"at": late.isoformat()}
    Event.objects.filter(seq=Event.objects.last().seq).update(at=late, body=json.dumps(body).encode())
    guards.install(connection)
    newest = Event.objects.last().seq
    for day, there in ((date(2026, 3, 28), False), (date(2026, 3, 29), True), (date(2026, 3, 30), False)):
        shown = [line.seq for line in auditor.get(ENTRIES, {"since": day, "until": day}).context["page"].rows]
        assert (newest in shown) is there, day


def test_the_criteria_log_holds_what_the_committee_did_and_leads_to_what_came_of_it(auditor, busy, cast):
    page = auditor.get(CRITERIA)
    assert [line.seq for line in page.context["page"].rows] == naive(cast.north, kinds=CRITERIA_EVENTS)
    said = page.content.decode()
    assert "Criteria published" in words(page)
    link = re.search(r'href="(/[^"]*version\.[^"]*)"', said)
    assert link
    assert auditor.get(link[1]).status_code == 200
    assert {row["event"] for row in lines(auditor, "audit-criteria-log-csv", what="criteria.published")} == {
        "criteria.published"
    }


@pytest.mark.long
def test_an_entry_leads_to_its_request_and_to_its_person(auditor, busy, cast):
    said = auditor.get(ENTRIES).content.decode()
    assert f'href="{reverse("audit-request", args=[busy.uid])}"' in said
    guards.lift(connection)
    event = Event.objects.filter(site_id=cast.north.pk).last()
    body = json.loads(bytes(event.body)) | {"data": {"person": cast["fern"].pk}}
    Event.objects.filter(seq=event.seq).update(type="role.given", request_id=None, body=json.dumps(body).encode())
    guards.install(connection)
    assert f'href="{reverse("audit-sign-ins")}?person={cast["fern"].pk}"' in auditor.get(ENTRIES).content.decode()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"data": 3}', b'{"data": {"draft": "x", "person": []}}'])
def test_an_entry_that_was_made_unreadable_breaks_no_page(auditor, busy, cast, body):
    guards.lift(connection)
    Event.objects.filter(seq=Event.objects.filter(site_id=cast.north.pk).last().seq).update(body=body)
    guards.install(connection)
    assert auditor.get(ENTRIES).status_code == 200
    assert numbers(lines(auditor, "audit-entries-csv"))


@pytest.mark.long
def test_reads_are_narrowed_by_kind_person_and_day(auditor, busy, cast):
    fern, day = cast["fern"].pk, AT.date()
    here = [entry for entry in AccessEntry.objects.all() if entry.site_id == cast.north.pk]
    for query, fits in (
        ({}, lambda entry: True),
        ({"what": "requests"}, lambda entry: entry.what in READ_GROUPS["requests"][1]),
        ({"person": fern}, lambda entry: entry.actor_id == fern),
        ({"since": day + timedelta(days=1)}, lambda entry: entry.at.date() > day),
        ({"until": day, "person": fern}, lambda entry: entry.actor_id == fern and entry.at.date() <= day),
    ):
        wanted = sorted(((entry.at, entry.pk) for entry in here if fits(entry)), reverse=True)
        rows = auditor.get(ACCESS, query).context["page"].rows
        assert [(read.entry.at, read.entry.pk) for read in rows] == wanted[:50], query
        assert len(lines(auditor, "audit-access-csv", **query)) == len(wanted), query


def test_a_csv_of_reads_names_no_patient(auditor, busy):
    text = auditor.get(reverse("audit-access-csv")).getvalue().decode()
    assert "N-1001" not in text
    assert "Canary" not in text


@pytest.mark.long
def test_sign_ins_are_narrowed_by_kind_person_and_day(auditor, busy, cast):
    def told(**query):
        return [(row["account"].split(",")[0], row["what"]) for row in lines(auditor, "audit-sign-ins-csv", **query)]

    fern = {"person": cast["fern"].pk}
    assert told(**fern) == [("Fern Pharmacist", "wrong_password"), *[("Fern Pharmacist", "signed_in")] * 2]
    assert told(**fern, until=f"{cast.north.date_at(AT)}") == [("Fern Pharmacist", "signed_in")] * 2
    [failures] = [code for code, (_, kinds) in SIGN_IN_GROUPS.items() if "wrong_password" in kinds]
    assert told(what=failures) == [("Fern Pharmacist", "wrong_password")]
    page = auditor.get(SIGN_INS, fern | {"what": failures})
    assert [entry.kind for entry in page.context["page"].rows] == ["wrong_password"]


@pytest.mark.long
@pytest.mark.parametrize(("page", "address"), PAGES)
def test_another_site_s_entries_are_in_none(auditor, busy, cast, page, address):
    assert "Sam Prescriber" not in words(auditor.get(page))
    assert "Sam Prescriber" not in auditor.get(reverse(address)).getvalue().decode()
    other = auditor.get(page, {"site": "south"})
    assert other.context["site"] == cast.north


@pytest.mark.long
@pytest.mark.parametrize(("page", "address"), PAGES)
def test_filters_stand_in_the_address_and_go_along_when_leafing(auditor, busy, monkeypatch, page, address):
    monkeypatch.setattr(log_selection, "PAGE", 2)
    everything = auditor.get(page, {"until": "2026-12-31"})
    assert "until=2026-12-31" in everything.context["next_url"]
    assert f"{reverse(address)}?until=2026-12-31" in everything.content.decode().replace("&amp;", "&")
    seen, url = [], "?until=2026-12-31"
    while url:
        response = auditor.get(f"{page}{url}")
        rows = response.context["page"].rows
        seen += [getattr(row, "seq", None) or getattr(row, "entry", row) for row in rows]
        url = response.context["next_url"]
    assert len(seen) == len(lines(auditor, address, until="2026-12-31")) > 2
    assert auditor.get(f"{page}{response.context['previous_url']}").context["next_url"]


@pytest.mark.long
@pytest.mark.parametrize(("page", "address"), PAGES)
def test_a_filter_that_cannot_be_read_says_so_and_exports_nothing(auditor, busy, page, address):
    for query in ({"since": "yesterday"}, {"until": "2026-02-30"}, {"since": "2026-03-02", "until": "2026-03-01"},
                  {"what": "treason"}, {"person": "999999"}):  # fmt: skip
        answer = auditor.get(page, query)
        assert answer.status_code == 200
        assert "is-invalid" in answer.content.decode() or "invalid-feedback" in answer.content.decode(), query
        refused = auditor.get(reverse(address), query)
        assert refused.status_code == 302, query
        assert refused["Location"].startswith(page)


NAMES = ("what", "person", "since", "until", "site", "who", "after", "before")
EXTREMES = ("0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999999+00:00~1", "0001-01-01T00:00:00+14:00~0",
            "9" * 40, "-1")  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(("page", "address"), PAGES)
def test_whatever_stands_in_the_address_is_answered(auditor, busy, page, address):
    """Every hostile text once, the names by turns, and under each name the values at which days and numbers end.

    Outside of CI a third of it, and not the same of every page.
    """
    every = share(in_ci=1, elsewhere=3)
    for place, name in enumerate(NAMES):
        for text in (*TEXTS[place :: len(NAMES)], *EXTREMES)[(place + len(page)) % every :: every]:
            assert auditor.get(page, {name: text}).status_code in (200, 400), (name, text[:40])
            assert auditor.get(reverse(address), {name: text}).status_code in (200, 302, 400), (name, text[:40])


@pytest.mark.long
@pytest.mark.parametrize(("page", "address"), PAGES)
def test_a_page_asks_as_many_queries_of_a_long_log_as_of_a_short_one(auditor, busy, cast, page, address):
    def asked():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            auditor.get(page)
        return len(queries)

    few = asked()
    for _ in range(3):
        a_request(cast, Status.APPROVED)
    assert asked() <= few + 1


WRITERS = [
    *sorted((SOURCE / "workflow").rglob("*.py")),
    *(SOURCE / name for name in ("rules/lifecycle.py", "event_log.py", "access_batches.py")),
    *(SOURCE / "seal" / name for name in ("ended_logs.py", "lost_runs.py")),
    SOURCE / "access/absences.py",  # the name of "request.passed" stands there
]
NO_SITE = {"access.closed", "sign_ins.closed", "log.restored", "log.recovered"}
"""Entries of the whole log, which no list of a site shows."""
NO_KIND = {"utilization.formulary", "utilization.shared_limits", "utilization.password_letter", "pack.version"}
"""Names with a dot that are no kind of an entry: of loggers, places to lock, salts and places in a pack."""


def test_every_kind_of_entry_that_is_written_has_words():
    """Whatever looks like a kind in the modules that write entries is one, or is named here as none."""
    written = {
        f"authorization.{change}" for change in (*ENDS, SWITCHED, TRANSFER_ASKED, *TRANSFER_ANSWERS, TRANSFER_ENDED)
    }
    for path in WRITERS:
        texts = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
        written |= {text for text in texts if isinstance(text, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}
    assert written >= NO_SITE | NO_KIND
    assert written - NO_SITE - NO_KIND == set(EVENT_WORDS)


def test_entries_are_written_by_those_modules_alone():
    callers = {path for path in SOURCE.rglob("*.py") if "event_log.append(" in path.read_text("utf-8")}
    assert callers <= set(WRITERS)


def test_every_read_is_in_one_group():
    grouped = [what for _, kinds in READ_GROUPS.values() for what in kinds]
    assert sorted(grouped) == sorted(READS)


@pytest.mark.long
def test_a_rare_kind_is_found_along_an_index(busy, cast):
    table = event_list.event_table(cast.north)
    (arm,) = table._arms(LogSelection(kinds=("decision.approved",)))
    plan = arm.order_by("-at", "-pk").explain()
    assert "event_by_kind" in plan or connection.vendor == "postgresql", plan
