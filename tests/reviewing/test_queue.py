"""The queue: what awaits a role, in the order of its due times, at the same cost however long it is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.cast import AT, CIDP, IBM, a_draft, a_request
from tests.reviewing.pages import act, case_of, words
from utilization import access, workflow
from utilization.models import AccessEntry, Membership, Request
from utilization.reports import queue, queue_order
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

NOW = AT + timedelta(hours=5)


def numbers(page):
    return [row.request.number for row in page.rows]


def awaiting(actor, **more):
    return queue_order.queue(actor, queue.stages(actor), at=more.pop("at", NOW), **more)


def many(cast, count, **columns):
    """`count` requests awaiting the pharmacist at North, an hour between their due times."""
    pattern = a_request(cast)
    values = {
        field.attname: getattr(pattern, field.attname)
        for field in Request._meta.concrete_fields
        if field.attname not in ("id", "uid", "number")
    }
    Request.objects.bulk_create(
        Request(**{**values, "number": f"MANY-{place:05d}", "due_at": AT + timedelta(hours=place), **columns})
        for place in range(count)
    )


@pytest.mark.long
def test_each_role_sees_what_awaits_it_at_its_own_site(cast):
    at_pharmacy = a_request(cast)
    at_physician = a_request(cast, Status.PHYSICIAN_REVIEW, indication="ibm", answers=IBM)
    a_request(cast, Status.APPROVED, patient=cast.a_patient(mrn="N-2"))
    a_request(cast, Status.DRAFT, patient=cast.a_patient(mrn="N-3"))
    elsewhere = a_request(cast, by="sam", patient=cast.a_patient("sam", mrn="S-1"))
    assert numbers(awaiting(cast["fern"])) == [at_pharmacy.number]
    assert numbers(awaiting(cast["mira"])) == [at_physician.number]
    assert numbers(awaiting(cast["sue"])) == [elsewhere.number]
    assert set(numbers(awaiting(cast["dora"]))) == {at_pharmacy.number, at_physician.number}
    assert awaiting(cast["petra"]).rows == ()


def test_soonest_due_comes_first_whatever_the_stage(cast):
    late = a_request(cast, at=AT)
    physicians = a_request(cast, Status.PHYSICIAN_REVIEW, at=AT - timedelta(hours=9), indication="ibm", answers=IBM)
    soon = a_request(cast, at=AT - timedelta(hours=30), patient=cast.a_patient(mrn="N-2"))
    assert numbers(awaiting(cast["dora"])) == [soon.number, physicians.number, late.number]


def test_pages_follow_one_another_both_ways_without_gap_or_repeat(cast):
    many(cast, 60)
    # Equal due times must not lose a row at the edge of a page.
    Request.objects.filter(number__gte="MANY-00020", number__lt="MANY-00030").update(due_at=AT + timedelta(hours=20))
    whole = list(Request.objects.order_by("due_at", "pk").values_list("number", flat=True))
    pages, cursor = [], None
    while True:
        page = awaiting(cast["fern"], after=cursor)
        pages.append(page)
        if page.next is None:
            break
        cursor = queue_order.read_queue_place(str(page.next))
    assert [number for page in pages for number in numbers(page)] == whole
    assert pages[0].previous is None
    back = awaiting(cast["fern"], before=pages[-1].previous)
    assert numbers(back) == numbers(pages[-2])
    assert numbers(awaiting(cast["fern"], before=back.previous)) == numbers(pages[0])
    assert awaiting(cast["fern"], before=back.previous).previous is None


@pytest.mark.parametrize("text", ["", "~", "yesterday~3", "2026-03-02T09:00:00~3", "2026-03-02T09:00:00+00:00~x",
                                  "2026-13-40T09:00:00+00:00~3", "2026-03-02T09:00:00+00:00~" + "9" * 30])  # fmt: skip
def test_a_cursor_that_spells_no_place_starts_at_the_front(cast, seen_by, text):
    assert queue_order.read_queue_place(text) is None
    request = a_request(cast)
    assert request.number in words(seen_by("fern").get(reverse("review-queue"), {"after": text}))


@pytest.mark.long
def test_a_page_asks_the_database_as_often_for_few_requests_as_for_many(cast, seen_by):
    client = seen_by("fern")
    a_request(cast)
    client.get(reverse("review-queue"))  # the session's first page writes when it began
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("review-queue"))
    many(cast, 120)
    client.get(reverse("review-queue"))  # a first look writes down what was read
    with CaptureQueriesContext(connection) as lots:
        client.get(reverse("review-queue"))
    assert len(lots) == len(few)


FILTERED = [
    ({"indication": "ibm"}, ["ibm"]),
    ({"indication": "cidp"}, ["held", "free", "urgent"]),
    ({"outcome": "does_not_meet"}, ["ibm"]),
    ({"urgency": "expedited"}, ["urgent"]),
    ({"urgency": "standard"}, ["held", "free", "ibm"]),
    ({"holder": "mine"}, ["held"]),
    ({"holder": "nobody"}, ["free", "ibm", "urgent"]),
    ({"holder": "nobody", "urgency": "standard", "indication": "cidp"}, ["free"]),
    ({}, ["held", "free", "ibm", "urgent"]),
]


@pytest.mark.long
@pytest.mark.parametrize(("wanted", "expected"), FILTERED, ids=str)
def test_filters_narrow_the_queue(cast, wanted, expected):
    held = a_request(cast)
    made = {
        "held": workflow.claim(held.uid, by=cast["fern"], at=NOW, version=held.version),
        "free": a_request(cast, patient=cast.a_patient(mrn="N-2")),
        "ibm": a_request(cast, indication="ibm", answers=IBM, patient=cast.a_patient(mrn="N-3")),
        "urgent": a_request(
            cast,
            patient=cast.a_patient(mrn="N-4"),
            answers={**CIDP, "emergency": "yes", "emergency_reason": "He cannot swallow."},
        ),
    }
    numbers_shown = set(numbers(awaiting(cast["fern"], wanted=wanted)))
    assert numbers_shown == {made[name].number for name in expected}


def test_a_filter_with_a_value_of_nobodys_list_narrows_nothing(cast, seen_by):
    request = a_request(cast)
    response = seen_by("fern").get(reverse("review-queue"), {"outcome": "' OR 1=1", "holder": "petra"})
    assert request.number in words(response)


@pytest.mark.long
def test_each_request_shown_with_its_patient_is_a_read_once_a_day(cast, seen_by):
    shown = {
        "": a_request(cast),
        "waiting": a_request(cast, Status.INFORMATION_ASKED, patient=cast.a_patient(mrn="N-2")),
        "signed": a_request(
            cast, Status.APPROVED, at=datetime.now(UTC) - timedelta(days=1), patient=cast.a_patient(mrn="N-3")
        ),
    }
    before = set(AccessEntry.objects.values_list("pk", flat=True))
    for show, request in shown.items():
        for _ in range(2):
            said = words(seen_by("fern").get(reverse("review-queue"), {"show": show}))
        assert f"{request.patient.name} {request.patient.mrn} · 1 May 1968" in said
        assert f"{request.author.full_name}" in said
        assert "Neurology" in said
        assert "Why five days" not in said  # a question stands on the case, with whom it is about
    reads = AccessEntry.objects.exclude(pk__in=before).order_by("pk").values_list("what", "request_id", "actor_id")
    assert list(reads) == [("list", request.pk, cast["fern"].pk) for request in shown.values()]


@pytest.mark.long
def test_any_column_sorts_page_by_page_both_ways_and_says_no_name_in_an_address(cast, seen_by, monkeypatch):
    monkeypatch.setattr(queue_order, "PAGE", 3)
    monkeypatch.setattr(queue_order.Slice.__init__, "__defaults__", (None, None, 3))
    for place, (name, who, code) in enumerate(
        [("Novak, Jan", "petra", "cidp"), ("Adler, Ida", "rosa", "ibm"), ("adams, Bo", "petra", "cidp"),
         ("Moss, Li", "rosa", "cidp"), ("Zorn, Una", "petra", "ibm"), ("Moss, Li", "petra", "cidp"),
         ("Ball, Tom", "rosa", "cidp")]
    ):  # fmt: skip
        patient = cast.a_patient(by=who, mrn=f"S-{place}", name=name)
        answers = IBM if code == "ibm" else CIDP
        a_request(cast, by=who, patient=patient, indication=code, answers=answers, at=AT + timedelta(hours=place))
        Request.objects.filter(patient=patient).update(grams=None if place == 3 else 100 + place * 7 % 5)
    rows = list(Request.objects.select_related("patient", "author", "department"))
    naive = {
        "due": lambda r: r.due_at, "filed": lambda r: r.submitted_at, "patient": lambda r: r.patient.name.lower(),
        "prescriber": lambda r: r.author.full_name.lower(), "department": lambda r: r.department.name.lower(),
        "indication": lambda r: ["cidp", "ibm"].index(r.indication),
        "outcome": lambda r: ["meets", "does_not_meet"].index(r.outcome), "grams": lambda r: r.grams or -1,
    }  # fmt: skip
    for column, key in naive.items():
        for sign in ("", "-"):
            expected = sorted(rows, key=lambda row: (key(row), row.pk), reverse=bool(sign))
            wanted, walked, place = {"sort": sign + column}, [], None
            while True:
                page = awaiting(cast["fern"], wanted=wanted, after=place)
                walked += numbers(page)
                assert "moss" not in str(page.next).lower()
                if page.next is None:
                    break
                place = queue_order.read_queue_place(str(page.next))
            assert walked == [row.number for row in expected], (column, sign)
            back = awaiting(cast["fern"], wanted=wanted, before=page.previous)
            assert numbers(back) == walked[3:6], (column, sign)
    page = seen_by("fern").get(reverse("review-queue"), {"sort": "-patient"})
    assert b'aria-sort="descending"' in page.content
    assert set(queue_order.SORTS) == set(naive)


def test_a_place_that_one_may_not_see_tells_nothing_of_its_name(cast):
    mine = a_request(cast)
    for name in ("Aaa", "Zzz"):
        other = a_request(cast, by="sam", patient=cast.a_patient("sam", mrn=name, name=name))
        page = awaiting(cast["fern"], wanted={"sort": "patient"}, after=queue_order.QueuePlace(other.pk))
        assert numbers(page) == [mine.number]


@pytest.mark.parametrize("way", ["after", "before"])
def test_a_place_that_was_never_filed_is_none(cast, seen_by, way):
    """Dora prescribes and reviews: a draft of hers is no place in the order of filing."""
    waiting, draft = a_request(cast), a_draft(cast, by="dora", patient=cast.a_patient(mrn="N-2"))
    for sort in ("filed", "-filed"):
        page = seen_by("dora").get(reverse("review-queue"), {"sort": sort, way: f"~{draft.pk}"})
        assert (page.status_code, waiting.number in page.content.decode()) == (200, True)


@pytest.mark.long
def test_the_tabs_say_how_much_stands_on_each(cast, seen_by):
    held = a_request(cast)
    workflow.claim(held.uid, by=cast["fern"], at=NOW, version=held.version)
    a_request(cast, patient=cast.a_patient(mrn="N-2"))
    a_request(cast, Status.PHYSICIAN_REVIEW, patient=cast.a_patient(mrn="N-3"))
    a_request(cast, Status.INFORMATION_ASKED, patient=cast.a_patient(mrn="N-4"))
    said = words(seen_by("fern").get(reverse("review-queue")))
    for told in ("Awaiting you 2", "Overdue 2", "Held by you 1", "With pharmacy 2", "With physician 1",
                 "Waiting on the prescriber 1"):  # fmt: skip
        assert told in said
    physicians = seen_by("fern").get(reverse("review-queue"), {"stage": "physician"})
    assert "N-3" in words(physicians)
    assert "N-2" not in words(physicians)


@pytest.mark.long
def test_after_an_act_the_next_free_case_of_the_list_stands_there(cast, seen_by):
    """In the order of the list, past what is one's own or held by another, round the end, and back where none is."""
    due = [
        a_request(cast, by=who, at=AT + timedelta(hours=place), patient=cast.a_patient(mrn=f"N-{place}"))
        for place, who in enumerate(["petra", "dora", "petra", "petra"])
    ]
    first, _own, held, last = due
    workflow.claim(held.uid, by=cast["felix"], at=NOW, version=held.version)
    dora = seen_by("dora")
    page = dora.get(case_of(first), {"list": "indication=cidp"})
    assert f"{case_of(_own)}?list=indication%3Dcidp" in page.content.decode()  # J goes to each
    asked = act(dora, first, "ask", text="Since when?", list="indication=cidp")
    assert asked.url == f"{case_of(last)}?list=indication%3Dcidp"
    assert act(dora, last, "claim", list="indication=cidp").url == f"{case_of(last)}?list=indication%3Dcidp#messages"
    last.refresh_from_db()
    assert act(dora, last, "ask", text="Since when?", list="indication=cidp&after=x").url == (
        reverse("review-queue") + "?indication=cidp"
    )


