"""What the pages say of grams given: the check, the form, the file, the correction."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import MRN, Cast, a_request
from tests.reviewing.pages import words
from utilization.models import AccessEntry, Infusion
from utilization.rules.lifecycle import Status


@pytest.fixture
def held(cast: Cast):
    """An authorization of 155 g a course that began today."""
    now = datetime.now(ZoneInfo("Europe/Vienna"))
    return a_request(cast, Status.APPROVED, at=now - timedelta(hours=3)).authorization


def ask(browser, site, **changes):
    asked = {"site": site.pk, "mrn": MRN, "product": "Privigen", "grams": "30", **changes}
    return words(browser.post("/authorizations/check/", asked))


@pytest.mark.long
def test_the_check_says_yes_or_no_with_why_and_what_to_do(cast: Cast, seen_by, held):
    fern = seen_by("fern")
    reads = AccessEntry.objects.filter(what="authorization_check")
    assert "Yes: 30 g of Privigen may be given" in ask(fern, cast.north)
    assert list(reads.values_list("patient_id", flat=True)) == [held.patient_id]
    assert "No patient with this MRN" in ask(fern, cast.north, mrn="N-77")
    assert reads.count() == 1
    for grams, told in (("30000 mg", "milligrams"), ("", "Expected grams"), ("166", "A whole course has 155 g")):
        assert told in ask(fern, cast.north, grams=grams)
    cast.a_patient(mrn="N-8", name="Nobody, Noel")
    assert "never given an authorization" in ask(fern, cast.north, mrn="N-8")
    assert "No patient with this MRN" in ask(seen_by("sue"), cast.south)
    # Another patient's number that differs by leading zeros alone: the one to the letter is meant.
    cast.a_patient(mrn="N-001001", name="Nobody, Nora")
    assert "Yes: 30 g of Privigen may be given" in ask(fern, cast.north)
    assert "never given an authorization" in ask(fern, cast.north, mrn="N-001001")


@pytest.mark.long
def test_an_infusion_is_recorded_by_form_confirmed_where_it_must_be_and_corrected(cast: Cast, seen_by, held):
    fern, page = seen_by("fern"), f"/authorizations/{held.request.uid}/"
    given = {"given_on": held.valid_from.isoformat(), "product": "Privigen", "grams": "166"}
    answer = fern.post(f"{page}infusions/", given)
    assert answer.status_code == 422
    assert "More grams on one day" in words(answer)
    assert 'type="checkbox" name="confirmed"' in answer.content.decode()
    assert not Infusion.objects.exists()
    assert fern.post(f"{page}infusions/", {**given, "confirmed": "on"}).status_code == 302
    for who in ("petra", "mira", "audrey"):
        assert "166 g" in words(seen_by(who).get(page))
    row = Infusion.objects.get()
    answer = fern.post(f"/authorizations/infusions/{row.uid}/", {**given, "grams": "16"})
    assert "Write why it is corrected." in words(answer)
    fern.post(f"/authorizations/infusions/{row.uid}/", {**given, "grams": "16", "reason": "Misread."})
    shown = words(fern.get(page))
    assert "16 g" in shown
    assert "Corrected" in shown
    assert fern.post(f"/authorizations/infusions/{row.uid}/", {**given, "reason": "Again."}).status_code == 409


def test_a_file_is_told_line_by_line_and_sent_twice_is_recorded_once(cast: Cast, seen_by, held):
    fern, address = seen_by("fern"), "/authorizations/import/"
    head, day = "authorization,mrn,date,product,grams\n", held.valid_from.isoformat()

    def send(text):
        return fern.post(address, {"site": cast.north.pk, "file": SimpleUploadedFile("i.csv", text.encode())})

    bad = send(f"{head}{held.number},{MRN},{day},Privigen,30 mg\n")
    assert bad.status_code == 422
    assert "This is in milligrams" in words(bad)
    for _ in range(2):
        assert send(f"{head}{held.number},{MRN},{day},Privigen,30\n").status_code == 302
    assert Infusion.objects.count() == 1
    assert "recorded before" in words(fern.get(address))


@pytest.mark.long
def test_the_check_sees_what_was_given_by_another_live_authorization(cast: Cast, seen_by, held):
    fern, now = seen_by("fern"), datetime.now(ZoneInfo("Europe/Vienna"))
    second = a_request(cast, Status.APPROVED, at=now - timedelta(hours=4), indication="mmn").authorization
    said = ask(fern, cast.north, grams="155")
    assert "Yes: 155 g" in said
    assert "Another authorization of this patient is live too" in said
    day = {"given_on": held.valid_from.isoformat(), "product": "Privigen", "grams": "155", "confirmed": "on"}
    assert fern.post(f"/authorizations/{second.request.uid}/infusions/", day).status_code == 302
    assert "No: 155 g" in ask(fern, cast.north, grams="155")
