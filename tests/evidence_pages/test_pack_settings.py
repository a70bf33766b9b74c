"""What a pack sets beside its criteria is read on the evidence page, in a published version and in a draft."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import AT
from tests.formulary.acts import a_criteria_draft, committee, pack_text
from tests.formulary.test_in_use import publish
from tests.prescribing.pages import tree
from utilization.models import Publication

SOURCE = """\
sources: [{id: SO, short: Order, authors: Ministry, title: An order, kind: policy, published: Gazette, year: 2025}]
statements:
  - {id: SO-1, source: SO, says: Six months at first., where: p. 1, strength: strong, effect: info}
  - {id: SO-2, source: SO, says: A score every quarter., where: p. 2, strength: strong, effect: info}
  - {id: SO-3, source: SO, says: The panel is heard., where: p. 3, strength: strong, effect: info}
"""
SETS = f"""\
{SOURCE}indications:
  - {{code: cidp, name: Chronic inflammatory demyelinating polyneuropathy, abbreviation: CIDP}}
  - {{code: mmn, name: Multifocal motor neuropathy, abbreviation: MMN}}
routes:
  - indications: [cidp]
    outcome: [exception_review, meets]
    when: {{age_years: {{below: 18}}}}
    approvals: [pharmacist, physician]
    panel: Panel of the North
    priority: blue
    clock: 48 hours
    says: Children go to the panel.
    evidence: [SO-3]
  - {{indications: [mmn], clock: expedited, says: Motor nerves do not wait., local: Ours.}}
criteria:
  - indication: cidp
    dose:
      ceiling: 2 g/kg
      target: 1 g/kg
      weight_rule: actual
      rounding: 10 g
      phases:
        - {{says: loading, when: {{request_type: initial}}, ceiling: 3 g/kg}}
        - {{says: maintenance, when: {{request_type: renewal}}, ceiling: 0.8 g/kg, target: 0.4 g/kg}}
    clauses:
      - {{id: adult, says: Old enough., require: {{age_years: {{at_least: 18}}}}, otherwise: needs_information,
         awaits: A birthday., local: Ours.}}
    caps:
      - {{id: first, says: A first approval is short., when: {{request_type: initial}}, at_most: 6 months,
         evidence: [SO-1]}}
      - {{id: always, says: No more than eight doses., at_most: 8 doses, local: Ours.}}
    duties:
      - {{id: score, says: Record the score., after: 3 months, evidence: [SO-2]}}
  - indication: mmn
    clauses:
      - {{id: adult, says: Old enough., require: {{age_years: {{at_least: 18}}}}, otherwise: exception_review,
         local: Ours.}}
"""
EXAMPLES = """\
examples:
  - {indication: cidp, says: Old., facts: {age_years: 18}, expect: {outcome: meets}}
  - {indication: cidp, says: Young., facts: {age_years: 17}, expect: {outcome: needs_information}}
  - {indication: mmn, says: Old., facts: {age_years: 18}, expect: {outcome: meets}}
  - {indication: mmn, says: Young., facts: {age_years: 17}, expect: {outcome: exception_review}}
  - {indication: mmn, says: Not known., facts: {}, expect: {outcome: needs_information}}