def test_overdue_is_told_in_words_and_in_the_time_zone_of_the_site(cast, seen_by):
    request = a_request(cast)  # filed in March 2026, so overdue by any clock that runs this
    said = words(seen_by("fern").get(reverse("review-queue")))
    assert "days overdue" in said
    assert f"{request.due_at:%d}".lstrip("0") + " Mar 2026, 11:00 CET" in said


def test_claiming_and_releasing_from_the_queue(cast, seen_by):
    request = a_request(cast)
    fern = seen_by("fern")
    assert act(fern, request, "claim").url.startswith(reverse("review-case", args=[request.uid]))
    request.refresh_from_db()
    assert request.holder == cast["fern"]
    page = fern.get(reverse("review-queue"))
    assert "you" in words(page)
    assert b"Release" in page.content
    assert act(fern, request, "release", back="queue").url == reverse("review-queue")
    request.refresh_from_db()
    assert request.holder is None


def test_a_request_of_ones_own_cannot_be_claimed_and_says_so(cast, seen_by):
    request = a_request(cast, by="dora")
    page = seen_by("dora").get(reverse("review-queue"))
    assert "another person reviews it" in words(page)
    assert reverse("review-claim", args=[request.uid]).encode() not in page.content
    assert act(seen_by("dora"), request, "claim").status_code == 403


