"""Looking up: whatever people have at hand finds what they may see and no more, is written down, is bounded."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import AT, a_request, approved
from tests.reviewing.pages import words
from utilization import access, workflow
from utilization.models import AccessEntry, Request, RequestSummary
from utilization.rules.lifecycle import Status

NOW = AT + timedelta(hours=9)


def found(actor, text):
    return {request.pk for request in access.look_up(actor, text, at=NOW).requests}


def test_everything_at_hand_finds_the_request_for_whoever_may_see_it(cast):
    """Number, authorization, MRN, name, birth date, prescriber, department: who sees what was written by hand."""
    neurology = approved(cast, a_request(cast), at=AT + timedelta(hours=3))
    rosas = a_request(cast, by="rosa", patient=cast.a_patient(by="rosa", mrn="77-1", name="Zoë Müller-Lüdenscheidt"))
    draft = a_request(cast, Status.DRAFT, patient=cast.a_patient(mrn="D-4", name="Draft Only"))
    souths = a_request(cast, by="sam", patient=cast.a_patient("sam", mrn="S-1", name="Ambrose Canary"))
    one, two, three = {neurology.pk}, {rosas.pk}, {souths.pk}
    asked = {
        neurology.number.lower(): (one, set()),
        neurology.authorization.number: (one, set()),
        "n1001": (one, set()),
        "canary amb": (one, three),
        "1 May 1968": (one | two | {draft.pk}, three),
        "muller": (two, set()),
        "Petra": (one, set()),
        "rosa else": (two, set()),
        "neurol": (one, three),
        souths.number: (set(), three),
        "nobody at all": (set(), set()),
        "": (set(), set()),
        "\0": (set(), set()),
    }
    for text, (north, south) in asked.items():
        filed = north - {draft.pk}
        assert found(cast["fern"], text) == filed, text
        assert found(cast["audrey"], text) == north, text
        assert found(cast["petra"], text) == north - two, text  # her own draft, and what her department filed
        assert found(cast["paul"], text) == filed - two, text
        assert found(cast["rosa"], text) == north & two, text
        assert found(cast["sue"], text) == south, text
        assert found(cast["adam"], text) == set(), text
        assert found(None, text) == set(), text


def test_what_is_shown_is_written_down_as_read(cast):
    request = a_request(cast)
    before = set(AccessEntry.objects.values_list("pk", flat=True))
    access.look_up(cast["fern"], "Canary", at=NOW)
    access.look_up(cast["fern"], "Petra", at=NOW)
    access.look_up(cast["fern"], "Nobody", at=NOW)
    written = AccessEntry.objects.exclude(pk__in=before).order_by("pk")
    assert [(entry.what, entry.patient_id, entry.request_id) for entry in written] == [
        ("search", request.patient_id, None),
        ("search", request.patient_id, request.pk),
        ("search", request.patient_id, request.pk),
    ]


def test_the_latest_come_first_and_no_more_than_the_page_holds(cast):
    pattern = a_request(cast)
    copies = Request.objects.bulk_create(
        Request(**{field.attname: getattr(pattern, field.attname) for field in Request._meta.concrete_fields
                   if field.attname not in ("id", "uid", "number", "created_at")},
                number=f"MANY-{n:03d}", created_at=AT + timedelta(days=1, minutes=n))
        for n in range(40)
    )  # fmt: skip
    told = RequestSummary.objects.get(request=pattern)
    RequestSummary.objects.bulk_create(
        RequestSummary(**{field.attname: getattr(told, field.attname) for field in RequestSummary._meta.concrete_fields
                          if field.attname not in ("id", "request_id", "filed_at")},
                       request=copy, filed_at=copy.created_at)
        for copy in copies
    )  # fmt: skip
    latest = [f"MANY-{n:03d}" for n in range(39, 14, -1)]
    for text in ("Canary", "Petra", "Neurology"):
        with CaptureQueriesContext(connection) as made:
            looked = access.look_up(cast["fern"], text, at=NOW)
        assert ([request.number for request in looked.requests], looked.more) == (latest, True)
        assert len(made) <= 16, [query["sql"] for query in made]


def test_the_page_links_each_to_where_its_reader_opens_it_and_names_it_in_no_address(cast, seen_by):
    request = a_request(cast)
    for who, door in (("fern", "review-case"), ("petra", "request-page"), ("audrey", "audit-request")):
        page = seen_by(who).post(reverse("look-up"), {"q": "Canary"})
        assert page.status_code == 200
        assert reverse(door, args=[request.uid]).encode() in page.content
        assert reverse("patient-page", args=[request.patient.uid]).encode() in page.content
        assert "2 Mar 2026" in words(page)
    assert "Canary" not in words(seen_by("fern").get(reverse("look-up"), {"q": "Canary"}))
    empty = seen_by("fern").post(reverse("look-up"), {"q": " "})
    assert (empty.status_code, "Type a number" in words(empty)) == (422, True)
    nothing = seen_by("fern").post(reverse("look-up"), {"q": "<script>x" * 300})
    assert "Nothing by these words" in words(nothing)


@pytest.mark.parametrize(("who", "shown"), [("fern", True), ("petra", True), ("audrey", True), ("adam", False)])
def test_the_field_stands_in_the_head_of_every_page_for_whoever_may_look_up(cast, seen_by, who, shown):
    page = seen_by(who).get(reverse("evidence-list"))
    assert (reverse("look-up").encode() in page.content) is shown


def test_a_name_that_was_corrected_still_finds_the_patient(cast):
    request = a_request(cast)
    parts = {"mrn": request.patient.mrn, "name": "Bertram Other", "date_of_birth": request.patient.date_of_birth}
    workflow.correct_patient(
        request.patient.uid, by=cast["petra"], at=NOW, reason="Misspelt.",
        identity=workflow.PatientIdentity(**parts, sex="male"),
    )  # fmt: skip
    assert found(cast["fern"], "canary") == found(cast["fern"], "bertram") == {request.pk}
