"""Roles that sign by more than a password, where a site says so."""

import json

import pytest

from tests.cast import AT, IBM, Cast, a_request, present
from tests.formulary.acts import a_criteria_draft
from tests.reviewing.pages import words
from tests.workflow.test_one_time_codes import RFC_SECRET, an_app, code_at
from utilization import workflow
from utilization.models import Decision, Event
from utilization.rules.lifecycle import Status

PAGE = "/people/signing/"


def test_an_administrator_says_which_roles(cast: Cast, seen_by):
    adam = seen_by("adam")
    assert adam.post(PAGE, {"site": "north", "role": ["pharmacist", "formulary"]}).status_code == 302
    cast.north.refresh_from_db()
    assert cast.north.strong_roles == ["formulary", "pharmacist"]
    assert adam.get(PAGE).content.decode().count(" checked") == 2
    adam.post(PAGE, {"site": "north", "role": ["formulary", "pharmacist", "pharmacist"]})
    [event] = Event.objects.filter(type="site.signing_rule")
    assert json.loads(bytes(event.body))["data"] == {"before": [], "now": ["formulary", "pharmacist"]}
    for sent in ({"site": "south", "role": "pharmacist"}, {"site": "north", "role": "auditor"}, {"role": "x"}):
        refused = adam.post(PAGE, sent)
        assert (refused.status_code, "Not saved" in words(refused)) == (422, True)
    cast.south.refresh_from_db()
    assert cast.south.strong_roles == []
    with pytest.raises(workflow.Refused):
        workflow.signing_rule.set_strong_roles(cast.south, [], by=cast["adam"], at=AT)


@pytest.mark.long
def test_a_password_alone_signs_nothing_in_such_a_role(cast: Cast):
    fern = cast["fern"]
    an_app(fern, AT)
    patient = cast.a_patient(mrn="N-3003", name="Beatrix Canary")
    other = a_request(cast, Status.PHYSICIAN_REVIEW, indication="ibm", answers=IBM, patient=patient)
    request = a_request(cast, Status.PHARMACIST_REVIEW)
    workflow.signing_rule.set_strong_roles(cast.north, ["pharmacist"], by=cast["adam"], at=AT)
    given = {"by": fern, "version": request.version}
    with pytest.raises(workflow.Invalid, match="who signs as pharmacist uses a passkey"):
        workflow.approve(request.uid, at=AT, presence=present(fern), **given)
    assert not Decision.objects.filter(request=request).exists()
    later = AT.replace(minute=5)
    proved = workflow.one_time_codes.prove_by_code(fern, code_at(RFC_SECRET, later), at=later)
    workflow.approve(request.uid, at=later, presence=proved, **given)
    # The other roles of the site sign as before.
    workflow.deny(
        other.uid,
        by=cast["mira"],
        at=AT,
        version=other.version,
        presence=present(cast["mira"]),
        reason_code="criteria_not_met",
        reason="No benefit is shown.",
    )


@pytest.mark.long
def test_nor_do_signatures_of_the_committee(cast: Cast):
    draft = a_criteria_draft(cast)
    workflow.signing_rule.set_strong_roles(cast.north, ["formulary"], by=cast["adam"], at=AT)
    forrest = cast["forrest"]
    given = {"at": AT, "version": draft.version, "effective_from": AT.date(), "reason": "New."}
    with pytest.raises(workflow.Invalid, match="who signs as"):
        workflow.formulary.propose(draft.uid, by=forrest, presence=present(forrest), **given)