@pytest.mark.long
def test_a_row_of_the_requesters_chain_is_marked_as_own_and_passed_by(cast, seen_by):
    """Dora covers for Petra, and wrote a message for the department on one of Paul's; the last is Paul's alone."""
    covered, written, other = (
        a_request(cast, by=who, at=AT + timedelta(hours=place), patient=cast.a_patient(who, mrn=f"N-{place}"))
        for place, who in enumerate(["petra", "paul", "paul"])
    )
    workflow.claim(covered.uid, by=cast["dora"], at=NOW, version=covered.version)
    to, rest = workflow.Addressee("pharmacist"), {"side": "department", "text": "Please hurry."}
    workflow.write_message(written.uid, by=cast["dora"], at=NOW, to=to, **rest)
    days = workflow.TypedAbsence(NOW.date(), NOW.date(), cast["dora"])
    workflow.enter_absence(cast.north, cast["petra"], by=cast["petra"], at=NOW, typed=days)
    rows = {row.request.number: row.own for row in awaiting(cast["dora"]).rows}
    assert rows == {covered.number: True, written.number: True, other.number: False}
    assert not any(row.own for row in awaiting(cast["fern"]).rows)
    # As the rule that is asked of one request says.
    for row in awaiting(cast["dora"]).rows:
        assert row.own != bool(access.independent(cast["dora"], row.request, at=NOW)), row.request.number
    page = seen_by("dora").get(reverse("review-queue")).content.decode()
    assert page.count("another person reviews it") == 2
    # What she held before she covered can be given back there.
    assert reverse("review-release", args=[covered.uid]) in page
    assert reverse("review-claim", args=[written.uid]) not in page
    assert reverse("review-claim", args=[other.uid]) in page
    first = queue_order.next_free(cast["dora"], queue_order.Slice(queue.stages(cast["dora"]), {}), None, 0, NOW)
    assert first.request == other


