"""A denial can be acted on: what would meet each criterion, and a draft that carries all that was typed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import AT, IBM, a_draft, a_request, denied, recommended, submitted
from tests.prescribing.pages import tree, url, words
from utilization import workflow
from utilization.models import Request
from utilization.rules.lifecycle import Status

UNTRIED = {
    **IBM, "clinical_summary": "Proximal weakness since spring.", "emergency": "yes",
    "emergency_reason": "Falls.", "prior_corticosteroids": "not_tried", "prior_immunosuppressant": "not_tried",
    "prior_symptomatic_therapy": "not_tried",
}  # fmt: skip


def a_denial(cast, at=None):
    at = at or timezone.now() - timedelta(days=5)
    draft = a_draft(cast, at=at, indication="lems", answers=UNTRIED)
    advised = recommended(cast, submitted(cast, draft, at=at), at=at, choice="deny")
    return denied(cast, advised, at=at)


@pytest.mark.long
def test_each_unmet_criterion_says_what_meets_it_where_it_is_from_and_offers_the_way(cast, petra):
    request = a_denial(cast)
    page = petra.get(url("request-page", request))
    unmet = request.decisions.last().unmet
    shown = tree(page).xpath("//*[@aria-labelledby='decided']//li[contains(@class, 'finding')]")
    assert len(shown) == len(unmet) > 0
    therapies = next(part for part in shown if "Corticosteroids" in part.text_content())
    told = " ".join(therapies.text_content().split())
    assert "Corticosteroids: failed, not tolerated or contraindicated" in told
    assert "Evidence" in told
    assert therapies.xpath(".//form[contains(@action, '/add-missing/')]/input[@name='field']/@value") == [
        "prior_corticosteroids"
    ]


@pytest.mark.long
def test_adding_what_is_missing_carries_all_that_was_typed_at_the_missing_field(cast, petra):
    request = a_denial(cast)
    address = url("request-add-missing", request)
    went = petra.post(address, {"field": "prior_corticosteroids"})
    draft = Request.objects.get(status=Status.DRAFT)
    assert went.url == url("request-edit", draft) + "#div_id_prior_corticosteroids"
    assert draft.copied_from == request
    kept = {name: value for name, value in request.draft.items() if not name.startswith("emergency")}
    assert draft.draft == kept
    assert {"justification", "clinical_summary", "safety", "prior_corticosteroids"} <= draft.draft.keys()
    form = petra.get(url("request-edit", draft))
    assert f"Denied before: {request.number}" in words(form)
    assert "The course does not fit the criteria." in words(form)
    assert "#div_id_prior_corticosteroids" in tree(form).xpath("//main//a/@href")
    # A second press leads to the same draft, and what is no name of a field leads to none.
    assert petra.post(address, {"field": "//evil"}).url == url("request-edit", draft)


def test_what_was_true_on_its_day_alone_is_asked_again(cast, petra):
    draft = workflow.start_from_denial(a_denial(cast).uid, by=cast["petra"], at=timezone.now())
    made = workflow.read_request(draft, timezone.now())
    stale = set(made.to_confirm)
    catalogue = made.pack.catalogue
    assert stale == {name for name, fact in catalogue.items() if fact.of_its_day and draft.draft.get(name)}


def test_a_colleague_carries_it_on_and_both_have_written_it(cast):
    request = a_denial(cast)
    at = timezone.now()
    draft = workflow.start_from_denial(request.uid, by=cast["paul"], at=at)
    assert {told["by"] for told in draft.entered.values()} == {cast["petra"].pk}
    draft = workflow.save_draft(
        draft.uid, by=cast["paul"], at=at, answers={"prior_corticosteroids": "failed"}, still=draft.draft
    )
    assert draft.entered["prior_corticosteroids"]["by"] == cast["paul"].pk


@pytest.mark.parametrize("status", [Status.PHARMACIST_REVIEW, Status.APPROVED])
def test_only_a_denied_request_has_something_missing(cast, status):
    request = a_request(cast, status)
    with pytest.raises(workflow.Conflict, match="Start a copy"):
        workflow.start_from_denial(request.uid, by=cast["petra"], at=AT + timedelta(days=1))
