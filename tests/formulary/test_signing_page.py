"""What whoever signs reads: new indications whole, examples as they came out, the impact, and who may sign."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from tests.cast import AT, present
from tests.formulary.acts import TODAY, a_criteria_draft, a_proposal, a_publication, committee, pack_text
from tests.prescribing.pages import tree
from utilization.models import ImpactPreview
from utilization.models.impact_preview import DONE
from utilization.workflow import formulary

FINDINGS = {
    "judged": 40, "changed": 7, "grams": "560", "unknown": 2, "kinds": {}, "cost": {},
    "by_indication": {"cidp": 30, "mmn": 10}, "ordered": "2501", "without_order": 2,
    "span": {"first": "2024-03-02", "last": "2026-03-01", "days": 730},
    "groups": [{"indication": "cidp", "was": "meets", "becomes": "needs_information", "count": 7, "ordered": "2501",
                "without_order": 2}],
    "open": {"count": 8, "new": 7, "awaiting": 1, "unread": 3,
             "facts": [{"fact": "age_years", "label": "Age", "count": 4}]},
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_that_time(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def page(client, cast, draft):
    client.force_login(cast["frida"])
    response = client.get(reverse("formulary-sign", args=[draft.uid]))
    assert response.status_code == 200
    text = response.content.decode()
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.long
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


@pytest.mark.long
def test_figures_of_another_text_are_not_shown_and_those_of_this_one_are(cast, client):
    proposed = a_proposal(cast)
    assert "No preview has been worked out for this text. Work out the impact" in page(client, cast, proposed)
    kept = ImpactPreview.objects.create(
        draft=proposed, draft_sha256="0" * 64, against_sha256="1" * 64, against="The built-in pack, version 1",
        history="0/2026-03-02", status=DONE, asked_by=cast["forrest"], asked_at=AT, beat_at=AT, ended_at=AT,
        findings=FINDINGS,
    )  # fmt: skip
    shown = page(client, cast, proposed)
    assert "No preview has been worked out for this text: the last one" in shown
    assert "Work out the impact" in shown
    assert "40 requests" not in shown
    ImpactPreview.objects.filter(pk=kept.pk).update(draft_sha256=proposed.pack.sha256)
    shown = page(client, cast, proposed)
    assert "Other criteria are in force by now." in shown
    assert "Work it out again" in shown
    assert "Of 40 requests filed at North Hospital" in shown
    assert "7 of 30" in shown
    assert "For 1 other indication (10 requests) no outcome changes." in shown
    assert "These requests ask for 1 250.5 g a year : 2 501 g in all, over 730 days." in shown
    assert "2 requests without an order in grams are not in it." in shown
    assert "1 lack no fact and await evidence" in shown
    assert "3 older ones were not asked" in shown


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


@pytest.mark.long
def test_what_changed_lies_open_and_what_is_gone_is_folded(cast, client):
    a_publication(cast, version="1", at=AT - timedelta(days=9), day=TODAY - timedelta(days=9))
    more = "".join(
        f"  - {{code: weak_evidence, when: {{age_years: {{at_least: {age}}}}}, says: Weak., local: Ours.}}\n"
        for age in range(30, 45)
    )
    files = pack_text("2", age=21)
    draft = a_criteria_draft(cast, files={**files, "cidp.yaml": files["cidp.yaml"] + "warnings:\n" + more})
    proposed = formulary.propose(
        draft.uid, by=cast["forrest"], at=AT, version=draft.version, presence=present(cast["forrest"], AT),
        effective_from=TODAY, reason="Older, and warned of.",
    )  # fmt: skip
    client.force_login(cast["frida"])
    changes = tree(client.get(reverse("formulary-sign", args=[proposed.uid])))
    lying_open = "".join(changes.xpath("//main//*[not(ancestor::details[not(@open)])]/text()"))
    for age in (18, 21, *range(30, 45)):
        assert f"Age: at least {age} years" in lying_open
    old = reverse("formulary-compare") + "?old=pack.ivig-builtin&new=draft." + str(proposed.uid)
    gone = tree(client.get(old)).xpath("//section[@aria-labelledby='change-ms']//table")
    assert gone
    assert all(table.xpath("ancestor::details[not(@open)]") for table in gone)


def test_each_indication_can_be_read_whole_from_there(cast, client):
    proposed = a_proposal(cast)
    client.force_login(cast["frida"])
    links = tree(client.get(reverse("formulary-sign", args=[proposed.uid]))).xpath(
        "//a[starts-with(., 'Read it whole')]"
    )
    assert [link.get("href") for link in links] == [
        reverse("formulary-indication", args=[f"draft.{proposed.uid}", "cidp"])
    ]
    assert client.get(links[0].get("href")).status_code == 200


@pytest.mark.long
def test_who_may_sign_stands_where_one_proposes_and_where_one_signs(cast, client):
    draft = a_criteria_draft(cast)
    client.force_login(cast["fiona"])
    proposing = tree(client.get(reverse("formulary-propose", args=[draft.uid]))).text_content()
    assert "May sign at North Hospital: Frida Formulary, PharmD." in " ".join(proposing.split()), (
        "neither of the others"
    )
    assert "May sign at North Hospital: Fiona Formulary, PharmD; Frida Formulary, PharmD." in page(
        client, cast, a_proposal(cast)
    ).replace(" ;", ";").replace(" .", ".")