@pytest.mark.long
def test_an_appeal_of_the_requesters_chain_is_not_listed_nor_counted(cast, seen_by):
    appeal = a_request(cast, Status.APPEAL_REVIEW)
    assert numbers(awaiting(cast["dora"])) == [appeal.number]
    days = workflow.TypedAbsence(NOW.date(), NOW.date(), cast["dora"])
    workflow.enter_absence(cast.north, cast["petra"], by=cast["petra"], at=NOW, typed=days)
    assert numbers(awaiting(cast["dora"])) == []
    assert numbers(awaiting(cast["max"])) == [appeal.number]
    assert "Awaiting you 0" in words(seen_by("dora").get(reverse("review-queue")))


def test_whoever_recommended_sees_the_request_as_anothers_to_decide(cast):
    Membership.objects.create(
        user=cast["fern"], site=cast.north, role=Role.PHYSICIAN, started_at=AT - timedelta(days=9)
    )
    a_request(cast, Status.PHYSICIAN_REVIEW)
    assert [row.own for row in awaiting(cast["fern"]).rows] == [True]
    assert [row.own for row in awaiting(cast["mira"]).rows] == [False]


@pytest.mark.long
def test_what_was_asked_waits_under_its_tab_for_the_stage_that_asked(cast, seen_by):
    request = a_request(cast, Status.INFORMATION_ASKED)
    assert request.number not in words(seen_by("fern").get(reverse("review-queue")))
    said = words(seen_by("felix").get(reverse("review-queue"), {"show": "waiting"}))
    assert request.number in said
    assert "Days of a course" in said
    assert "Fern Pharmacist" in said
    assert request.number not in words(seen_by("mira").get(reverse("review-queue"), {"show": "waiting"}))
    assert request.number not in words(seen_by("sue").get(reverse("review-queue"), {"show": "waiting"}))


