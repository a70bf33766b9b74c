"""By which version a request is judged, and that it keeps it: by date, by site, from the first draft to a renewal."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import AT, a_draft, a_request, approved, submitted
from tests.formulary.acts import TODAY, a_proposal, a_publication
from utilization import criteria, workflow
from utilization.models import Authorization
from utilization.reports.prescriber_lists import title_of
from utilization.reports.queue import indications
from utilization.rules.lifecycle import Status

OLDER = 60
"""An age that the patient of the cast, a man of 57, has not reached."""


def days(count):
    return timedelta(days=count)


def test_before_the_first_publication_the_built_in_pack_is_in_force(cast):
    assert criteria.in_force(cast.north, TODAY) is criteria.builtin_pack()
    a_proposal(cast)
    assert criteria.in_force(cast.north, TODAY) is criteria.builtin_pack(), "a proposal judges nobody"


def test_a_version_is_in_force_from_its_day_until_a_later_one_s(cast):
    a_publication(cast, version="2", day=TODAY + days(1))
    a_publication(cast, version="4", day=TODAY + days(9))
    a_publication(cast, version="3", day=TODAY + days(5))
    versions = [criteria.in_force(cast.north, TODAY + days(n)).version for n in range(11)]
    assert versions == ["1.2", "2", "2", "2", "2", "3", "3", "3", "3", "4", "4"]
    assert criteria.in_force(cast.south, TODAY + days(9)) is criteria.builtin_pack(), "another site's is not ours"


@pytest.mark.long
def test_a_draft_and_its_filing_are_judged_by_the_version_of_the_day(cast):
    a_publication(cast, age=OLDER, day=TODAY + days(1))
    draft = a_draft(cast)
    assert workflow.read_request(draft, AT).judgement.outcome == "meets"
    tomorrow = AT + days(1)
    assert workflow.read_request(draft, tomorrow).judgement.outcome == "does_not_meet"
    workflow.save_draft(draft.uid, by=cast["petra"], at=tomorrow, answers={"justification": "All the same."})
    draft.refresh_from_db()
    filed = submitted(cast, draft, at=tomorrow)
    assert (filed.outcome, filed.latest.pack.name, filed.latest.pack.version) == ("does_not_meet", "north-policy", "2")


def test_at_another_site_the_same_day_the_built_in_pack_judges(cast):
    a_publication(cast, age=OLDER)
    southern = cast.a_patient(by="sam", mrn="S-1", name="Berta Southern")
    assert workflow.read_request(a_draft(cast, by="sam", patient=southern), AT).judgement.outcome == "meets"


@pytest.mark.long
def test_a_filed_request_keeps_the_version_that_judged_it_also_when_an_answer_corrects_it(cast):
    request = a_request(cast, Status.INFORMATION_ASKED)
    a_publication(cast, age=OLDER, at=AT + days(1), day=TODAY + days(1))
    answered = workflow.answer(
        request.uid, by=cast["petra"], at=AT + days(2), version=request.version, text="Four days.",
        answers={"course_days": "4"},
    )  # fmt: skip
    first, second = answered.submissions.order_by("ordinal")
    assert (first.pack.sha256, second.pack.sha256) == (criteria.builtin_pack().sha256,) * 2
    assert answered.outcome == "meets"
    assert criteria.judged_again(second) == second.judgement


def test_a_live_authorization_stands_and_its_renewal_is_judged_anew(cast):
    approved_before = approved(cast, a_request(cast), at=AT + timedelta(hours=3))
    before = Authorization.objects.values().get()
    a_publication(cast, age=OLDER, at=AT + days(1), day=TODAY + days(1))
    assert Authorization.objects.values().get() == before
    assert approved_before.latest.judgement["criteria"]["sha256"] == criteria.builtin_pack().sha256
    renewal = a_draft(cast, at=AT + days(1), answers={"request_type": "renewal", "response": "improved"})
    assert workflow.read_request(renewal, AT + days(1)).judgement.outcome == "does_not_meet"


@pytest.mark.long
def test_what_judged_is_judged_again_the_same_after_it_was_superseded(cast):
    a_publication(cast, age=18)
    filed = a_request(cast).latest
    a_publication(cast, version="3", age=OLDER, at=AT + days(1), day=TODAY + days(1))
    assert filed.pack.version == "2"
    assert criteria.judged_again(filed) == filed.judgement


def test_the_evidence_pages_show_the_version_in_force_where_the_reader_works(cast, enter, monkeypatch):
    published = a_publication(cast)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    page = enter("petra").get(reverse("evidence-page", args=["cidp"])).content.decode()
    assert "The patient is old enough." in page
    assert f"signed by {published.signed_name}" in " ".join(page.split())
    listed = enter("petra").get(reverse("evidence-list")).content.decode()
    assert "Multifocal motor neuropathy" not in listed
    assert "Multifocal motor neuropathy" in enter("sam").get(reverse("evidence-list")).content.decode()
    assert enter("petra").get(reverse("evidence-page", args=["mmn"])).status_code == 404
    assert "Policy of North" in enter("petra").get(reverse("evidence-sources")).content.decode()


def test_the_indications_to_choose_from_are_those_in_force(cast, enter, monkeypatch):
    a_publication(cast)
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    page = enter("petra").post(reverse("request-indication", args=[cast.patient.uid]), {"q": "neuropathy"})
    offered = page.content.decode()
    assert 'value="cidp"' in offered
    assert 'value="mmn"' not in offered


@pytest.fixture
def rare(cast, monkeypatch):
    """A published indication that the built-in pack does not know."""
    from tests.formulary import acts

    text = acts.pack_text()
    named = {path: one.replace("cidp", "rare_thing") for path, one in text.items() if path != "cidp.yaml"}
    named["cidp.yaml"] = (
        text["cidp.yaml"].replace("cidp", "rare_thing")
        .replace("Chronic inflammatory demyelinating polyneuropathy", "A rare thing").replace("CIDP", "RT")
    )  # fmt: skip
    monkeypatch.setattr(acts, "pack_text", lambda *args, **kwargs: named)
    return a_publication(cast)


@pytest.mark.long
def test_lists_call_an_indication_what_a_published_version_calls_it(cast, rare):
    assert title_of("rare_thing") == "A rare thing (RT)"
    assert title_of("cidp") == criteria.builtin_pack().indications["cidp"].title
    assert title_of("nothing_known") == "Nothing known"
    names = {one.code: one.name for one in indications([cast.north])}
    assert names["rare_thing"] == "A rare thing"
    assert "rare_thing" not in {one.code for one in indications([cast.south])}
