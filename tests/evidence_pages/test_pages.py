"""The evidence pages show all of the pack: each criterion, statement, disagreement and silence, one jump apart."""

import html
import re
from collections import Counter

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.reviewing.pages import words
from utilization import criteria
from utilization.models import Membership, Site, User
from utilization.rules import words as page_words
from utilization.rules.judging.judge import possible_outcomes
from utilization.rules.roles import Role
from utilization.web.evidence import content

PACK = criteria.builtin_pack()
LIST, SOURCES = reverse("evidence-list"), reverse("evidence-sources")
COVERED = sorted(PACK.indications)
NOT_COVERED = sorted(PACK.not_covered)


@pytest.fixture
def reader(db):
    """A client signed in with a role that sees no patient."""
    site = Site.objects.create(code="north", name="North Hospital")
    user = User.objects.create(username="forrest", email="forrest@hospital.example", full_name="Forrest Formulary")
    Membership.objects.create(user=user, site=site, role=Role.FORMULARY, started_at=timezone.now())
    client = Client()
    client.force_login(user)
    return client


def page_of(code):
    return reverse("evidence-page", args=[code])


def plain(text):
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " ")).strip()


def ids(response):
    return Counter(re.findall(r'\bid="([^"]+)"', response.content.decode()))


def jumps(response):
    return set(re.findall(r'href="#([^"]+)"', response.content.decode()))


@pytest.mark.parametrize("code", COVERED)
def test_an_indication_shows_each_criterion_with_what_it_rests_on_and_leads_to(reader, code):
    said = words(reader.get(page_of(code)))
    for clause in PACK.indications[code].clauses:
        assert plain(clause.says) in said
        assert plain(clause.to_meet) in said
        assert plain(clause.local) in said
        for statement in clause.evidence:
            assert plain(PACK.statements[statement].says) in said
            assert plain(PACK.statements[statement].where) in said
    for outcome in possible_outcomes(PACK.indications[code]):
        assert page_words.OUTCOMES[outcome].word in said


@pytest.mark.parametrize("code", COVERED)
def test_it_shows_what_sources_say_to_each_question_and_how_it_was_settled(reader, code):
    said = words(reader.get(page_of(code)))
    for question in PACK.agreement["questions"]:
        if question["indication"] in (code, "all"):
            assert plain(question["question"]) in said
            assert plain(question["resolution"]) in said
            for source in question["sources"].values():
                assert source == "silent" or plain(source["says"]) in said
    for silent in (
        *PACK.indications[code].silent_on,
        *(silence["text"] for silence in PACK.agreement["silent_everywhere"]),
    ):
        assert plain(silent) in said


@pytest.mark.parametrize("code", COVERED)
def test_it_shows_examples_codes_names_and_warnings(reader, code):
    said = words(reader.get(page_of(code)))
    indication = PACK.indications[code]
    for example in PACK.examples:
        assert example.indication != code or plain(example.says) in said
    for diagnosis in indication.icd10cm:
        assert diagnosis.code in said
    for name in indication.also_called:
        assert plain(name) in said
    for rule in PACK.warnings:
        assert (rule.indications and code not in rule.indications) or plain(rule.says) in said


@pytest.mark.parametrize("address", [*map(page_of, COVERED), SOURCES])
def test_every_jump_lands_and_no_anchor_stands_twice(reader, address):
    response = reader.get(address)
    ids_here = ids(response)
    assert [name for name, times in ids_here.items() if times > 1] == []
    assert jumps(response) <= set(ids_here)


def test_every_statement_has_its_anchor_among_the_sources(reader):
    response = reader.get(SOURCES)
    assert set(PACK.statements) <= set(ids(response))
    said = words(response)
    for statement in PACK.statements.values():
        assert plain(statement.says) in said
        assert plain(statement.where) in said
    for rule in PACK.agreement["reading_rules"]:
        assert plain(rule["text"]) in said


def test_every_source_is_cited_in_full(reader):
    page = html.unescape(reader.get(SOURCES).content.decode())
    for source in PACK.sources.values():
        for part in (source.short, source.authors, source.title, source.published, str(source.year), source.kind):
            assert part in page
        assert source.more.get("doi", "") in page


@pytest.mark.long
@pytest.mark.parametrize("address", [LIST, SOURCES, page_of("cidp")])
def test_every_page_says_what_this_is_and_is_not(reader, address):
    said = words(reader.get(address))
    assert "careful reading of the sources" in said
    assert "not a clinician's approval" in said
    assert "not the policy of any site" in said


# --- The list -----------------------------------------------------------------------------------------------------


def found(reader, text):
    context = reader.get(LIST, {"q": text}).context
    return [row.code for row in context["covered"]], [row.code for row in context["not_covered"]]


def test_without_a_search_it_lists_all(reader):
    covered, not_covered = found(reader, "")
    assert covered == list(PACK.indications)
    assert not_covered == list(PACK.not_covered)


@pytest.mark.parametrize(
    "text", ["CIDP", "chronic inflammatory demyelinating polyneuropathy", "Lewis-Sumner", "g61.81"]
)
def test_an_indication_is_found_by_name_abbreviation_synonym_and_code(reader, text):
    covered, _ = found(reader, text)
    assert covered[0] == "cidp"


def test_what_no_source_covers_is_found_apart_and_told_to_go_to_a_person(reader):
    assert found(reader, "ITP") == ([], ["itp"])
    said = words(reader.get(page_of("itp")))
    assert "Exception review" in said
    assert "Silence is never a denial" in said


@pytest.mark.parametrize("text", ["zzz", "<script>alert(1)</script>", "'; DROP TABLE", "\u202e", "x" * 5000])
def test_a_search_that_finds_nothing_says_what_happens_to_a_request(reader, text):
    response = reader.get(LIST, {"q": text})
    assert response.status_code == 200
    assert "No indication of that name or code" in words(response)
    assert "exception review" in words(response)
    assert "<script>alert" not in response.content.decode()


def test_states_come_in_the_order_of_what_to_weigh_first():
    row = next(row for row in content.rows(PACK) if row.code == "ms")
    order = list(content.STATES.values())
    assert list(row.states) == sorted(row.states, key=order.index)
    assert content.STATES["conflict"] in row.states


@pytest.mark.parametrize("code", NOT_COVERED)
def test_every_condition_without_evidence_has_its_page(reader, code):
    said = words(reader.get(page_of(code)))
    assert plain(PACK.not_covered[code].name) in said


def test_an_indication_that_nobody_knows_is_not_found(reader):
    assert reader.get(page_of("no-such-thing")).status_code == 404
