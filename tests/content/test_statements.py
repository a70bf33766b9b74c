"""Statements: each is there once, names its source and place, and keeps the caution of its sentence."""

import re

import pytest

from tests.content.content_files import COVERED, STATEMENT_COUNTS, Entry, sources, statements

STRENGTHS = {
    "strong", "moderate", "weak", "controlled_trials", "negative_trials", "expert_opinion", "extrapolated",
    "insufficient", "theoretical", "unknown", "policy", "not_graded",
}  # fmt: skip
EFFECTS = {"meets", "does_not_meet", "exception_review", "warning", "info"}

# What a restatement may not lose: the word that limits it, or the people it is about.
CAUTION = {
    "HW-01": r"\bmay\b.*\bmay delay\b",
    "HW-02": r"not appear",
    "HW-03": r"\bcan\b",
    "HW-06": r"^Sometimes.*\bmay\b.*\bsevere\b.*\beither\b",
    "HW-07": r"not known",
    "SO-01": r"\bcould\b",
    "SO-02": r"\bmay\b.*acute relapse",
    "SO-03": r"\bmay\b.*\bnew ones\b",
    "SO-04": r"\bcould\b",
    "SO-06": r"relapse rate and enhancing lesions.*\bseems\b",
    "SO-09": r"^None of the three.*established",
    "SO-10": r"relapsing-remitting.*cannot tolerate.*or are not willing",
    "SO-11": r"secondary progressive",
    "SO-12": r"chronic.*established",
    "AN-05": r"strong.*adults",
    "AN-07": r"children",
    "AN-08": r"assumed.*\bmay\b.*children",
    "AN-10": r"strong.*long-term",
    "AN-13": r"some experts.*\bmight\b",
    "AN-14": r"moderate.*\bcan help\b",
    "AN-18": r"moderate.*\bcan help\b.*moderate or severe",
    "AN-19": r"not enough.*milder",
    "AN-20": r"mild MG",
    "AN-21": r"\brare\b.*\bmay\b",
    "AN-23": r"weak.*\bmay help\b",
    "AN-24": r"\bat times\b",
    "AN-25": r"weak.*\bmay\b.*adults.*not responded",
    "AN-32": r"appear",
    "AN-39": r"rare cases only",
    "AN-45": r"the patient and.*physician",
    "DA-09": r"modest, variable and passing.*not reach statistical significance",
    "DA-10": r"anti-MAG.*modest, variable and passing.*not reach statistical significance",
    "DA-11": r"established",
    "DA-14": r"thymectomy in place of plasma exchange",
    "DA-15": r"not fully established",
    "DA-16": r"not fully established",
    "DA-19": r"\bmay\b",
}


def test_every_statement_of_the_four_sources_is_there_once_and_in_order() -> None:
    wanted = [f"{source}-{n:02d}" for source, count in STATEMENT_COUNTS.items() for n in range(1, count + 1)]
    assert [entry["id"] for entry in statements()] == wanted


def test_a_statement_belongs_to_the_source_of_its_id() -> None:
    assert {entry["id"].partition("-")[0] == entry["source"] for entry in statements()} == {True}
    assert [entry["id"] for entry in sources()] == list(STATEMENT_COUNTS)


@pytest.mark.parametrize("entry", statements(), ids=lambda entry: entry["id"])
def test_a_statement_is_whole(entry: Entry) -> None:
    assert set(entry) - {"note"} == {"id", "source", "says", "where", "strength", "effect", "about"}
    assert entry["strength"] in STRENGTHS
    assert entry["effect"] in EFFECTS
    assert re.fullmatch(r"\S.*[^.\s]\.", entry["says"]), "one sentence or more, ended by a full stop"
    assert not entry["where"].endswith("."), "a place, not a sentence"
    assert entry["about"]
    assert set(entry["about"]) <= {*COVERED, "all", "neuromuscular"}


@pytest.mark.parametrize(("statement", "pattern"), CAUTION.items())
def test_a_restatement_keeps_the_caution_and_the_people_of_its_source(statement: str, pattern: str) -> None:
    says = next(entry["says"] for entry in statements() if entry["id"] == statement)
    assert re.search(pattern, says, re.IGNORECASE), says


def test_only_aan_grades_its_evidence() -> None:
    graded = {entry["source"] for entry in statements() if entry["strength"] in {"strong", "moderate", "weak"}}
    assert graded == {"AN"}


def test_a_grade_is_named_in_the_words_that_carry_it() -> None:
    for entry in statements():
        for grade in ("strong", "moderate", "weak"):
            if f"graded {grade}" in entry["says"]:
                assert entry["strength"] == grade, entry["id"]
        if entry["strength"] in {"strong", "moderate", "weak"}:
            assert f"graded {entry['strength']}" in entry["says"], entry["id"]


def test_missing_evidence_and_mechanisms_never_meet_or_deny() -> None:
    for entry in statements():
        if entry["strength"] in {"insufficient", "theoretical", "unknown", "extrapolated"}:
            assert entry["effect"] in {"exception_review", "warning", "info"}, entry["id"]


def test_only_the_dose_statement_and_the_seven_it_covers_give_a_dose() -> None:
    seven = {"gbs", "cidp", "mmn", "stiff_person", "dermatomyositis", "mg", "lems"}
    with_dose = [entry for entry in statements() if "2 g/kg" in entry["says"]]
    assert {entry["id"] for entry in with_dose} == {f"DA-{n:02d}" for n in range(1, 9)}
    assert {code for entry in with_dose for code in entry["about"]} == seven


def test_a_source_gives_its_bibliography() -> None:
    for entry in sources():
        assert {"id", "short", "authors", "title", "kind", "published", "year"} <= set(entry)
        assert str(entry["year"]) in entry["short"]
