"""What whoever signs reads: new indications whole, examples as they came out, the impact, and who may sign."""

import re
from html import unescape

import pytest
from django.urls import reverse

from tests.cast import AT, present
from tests.formulary.acts import TODAY, a_criteria_draft, a_proposal, committee, pack_text
from utilization.models import ImpactPreview
from utilization.models.impact_preview import DONE
from utilization.workflow import formulary


@pytest.fixture(autouse=True)
def at_that_time(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def page(client, cast, draft):
    client.force_login(cast["frida"])
    response = client.get(reverse("formulary-sign", args=[draft.uid]))
    assert response.status_code == 200
    text = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_a_ceiling_of_a_new_indication_is_read_before_it_is_signed(cast, client):
    files = pack_text()
    files["cidp.yaml"] = files["cidp.yaml"].replace("code: cidp", "code: cidp_of_ours").replace(
        "indication: cidp\n", "indication: cidp_of_ours\n    dose: {ceiling: 20 g/kg}\n"
    ).replace("abbreviation: CIDP", "abbreviation: CIDP\n    icd10cm: [{code: G61.81, title: CIDP}]")  # fmt: skip
    files["examples.yaml"] = files["examples.yaml"].replace("indication: cidp", "indication: cidp_of_ours")
    draft = a_criteria_draft(cast, files=files)
    proposed = formulary.propose(
        draft.uid, by=cast["forrest"], at=AT, version=draft.version, presence=present(cast["forrest"], AT),
        effective_from=TODAY, reason="A policy of ours.",
    )  # fmt: skip
    shown = page(client, cast, proposed)
    assert "Dose: ceiling – 20 g/kg" in shown
    assert "ICD-10-CM codes – G61.81" in shown


def test_the_examples_stand_as_they_came_out(cast, client):
    shown = page(client, cast, a_proposal(cast))
    assert "All 3 worked examples came out as written" in shown
    assert re.search(r"Too young\. Does not meet criteria .*examples\.yaml:3", shown)


def test_the_impact_stands_with_its_denominator_and_says_when_it_is_of_another_text(cast, client):
    proposed = a_proposal(cast)
    assert "Nobody has worked it out" in page(client, cast, proposed)
    ImpactPreview.objects.create(
        draft=proposed, draft_sha256="0" * 64, against_sha256="1" * 64, against="The built-in pack, version 1",
        history="0/2026-03-02", status=DONE, asked_by=cast["forrest"], asked_at=AT, beat_at=AT, ended_at=AT,
        findings={"judged": 40, "changed": 7, "grams": "560", "unknown": 2, "groups": [], "kinds": {}, "cost": {}},
    )  # fmt: skip
    shown = page(client, cast, proposed)
    assert "Of 40 requests filed at North Hospital, 7 would come to another outcome" in shown
    assert "560 g a course together, without 2 requests" in shown
    assert "Worked out for another text" in shown


def test_the_draft_names_who_may_sign_and_leaves_out_who_wrote_or_works_elsewhere(cast, client):
    committee(cast)
    draft = a_criteria_draft(cast)
    assert formulary.who_may_sign(draft) == [cast["fiona"], cast["frida"]]
    client.force_login(cast["forrest"])
    assert "May sign at North Hospital" in client.get(reverse("formulary-draft", args=[draft.uid])).content.decode()
    for name in ("frida", "fiona"):
        draft = formulary.save_file(
            draft.uid, by=cast[name], at=AT, version=draft.version, path=f"{name}.yaml", text="defaults: []\n"
        )
    assert formulary.who_may_sign(draft) == []
    assert "Nobody at North Hospital" in client.get(reverse("formulary-draft", args=[draft.uid])).content.decode()