"""
FILES = pack_text() | {"cidp.yaml": SETS, "examples.yaml": EXAMPLES}
SAID = {
    "dose": ("2 g/kg", "loading Kind of request: initial 3 g/kg as without a phase",
             "maintenance Kind of request: renewal 0.8 g/kg 0.4 g/kg", "Weight: actual weight",
             "rounded to the nearest 10 g"),
    "approval": ("Allows at most",
                 "A first approval is short. (at most 6 months) Applies where Kind of request: initial",
                 "No more than eight doses. (at most 8 doses)", "Obliges to", "Record the score. (after 3 months)"),
    "route": ("Children go to the panel.", "For a request that comes to Exception review Meets criteria",
              "Approvals pharmacist, then physician", "Heard first Panel of the North", "Priority blue",
              "Clock 48 hours", "Applies where Age: below 18 years"),
    "criteria": ("Evidence that may still come: A birthday.",),
    "statements": ("Six months at first.", "A score every quarter.", "The panel is heard."),
}  # fmt: skip
"""By section of the page of CIDP, what stands in it: written here from the text of the pack above."""


@pytest.fixture
def reader(cast, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(hours=1))
    publish(committee(cast), "forrest", "frida", FILES)
    client = Client()
    client.force_login(cast["forrest"], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def sections(response):
    """The text of each section by the id of its heading."""
    assert response.status_code == 200
    found = {}
    for section in tree(response).xpath("//section[@aria-labelledby]"):
        found[section.get("aria-labelledby")] = " ".join(" ".join(section.itertext()).split())
    return found


def addresses(cast):
    draft = a_criteria_draft(cast, files=FILES, at=AT)
    (published,) = Publication.objects.all()
    keys = (f"version.{published.uid}", f"draft.{draft.uid}")
    return [
        reverse("evidence-page", args=["cidp"]),
        *(reverse("formulary-indication", args=[key, "cidp"]) for key in keys),
    ]


@pytest.mark.long
def test_it_is_read_wherever_an_indication_is_shown(cast, reader):
    for address in addresses(cast):
        found = sections(reader.get(address))
        for section, texts in SAID.items():
            for text in texts:
                assert text in found[section].replace("\u202f", " "), (address, section, text, found[section])
        assert "Motor nerves" not in found["route"]


def test_every_jump_of_it_lands(cast, reader):
    for address in addresses(cast):
        text = reader.get(address).content.decode()
        anchors = re.findall(r'\bid="([^"]+)"', text)
        assert len(anchors) == len(set(anchors))
        jumps = set(re.findall(r'href="#([^"]+)"', text))
        assert {"SO-1", "SO-2", "SO-3", "approval", "route"} <= jumps <= set(anchors)


def test_another_indication_shows_what_is_set_for_it_alone(cast, reader):
    found = sections(reader.get(reverse("evidence-page", args=["mmn"])))
    assert "Motor nerves do not wait." in found["route"]
    assert "Clock expedited clock" in found["route"]
    assert "approval" not in found
    assert "No source gives a dose" in found["dose"]
    assert "Devine" in found["dose"]


def test_an_edition_links_to_itself_and_never_to_the_criteria_in_force(cast, reader):
    draft = addresses(cast)[-1]
    page = tree(reader.get(draft)).xpath("//main//a/@href | //aside//a/@href")
    assert not [link for link in page if link.startswith("/evidence/")]
    version = reader.get(reverse("formulary-version", args=[f"version.{Publication.objects.get().uid}"]))
    links = tree(version).xpath("//section[@aria-labelledby='indications']//a/@href")
    assert [link.rsplit("/", 2)[1] for link in links] == ["cidp", "mmn"]


def test_a_draft_names_its_outcomes_without_walking_through_its_criteria(cast, reader, monkeypatch):
    monkeypatch.setattr("utilization.web.evidence.content.possible_outcomes", None)
    page = tree(reader.get(addresses(cast)[-1]))
    named = page.xpath("//div[@class='page-head']//p[@class='badges']/span")
    assert [" ".join(badge.itertext()).split() for badge in named] == [["Meets", "criteria"], ["Needs", "information"]]
    assert "A draft: no request is judged by it." in page.text_content()


@pytest.mark.long
def test_what_is_not_there_or_does_not_read_is_not_found(cast, reader):
    (published,) = Publication.objects.all()
    broken = a_criteria_draft(cast, files={"pack.yaml": "pack: ["}, at=AT)
    for key, code in ((f"version.{published.uid}", "itp"), (f"draft.{broken.uid}", "cidp"), ("pack.nothing", "cidp")):
        assert reader.get(reverse("formulary-indication", args=[key, code])).status_code == 404
    outsider = Client()
    outsider.force_login(cast["silke"], backend="allauth.account.auth_backends.AuthenticationBackend")
    where = reverse("formulary-indication", args=[f"draft.{a_criteria_draft(cast, files=FILES, at=AT).uid}", "cidp"])
    assert outsider.get(where).status_code == 404


@pytest.mark.long
@pytest.mark.parametrize(("silence", "word"), [
    ("", "Exception review"), ("silence: {outcome: does_not_meet, local: Ours.}\n", "Does not meet criteria"),
])  # fmt: skip
def test_a_use_that_is_not_listed_comes_to_what_the_pack_says(cast, client, monkeypatch, silence, word):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(hours=1))
    more = "not_covered: [{code: itp, name: Immune thrombocytopenia}]\n" + silence
    publish(committee(cast), "forrest", "frida", pack_text() | {"more.yaml": more})
    client.force_login(cast["forrest"], backend="allauth.account.auth_backends.AuthenticationBackend")
    said = sections(client.get(reverse("evidence-page", args=["itp"])))["result"]
    listed = client.get(reverse("evidence-list")).content.decode()
    assert word in said
    assert ("never a denial" in said) == ("silence is never a" in listed) == (not silence)
