"""Who read what: every read by anyone at the site, found by person, or by patient without an MRN in any address."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import AT, MRN, a_request
from tests.reviewing.pages import words
from utilization import access
from utilization.models import AccessEntry, Membership
from utilization.reports import access_list, log_selection
from utilization.rules.roles import Role
from utilization.web.auditing.log_words import READS

LOG = reverse("audit-access")


def test_reads_of_everybody_are_there_newest_first_and_none_of_another_site(cast, auditor):
    request = a_request(cast)
    a_request(cast, by="sam", patient=cast.a_patient("sam", mrn="S-1"))
    access.fetch_request(cast["fern"], request.uid, what="review", at=AT + timedelta(hours=3))
    page = auditor.get(LOG)
    said = words(page)
    assert "Fern Pharmacist, PharmD request, in review" in said
    assert "Sam Prescriber" not in [read.entry.actor_name for read in page.context["page"].rows]
    moments = [read.entry.at for read in page.context["page"].rows]
    assert moments == sorted(moments, reverse=True)


def test_it_names_no_patient(cast, auditor):
    a_request(cast)
    said = words(auditor.get(LOG))
    assert "Canary" not in said
    assert MRN not in said


def test_it_is_narrowed_to_one_reader(cast, auditor):
    request = a_request(cast)
    access.fetch_request(cast["fern"], request.uid, what="review", at=AT + timedelta(hours=3))
    page = auditor.get(LOG, {"person": cast["fern"].pk})
    assert {read.entry.actor_id for read in page.context["page"].rows} == {cast["fern"].pk}


def test_a_reader_who_is_not_on_the_list_narrows_nothing(cast, auditor):
    a_request(cast)
    for nobody in ("999999", "everybody", ""):
        assert auditor.get(LOG, {"person": nobody}).context["page"].rows


def test_leafing_shows_each_read_once(cast, monkeypatch):
    request = a_request(cast)
    for place in range(7):
        access.fetch_request(cast["fern"], request.uid, what="review", at=AT + timedelta(hours=3, minutes=place // 2))
    monkeypatch.setattr(log_selection, "PAGE", 3)
    seen, after = [], None
    while True:
        page = access_list.reads(cast.north, after=after)
        seen += [read.entry.pk for read in page.rows]
        if (after := page.next) is None:
            break
    assert sorted(seen) == sorted(AccessEntry.objects.values_list("pk", flat=True))
    assert len(seen) == len(set(seen))


def test_a_patient_is_found_by_the_whole_mrn_and_looking_is_a_read_too(cast, auditor):
    request = a_request(cast)
    access.fetch_request(cast["mira"], request.uid, what="list", at=AT + timedelta(hours=3))
    response = auditor.post(LOG, {"mrn": f" {MRN.lower()} "})
    assert response.request["QUERY_STRING"] == ""
    readers = [read.entry.actor_name for read in response.context["reads"]]
    assert readers[0] == "Audrey Auditor", "this very look comes first"
    assert "Mira Physician, MD" in readers
    assert "who read the record (access log)" in words(response)
    assert AccessEntry.objects.first().patient_id == request.patient_id


@pytest.mark.parametrize("typed", ["", "   ", "N-100", "S-1", "%", "N-1001 OR 1=1", "x" * 400])
def test_what_names_no_patient_of_the_site_says_so_and_writes_no_read(cast, auditor, typed):
    a_request(cast)
    cast.a_patient("sam", mrn="S-1")
    before = AccessEntry.objects.count()
    response = auditor.post(LOG, {"mrn": typed})
    assert response.status_code == 422
    assert "Not saved: 1 answer to correct" in words(response)
    assert AccessEntry.objects.count() == before


def test_the_same_mrn_at_two_sites_is_two_patients(cast, seen_by):
    a_request(cast)
    theirs = cast.a_patient("sam", mrn=MRN, name="Somebody Else")
    Membership.objects.create(user=cast["audrey"], site=cast.south, role=Role.AUDITOR, started_at=AT)
    response = seen_by("audrey").post(LOG, {"mrn": MRN, "site": "south"})
    assert response.context["patient"] == theirs


def test_every_kind_of_read_has_its_words(cast, auditor):
    a_request(cast)
    recorded = set(AccessEntry.objects.values_list("what", flat=True))
    assert recorded <= set(READS)
