"""A site's own criteria at work: facts that no vocabulary knows, typed, judged, asked about, printed and audited."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import AT, MRN, a_draft, present, stated_again, submitted
from tests.documents.reading import squeezed, squeezed_text
from tests.formulary.acts import TODAY, a_criteria_draft, pack_text
from tests.prescribing.pages import fields, tree, url, words
from tests.reviewing.pages import day_to_answer
from utilization import criteria, workflow
from utilization.models import Membership, Request
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role
from utilization.workflow import formulary

pytestmark = pytest.mark.long

FACTS = """\
facts:
  - {name: tried_at_home, type: bool, label: Tried at home, group: Neurology}
  - {name: grip, type: choice, label: Grip strength, group: Neurology, choices: {weak: weak, firm: firm as before}}
  - {name: falls, type: int, label: Falls in a month, group: Neurology, possible: [0, 99]}
  - {name: onset_seen, type: date, label: First seen by a neurologist, group: Neurology}
"""
CLAUSES = """\
indications:
  - {code: cidp, name: Chronic inflammatory demyelinating polyneuropathy, abbreviation: CIDP}
criteria:
  - indication: cidp
    otherwise: exception_review
    clauses:
      - {id: home, says: It was tried at home., require: {tried_at_home: true}, local: Test.}
      - {id: grip, says: The grip is weak., require: {grip: weak}, local: Test.}
      - {id: falls, says: There were falls., require: {falls: {at_least: 2}}, local: Test.}
      - {id: seen, says: Seen within a year., require: {onset_seen: {within: 12 months}}, local: Test.}
      - {id: scores, says: At most one score., require: {disability_assessments: {at_most: 1}}, local: Test.}
      - {id: infections, says: There was no infection., require: {infections: {at_most: 0}}, local: Test.}
"""
EXAMPLES = """\
examples:
  - indication: cidp
    says: All of it.
    as_of: 2026-03-02
    facts:
      {tried_at_home: true, grip: weak, falls: 2, onset_seen: 2026-01-05, disability_assessments: [], infections: []}
    expect: {outcome: meets}
  - {indication: cidp, says: Not at home., facts: {tried_at_home: false}, expect: {outcome: exception_review}}
  - {indication: cidp, says: Nothing known., facts: {}, expect: {outcome: needs_information}}