@pytest.mark.long
def test_signed_lately_lists_ones_own_signatures_of_thirty_days(cast):
    old = a_request(cast, Status.APPROVED, at=AT - timedelta(days=40))
    new = a_request(cast, Status.PHYSICIAN_REVIEW, patient=cast.a_patient(mrn="N-2"))
    stages = queue.stages(cast["fern"])
    numbers_signed = [signed.row.request.number for signed in queue.signed_lately(cast["fern"], stages, at=NOW)]
    assert numbers_signed == [new.number]
    assert old.number not in numbers_signed
    assert queue.signed_lately(cast["felix"], queue.stages(cast["felix"]), at=NOW) == []


@pytest.mark.long
def test_an_empty_list_says_what_to_expect(cast, seen_by):
    fern = seen_by("fern")
    assert "Nothing awaits you" in words(fern.get(reverse("review-queue")))
    assert "Nothing fits these filters" in words(fern.get(reverse("review-queue"), {"outcome": "meets"}))
    far = "2100-01-01T00:00:00+00:00~1"
    assert "Nothing further" in words(fern.get(reverse("review-queue"), {"after": far}))
    assert "No prescriber is asked anything" in words(fern.get(reverse("review-queue"), {"show": "waiting"}))
    assert "You signed nothing" in words(fern.get(reverse("review-queue"), {"show": "signed"}))


def test_an_indication_that_no_pack_knows_is_still_readable(db):
    assert queue.indication("rare_thing").name == "Rare thing"
    assert queue.indication("cidp").short == "CIDP"
