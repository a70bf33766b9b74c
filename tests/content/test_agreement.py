"""Agreement: every indication is spoken of, every citation exists, and a state is borne out by who speaks."""

import pytest

from tests.content.content_files import COVERED, STATEMENT_COUNTS, Entry, agreement, statement_ids, statements

STATES = {"agree", "differ", "conflict", "one_source", "silent"}


def questions() -> list[Entry]:
    return list(agreement()["questions"])


def speakers(question: Entry) -> dict[str, Entry]:
    return {source: said for source, said in question["sources"].items() if said != "silent"}


def test_the_standing_says_that_no_clinician_has_approved_and_no_site_adopted() -> None:
    standing = agreement()["standing"]
    assert "not a clinician's approval" in standing
    assert "not the policy of any site" in standing


def test_every_covered_indication_has_a_question_and_no_other_has() -> None:
    assert {question["indication"] for question in questions()} == {*COVERED, "all"}


def test_ids_are_given_once() -> None:
    ids = [entry["id"] for entry in [*questions(), *agreement()["reading_rules"]]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("question", questions(), ids=lambda question: question["id"])
def test_a_question_names_all_four_sources_and_cites_each_under_its_own_name(question: Entry) -> None:
    assert set(question) == {"id", "indication", "question", "state", "sources", "resolution", "rests_on"}
    assert list(question["sources"]) == list(STATEMENT_COUNTS)
    for source, said in speakers(question).items():
        assert said["says"].endswith(".")
        assert said["statements"]
        assert {cited.partition("-")[0] for cited in said["statements"]} == {source}
        assert set(said["statements"]) <= statement_ids()


@pytest.mark.parametrize("question", questions(), ids=lambda question: question["id"])
def test_a_resolution_rests_on_statements_that_exist(question: Entry) -> None:
    assert question["resolution"].endswith(".")
    assert question["rests_on"]
    assert set(question["rests_on"]) <= statement_ids()


@pytest.mark.parametrize("question", questions(), ids=lambda question: question["id"])
def test_a_state_is_borne_out_by_who_speaks(question: Entry) -> None:
    assert question["state"] in STATES
    heard = speakers(question)
    if question["state"] in {"agree", "differ", "conflict"}:
        assert len(heard) >= 2
    if question["state"] == "one_source":
        assert heard
        sources = {cited.partition("-")[0] for cited in question["rests_on"]}
        assert sources <= set(heard)


def test_a_question_on_an_indication_cites_statements_about_it() -> None:
    about = {entry["id"]: set(entry["about"]) for entry in statements()}
    for question in questions():
        if question["indication"] == "all":
            continue
        cited = {each for said in speakers(question).values() for each in said["statements"]} or set(
            question["rests_on"]
        )
        wide = {question["indication"], "all", "neuromuscular"}
        assert any(about[each] & wide for each in cited), question["id"]


def test_reading_rules_and_silences_are_whole_and_cite_what_exists() -> None:
    for rule in agreement()["reading_rules"]:
        assert set(rule) == {"id", "title", "text", "rests_on"}
        assert set(rule["rests_on"]) <= statement_ids()
    topics = [entry["topic"] for entry in agreement()["silent_everywhere"]]
    assert len(set(topics)) == len(topics) >= 10