"""
ANSWERS = {
    "tried_at_home": "yes", "grip": "weak", "falls": "3", "onset_seen": "2026-01-05", "disability_assessments": "none",
    "infections": "None", "dose": "2", "dose_unit": "dose_total_g_per_kg", "course_days": "5", "interval_weeks": "4",
    "safety": ["none_of_these"],
}  # fmt: skip


def publish(cast, by, second, files, at=AT, day=TODAY):
    draft = a_criteria_draft(cast, files=files, by=by, at=at)
    proposed = formulary.propose(
        draft.uid,
        by=cast[by],
        at=at,
        version=draft.version,
        presence=present(cast[by], at),
        effective_from=day,
        reason="Ours.",
    )
    return formulary.sign(
        proposed.uid, by=cast[second], at=at, version=proposed.version, presence=present(cast[second], at)
    )


class Fresh(Client):
    """A browser each of whose requests is answered by a process that has just begun, and has read no criteria yet."""

    def request(self, **request):
        criteria.files._READ.clear()
        criteria.builtin_pack.cache_clear()
        return super().request(**request)


@pytest.fixture
def visit(cast, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(hours=1))
    north = pack_text() | {"facts.yaml": FACTS, "cidp.yaml": CLAUSES, "examples.yaml": EXAMPLES}
    publish(cast, "forrest", "frida", north)
    # South means something else by the same names, and publishes later.
    south = {name: text.replace("Grip strength", "Brand of grip").replace("firm as before", "Firm Ltd")
             .replace("north-policy", "south-policy") for name, text in north.items()}  # fmt: skip
    publish(cast, "silke", "sylvia", south, at=AT + timedelta(minutes=1))

    def sign_in(username):
        client = Fresh()
        client.force_login(cast[username], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


@pytest.fixture
def draft(cast, visit):
    return workflow.start_draft(by=cast["petra"], at=AT, patient_uid=cast.patient.uid, indication="cidp")


@pytest.fixture
def filed(cast, visit, draft):
    petra = visit("petra")
    page = petra.get(url("request-edit", draft))
    petra.post(url("request-edit", draft), fields(page, "edit") | ANSWERS)
    draft.refresh_from_db()
    again = {f"{name}_again": text for name, text in stated_again(draft).items()}
    page = petra.post(url("request-submit", draft), {"stated": "yes", "mrn": MRN, **again})
    ticks = {name: tree(page).xpath(f"//input[@name='{name}']/@value") for name in ("acknowledged", "confirmed")}
    petra.post(url("request-submit", draft), fields(page) | ticks | again | {"mrn": MRN, "attested": "on"})
    found = Request.objects.get(pk=draft.pk)
    assert found.status == Status.PHARMACIST_REVIEW, words(page)
    return found


def test_what_is_typed_into_its_fields_is_kept_and_judged(draft, visit):
    petra = visit("petra")
    sent = fields(petra.get(url("request-edit", draft)), "edit") | ANSWERS
    page = petra.post(url("request-check", draft), sent, HTTP_HX_REQUEST="true")
    assert "Meets criteria" in page.content.decode()
    draft.refresh_from_db()
    for name in ("tried_at_home", "grip", "falls", "onset_seen", "disability_assessments", "infections"):
        assert draft.draft[name] == ANSWERS[name], name


def test_it_is_filed_with_what_no_vocabulary_knows(filed):
    assert filed.latest.judgement["outcome"] == "meets"
    assert filed.latest.facts.items() >= {
        "tried_at_home": True, "grip": "weak", "falls": 3, "onset_seen": "2026-01-05", "disability_assessments": [],
        "infections": [],
    }.items()  # fmt: skip


@pytest.mark.parametrize(("who", "address"), [
    ("petra", "request-page"), ("fern", "review-case"), ("audrey", "audit-request"),
])  # fmt: skip
def test_every_page_about_it_says_its_facts_as_its_own_site_does(filed, visit, who, address):
    said = words(visit(who).get(url(address, filed)))
    for expected in ("Tried at home", "Grip strength", "Falls in a month", "First seen by a neurologist"):
        assert expected in said
    assert "Brand of grip" not in said


def test_it_is_judged_again_to_the_same(filed, visit):
    assert "the same" in words(visit("audrey").get(url("audit-rejudge", filed)))


def test_a_reviewer_asks_for_such_a_fact_and_the_prescriber_corrects_it(filed, visit):
    fern, petra = visit("fern"), visit("petra")
    fern.post(reverse("review-claim", args=[filed.uid]), {"version": filed.version})
    filed.refresh_from_db()
    sent = {"version": filed.version, "facts": ["grip"], "text": "Which hand?", "wanted_by": day_to_answer()}
    assert fern.post(reverse("review-ask", args=[filed.uid]), sent).status_code == 302
    page = petra.get(url("request-answer", filed))
    assert "About: Grip strength" in words(page)
    ids = tree(page).xpath("//@id")
    assert len(ids) == len(set(ids)), "nothing is shown twice"
    sent = fields(page, "answer") | {"grip": "firm", "text": "The right one, and it is firm."}
    answered = petra.post(url("request-answer", filed), sent)
    assert answered.status_code == 302, words(answered)
    filed.refresh_from_db()
    assert (filed.latest.facts["grip"], filed.latest.judgement["outcome"]) == ("firm", "exception_review")
    case = words(fern.get(url("review-case", filed)))
    assert "Grip strength: weak → now firm as before" in case


def test_the_justification_prints_them(filed, visit):
    said = squeezed_text(visit("audrey").get(reverse("justification", args=[filed.uid])).content)
    for expected in ("Grip strength", "weak", "Falls in a month", "none"):
        assert squeezed(expected) in said
    assert "Brandofgrip" not in said


TYPED = {name: text for name, text in ANSWERS.items() if not name.startswith("dose")} | {"dose_total_g_per_kg": "2"}
LABELS = {"north": "Grip strength", "south": "Brand of grip"}


@pytest.fixture(params=[("north", "south"), ("south", "north")], ids=" before ".join)
def both(request, cast, visit):
    """A request that waits for an answer at each site, by site, in a process that read their criteria in this order;
    Fern reviews and Audrey audits at both."""
    for who, role in (("fern", Role.PHARMACIST), ("audrey", Role.AUDITOR)):
        Membership.objects.create(user=cast[who], site=cast.south, role=role, started_at=AT - timedelta(days=9))
    southern = cast.a_patient(by="sam", mrn="S-1", name="Berta Southern")
    waiting = {}
    for site, by, patient in (("north", "petra", None), ("south", "sam", southern)):
        found = submitted(cast, a_draft(cast, by=by, patient=patient, answers=TYPED))
        text = "Which hand?"
        waiting[site] = workflow.ask(
            found.uid, by=cast["fern"], at=AT, version=found.version, facts=["grip"], text=text
        )
    criteria.files._READ.clear()
    for site in request.param:
        criteria.in_force(getattr(cast, site), TODAY)
    return waiting


def page_of(cast, who, address, *given):
    client = Client()
    client.force_login(cast[who], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(reverse(address, args=given))


def said_alone(site, said):
    """Whether `said` names the fact as `site` does, and not as the other one."""
    [other] = LABELS.keys() - {site}
    return LABELS[site] in said and LABELS[other] not in said


@pytest.mark.parametrize("address", ["request-page", "request-answer", "review-case", "audit-request"])
def test_two_sites_that_mean_two_facts_by_one_name_each_say_their_own(cast, both, address):
    for site, found in both.items():
        who = {"review-case": "fern", "audit-request": "audrey"}.get(address, found.author.username)
        assert said_alone(site, words(page_of(cast, who, address, found.uid))), site


def test_each_document_prints_the_label_of_its_own_site(cast, both):
    for site, found in both.items():
        said = squeezed_text(page_of(cast, "audrey", "justification", found.uid).content)
        [other] = LABELS.keys() - {site}
        assert squeezed(LABELS[site]) in said
        assert squeezed(LABELS[other]) not in said


def test_a_list_of_several_sites_says_each_fact_as_its_own_site_does(cast, both):
    client = Client()
    client.force_login(cast["fern"], backend="allauth.account.auth_backends.AuthenticationBackend")
    rows = tree(client.get(reverse("review-queue"), {"show": "waiting"})).xpath("//tbody/tr")
    told = {site: [row.text_content() for row in rows if found.number in row.text_content()]
            for site, found in both.items()}  # fmt: skip
    for site, [row] in told.items():
        assert said_alone(site, row), site


def test_a_draft_shows_an_auditor_the_labels_of_its_own_site(cast, both):
    for site, found in both.items():
        draft = a_draft(cast, by=found.author.username, patient=found.patient, answers=TYPED)
        assert said_alone(site, words(page_of(cast, "audrey", "audit-request", draft.uid))), site


def test_neither_list_nor_csv_of_an_audit_says_a_label_of_the_other_site(cast, both):
    for site in both:
        client = Client()
        client.force_login(cast["audrey"], backend="allauth.account.auth_backends.AuthenticationBackend")
        for name in ("audit-list", "audit-csv"):
            answered = client.get(reverse(name), {"site": site})
            said = b"".join(answered).decode()
            assert both[site].number in said
            [other] = LABELS.keys() - {site}
            assert LABELS[other] not in said, (site, name)


def test_a_fact_that_the_next_version_drops_does_not_stand_in_the_way_of_a_draft(cast, visit, draft, monkeypatch):
    petra = visit("petra")
    petra.post(url("request-edit", draft), fields(petra.get(url("request-edit", draft)), "edit") | ANSWERS)
    publish(cast, "forrest", "frida", pack_text("3"), day=TODAY + timedelta(days=1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT + timedelta(days=1))
    petra = visit("petra")
    page = petra.get(url("request-edit", draft))
    # A day later what was true on its day is asked again, but nothing that the new version dropped.
    still = tree(page).xpath("//input[@name='still']/@value")
    assert set(still) == {"disability_assessments"}
    petra.post(url("request-edit", draft), fields(page, "edit") | {"still": still})
    draft.refresh_from_db()
    again = {f"{name}_again": text for name, text in stated_again(draft, AT + timedelta(days=1)).items()}
    page = petra.post(url("request-submit", draft), {"stated": "yes", "mrn": MRN, **again})
    ticks = {name: tree(page).xpath(f"//input[@name='{name}']/@value") for name in ("acknowledged", "confirmed")}
    answered = petra.post(url("request-submit", draft), fields(page) | ticks | again | {"mrn": MRN, "attested": "on"})
    assert answered.status_code == 302, words(answered)
    draft.refresh_from_db()
    assert "tried_at_home" not in draft.latest.facts
