"""What a site's criteria set beside conditions: approval, duties, awaited evidence, route and warnings of their own."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import AT, MRN, a_request, stated_again
from tests.documents.reading import squeezed, squeezed_text
from tests.formulary.acts import pack_text
from tests.formulary.test_in_use import publish
from tests.prescribing.pages import fields, tree, url, words
from utilization import workflow
from utilization.models import Request
from utilization.rules.lifecycle import Status
from utilization.workflow import asked_order

SETS = """\
indications:
  - {code: cidp, name: Chronic inflammatory demyelinating polyneuropathy, abbreviation: CIDP}
facts:
  - name: nerve_biopsy
    type: choice
    label: Nerve biopsy
    group: Neurology
    choices: {done: done, awaited: result awaited}
warnings:
  - code: haemolysis_risk
    title: Risk of haemolysis
    when: {dose: {at_least: 2 g/kg, per: course}}
    says: Check haemoglobin within 10 days.
    local: Test.
  - code: trial_course
    title: A trial
    when: {dose: {at_least: 1 g/kg, per: course}}
    says: The response to the first course decides on the next.
    acknowledge: false
    local: Test.
routes:
  - indications: [cidp]
    outcome: [meets]
    approvals: [pharmacist, physician]
    panel: Regional panel of the North
    priority: blue
    clock: 48 hours
    says: The panel sees every request.
    local: Test.
criteria:
  - indication: cidp
    clauses:
      - id: biopsy
        says: The nerve biopsy is there.
        require: {nerve_biopsy: done}
        otherwise: needs_information
        awaits: The result of the nerve biopsy.
        local: Test.
    caps:
      - {id: trial, says: A first approval is for 2 courses., at_most: 2 courses, local: Test.}
    duties:
      - {id: outcome, says: Record the disability score at 3 months., after: 3 months, local: Test.}
"""
EXAMPLES = """\
examples:
  - {indication: cidp, says: There., facts: {nerve_biopsy: done}, expect: {outcome: meets}}
  - {indication: cidp, says: Not yet., facts: {nerve_biopsy: awaited}, expect: {outcome: needs_information}}
"""
DUTY = "Record the disability score at 3 months."
WARNED = "Check haemoglobin within 10 days."


@pytest.fixture
def visit(cast, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(hours=1))
    publish(cast, "forrest", "frida", pack_text() | {"cidp.yaml": SETS, "examples.yaml": EXAMPLES})

    def sign_in(username):
        client = Client()
        client.force_login(cast[username], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


def file(cast, visit, **answers):
    """A request, filed on the pages with every box ticked."""
    draft = workflow.start_draft(by=cast["petra"], at=AT, patient_uid=cast.patient.uid, indication="cidp")
    petra = visit("petra")
    typed = {"dose": "2", "dose_unit": "dose_total_g_per_kg", "course_days": "5", "interval_weeks": "4"}
    sent = fields(petra.get(url("request-edit", draft)), "edit") | typed | {"safety": ["none_of_these"]} | answers
    petra.post(url("request-edit", draft), sent)
    draft.refresh_from_db()
    again = {f"{name}_again": text for name, text in stated_again(draft).items()}
    page = petra.post(url("request-submit", draft), {"stated": "yes", "mrn": MRN, **again})
    ticks = {name: tree(page).xpath(f"//input[@name='{name}']/@value") for name in ("acknowledged", "confirmed")}
    petra.post(url("request-submit", draft), fields(page) | ticks | again | {"mrn": MRN, "attested": "on"})
    found = Request.objects.get(pk=draft.pk)
    assert found.status == Status.PHARMACIST_REVIEW, words(page)
    return found, page


@pytest.mark.long
def test_it_is_shown_at_signing_and_to_the_reviewer_and_printed(cast, visit):
    filed, signing = file(cast, visit, nerve_biopsy="done")
    offered = tree(signing).xpath("//input[@name='acknowledged']/@value")
    assert "haemolysis_risk" in offered
    assert "trial_course" not in offered, "it only tells"
    assert filed.latest.acknowledged == offered
    case = visit("fern").get(url("review-case", filed))
    for page in (words(signing), words(case)):
        for expected in (
            DUTY, "At most 2 courses", "A first approval is for 2 courses.", "Regional panel of the North", "blue",
            "Risk of haemolysis", WARNED, "A trial",
        ):  # fmt: skip
            assert expected in page, expected
    said = squeezed_text(visit("audrey").get(reverse("justification", args=[filed.uid])).content)
    for expected in (
        DUTY, "A first approval is for 2 courses.", "Heard first: Regional panel of the North", "Priority: blue",
        f"Risk of haemolysis. {WARNED}", "Standard clock of 48 hours",
    ):  # fmt: skip
        assert squeezed(expected) in said, expected


@pytest.mark.long
def test_its_clock_and_approvals_are_those_of_the_request(cast, visit):
    filed, _ = file(cast, visit, nerve_biopsy="done")
    assert filed.due_at - filed.submitted_at == timedelta(hours=48)
    assert filed.latest.judgement["route"]["approvals"] == ["pharmacist", "physician"]


@pytest.mark.long
def test_the_form_of_the_approval_starts_from_it(cast, visit):
    filed, _ = file(cast, visit, nerve_biopsy="done")
    assert asked_order(filed.latest).courses == 2, "of 6 months every 4 weeks"
    fern = visit("fern")
    fern.post(reverse("review-claim", args=[filed.uid]), {"version": filed.version})
    page = tree(fern.get(url("review-case", filed)))
    assert {text.strip() for text in page.xpath("//textarea[@name='conditions']/text()")} == {DUTY}


@pytest.mark.long
def test_evidence_that_may_still_come_keeps_it_open_and_is_named(cast, visit):
    filed, signing = file(cast, visit, nerve_biopsy="awaited")
    judgement = filed.latest.judgement
    assert (judgement["outcome"], judgement["questions"]) == ("needs_information", [])
    said = squeezed_text(visit("audrey").get(reverse("justification", args=[filed.uid])).content)
    case = words(visit("fern").get(url("review-case", filed)))
    for page in (words(signing), case):
        assert "The result of the nerve biopsy." in page
    assert squeezed("The result of the nerve biopsy.") in said


def test_criteria_that_set_none_of_it_leave_the_record_as_it_was(cast):
    filed = a_request(cast)
    assert not {"awaits", "own_warnings"} & filed.latest.judgement.keys()
    assert not {"panel", "priority"} & filed.latest.judgement["route"].keys()
