"""Grams given: recorded by form and by file, held against the authorization, corrected by another row."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.cast import AT, Cast, a_request
from utilization import access, event_log, workflow
from utilization.authorization_terms import as_given, infusions_of, terms_of
from utilization.models import AccessEntry, Event, Infusion
from utilization.rules.authorization.infusion_file import read_infusion_file
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.authorization.use import GivenGrams, Terms, use_of
from utilization.rules.csv_lines import UnreadableFile
from utilization.rules.lifecycle import Status

DAY = AT.date()
LATER = AT + timedelta(days=40)
HEADER = "authorization,mrn,date,product,grams,lot,reaction,seriousness,words"


@pytest.fixture
def held(cast: Cast):
    """An authorization of six months from DAY: 155 g a course, every four weeks."""
    return a_request(cast, Status.APPROVED).authorization


def typed(**changes):
    return TypedInfusion(**{"given_on": DAY.isoformat(), "product": "privigen", "grams": "30 g", **changes})


def record(cast, held, by="fern", at=LATER, confirmed=False, **changes):
    return workflow.record_infusion(held.request.uid, typed(**changes), by=cast[by], at=at, confirmed=confirmed)


def used(held):
    given = as_given(infusions_of(held.request))
    return use_of(terms_of(held), given)


def test_what_is_given_counts_and_says_what_is_left_and_when_the_next_is_due(cast: Cast, held):
    course = held.grams_per_course
    assert used(held).next_due == held.valid_from
    for day in range(5):
        record(cast, held, given_on=(DAY + timedelta(days=day)).isoformat(), grams=str(course / 5))
        under_way = course - course / 5 * (day + 1) or None
        assert used(held).under_way == under_way
    use = used(held)
    assert (use.used, use.left, use.courses_begun) == (course, course * held.courses - course, 1)
    assert use.next_due == DAY + timedelta(weeks=4)


def test_a_product_that_the_request_names_by_another_name_is_its_brand(cast: Cast, held):
    for name, brand in (("gamunex c", "Gamunex-C"), ("Bread", "Bread"), ("", "")):
        held.product = name
        assert terms_of(held).product == brand


def test_a_course_that_was_not_finished_does_not_put_off_the_next():
    terms = Terms(DAY, DAY + timedelta(days=180), Decimal(100), 6, Decimal(4))
    given = [GivenGrams(DAY, Decimal(60)), GivenGrams(DAY + timedelta(days=28), Decimal(100))]
    use = use_of(terms, given)
    assert (use.courses_begun, use.under_way, use.left) == (2, None, 440)
    assert use.next_due == DAY + timedelta(days=56)


OUTSIDE = (
    ({"given_on": (DAY - timedelta(days=1)).isoformat()}, "before_start"),
    ({"given_on": (DAY + timedelta(days=300)).isoformat()}, "after_end"),
    ({"grams": "166"}, "above_a_day"),
    ({"grams": "999"}, "beyond_total"),
)


def test_what_stands_outside_the_terms_is_recorded_only_once_it_is_confirmed(cast: Cast, held):
    at = AT + timedelta(days=320)
    for changes, code in OUTSIDE:
        with pytest.raises(workflow.Invalid) as told:
            record(cast, held, at=at, **changes)
        assert list(told.value.errors) == ["confirmed"]
        assert code in record(cast, held, at=at, confirmed=True, **changes).outside
    assert Infusion.objects.count() == len(OUTSIDE)


REFUSED = (
    ({"grams": "30000 mg"}, "grams"), ({"grams": "3,5"}, "grams"), ({"grams": "0"}, "grams"),
    ({"grams": "1e3"}, "grams"), ({"product": "Privigenn"}, "product"), ({"product": "Octagam"}, "product"),
    ({"given_on": "2.3.2026"}, "given_on"), ({"given_on": "1967-01-01"}, "given_on"),
    ({"given_on": "1950-01-01"}, "given_on"),
    ({"given_on": (LATER + timedelta(days=1)).date().isoformat()}, "given_on"),
    ({"reaction": "itch", "seriousness": "serious"}, "reaction"), ({"reaction": "rash"}, "seriousness"),
    ({"reaction": "other", "seriousness": "serious"}, "words"), ({"lot": "x" * 41}, "lot"),
    ({"words": "a\u202eb"}, "words"),
)  # fmt: skip


def test_what_cannot_be_is_refused_with_words(cast: Cast, held):
    for changes, field in REFUSED:
        with pytest.raises(workflow.Invalid) as told:
            record(cast, held, confirmed=True, **changes)
        assert list(told.value.errors) == [field]
    assert not Infusion.objects.exists()


def test_only_pharmacists_of_the_site_record(cast: Cast, held):
    for by in ("petra", "mira", "audrey"):
        with pytest.raises(workflow.Refused, match="record infusions"):
            record(cast, held, by=by)
    with pytest.raises(access.NotFound):
        record(cast, held, by="sue")
    with pytest.raises(workflow.Refused, match="no authorization"):
        workflow.record_infusion(a_request(cast).uid, typed(), by=cast["fern"], at=LATER, confirmed=True)


def test_a_correction_stands_in_the_place_of_a_row_that_stays(cast: Cast, held):
    first = record(cast, held, grams="30", reaction="Headache", seriousness="not serious")
    assert first.reactions == [{"kind": "headache", "seriousness": "not_serious"}]
    with pytest.raises(workflow.Invalid, match="recorded already"):
        record(cast, held, grams="30.0")
    second = workflow.correct_infusion(
        first.uid, typed(grams="35"), by=cast["felix"], at=LATER, reason="Misread.", confirmed=False
    )
    assert used(held).used == Decimal(35)
    with pytest.raises(workflow.Refused, match="corrected meanwhile"):
        workflow.withdraw_infusion(first.uid, by=cast["fern"], at=LATER, reason="No.")
    workflow.withdraw_infusion(second.uid, by=cast["fern"], at=LATER, reason="Another patient’s.")
    assert (used(held).used, Infusion.objects.count()) == (0, 3)
    told = [entry.type for entry in event_log.entries(held.request) if entry.type.startswith("infusion.")]
    assert told == ["infusion.recorded", "infusion.corrected", "infusion.corrected"]


def a_file(held, *lines, header=HEADER):
    return "\n".join([header, *(line.format(a=held.number, m=held.patient.mrn) for line in lines)]).encode()


def send(cast, content, by="fern", **more):
    return workflow.import_infusions(
        content, site=cast.north, by=cast[by], at=LATER, confirmed=more.pop("confirmed", False)
    )


def test_a_file_is_recorded_whole_and_once(cast: Cast, held):
    content = a_file(held, "{a},{m},2026-03-02,Privigen,30,L1,,,", "{a},{m},2026-03-03,Privigen,30 g,,Rash,Serious,")
    assert send(cast, content) == workflow.FileReport(recorded=2)
    assert Infusion.objects.count() == 2
    again = send(cast, content, by="felix")
    assert (again.before, again.recorded, Infusion.objects.count()) == (True, 0, 2)


def test_a_file_with_a_fault_is_told_line_by_line_and_leaves_nothing(cast: Cast, held):
    lines = (
        *["{a},{m},2026-03-02,Privigen,30,,,,"] * 2,
        "{a},N-9,2026-03-03,Privigen,30,,,,",
        "A-1,{m},2026-03-03,Privigen,30,,,,",
        "{a},{m},2026-03-03,Privigen,30000 mg,,,,",
        "{a},{m},tomorrow,Bread,30,,,,",
    )
    events, reads = Event.objects.count(), AccessEntry.objects.count()
    report = send(cast, a_file(held, *lines))
    assert [(fault.line, fault.field) for fault in report.faults] == [
        (3, "given_on"), (4, "authorization"), (5, "authorization"), (6, "grams"), (7, "given_on"), (7, "product"),
    ]  # fmt: skip
    assert (Infusion.objects.count(), Event.objects.count(), report.recorded) == (0, events, 0)
    # The patient's record was read all the same.
    assert AccessEntry.objects.count() == reads + 1


def test_lines_outside_the_terms_are_confirmed_together(cast: Cast, held):
    content = a_file(held, "{a},{m},2026-03-01,Privigen,30,,,,", "{a},{m},2026-03-02,Privigen,200,,,,")
    report = send(cast, content)
    assert [fault.line for fault in report.to_confirm] == [2, 3]
    assert not Infusion.objects.exists()
    assert send(cast, content, confirmed=True).recorded == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "must name the columns"),
        (b"authorization,mrn,date,product,mg\n", "not in grams"),
        (b"authorization,mrn,date,product,grams (mg)\n", "not in grams"),
        (b"authorization,mrn,date,product,grams,price\n", "not known"),
        (b"authorization,mrn,date,product,grams,mrn\n", "stands twice"),
        (b"authorization,mrn,date,product,grams\n", "no infusion"),
        (b"authorization,mrn,date,product,grams\na,b\n", "Line 2 has 2 cells"),
        (b'authorization,mrn,date,product,grams\n"a', "not CSV"),
        (b"\xff\xfe", "UTF-8"),
        (b"authorization,mrn,date,product,grams\nA\x00,b,c,d,e\n", "code 0"),
        (b"x" * 200_001, "larger than 200 kB"),
        (b"authorization;mrn;date;product;grams_g\n" + b"a;b;c;d;e\n" * 201, "at most 200"),
    ],
)
def test_a_file_that_is_none_says_what_is_expected(content, told):
    with pytest.raises(UnreadableFile, match=told):
        read_infusion_file(content)


def test_a_file_of_another_site_s_authorization_is_as_if_there_were_none(cast: Cast, held):
    report = workflow.import_infusions(
        a_file(held, "{a},{m},2026-03-02,Privigen,30,,,,"), site=cast.south, by=cast["sue"], at=LATER, confirmed=False
    )
    assert report.faults[0].text.startswith("No authorization of this number")
    with pytest.raises(workflow.Refused):
        send(cast, b"", by="petra")
