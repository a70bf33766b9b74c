"""Indications: every covered one has names and codes; a name or a code leads to one place, or says otherwise."""

import re
from collections import defaultdict

import pytest

from tests.content.content_files import CONFIDENCE, COVERED, Entry, indications, key_of, not_covered
from utilization.rules.facts.values import read_facts

ICD10CM = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
MS_COURSES = {"clinically_isolated_syndrome", "relapsing_remitting", "secondary_progressive", "primary_progressive"}


def test_the_covered_indications_are_those_of_the_vocabulary() -> None:
    assert sorted(entry["code"] for entry in indications()) == sorted(COVERED)


def test_codes_of_what_is_not_covered_are_their_own() -> None:
    codes = [entry["code"] for entry in not_covered()]
    assert len(set(codes)) == len(codes)
    assert not set(codes) & set(COVERED)
    assert {"itp", "primary_immunodeficiency", "secondary_immunodeficiency", "kawasaki", "nmo", "mogad"} <= set(codes)


@pytest.mark.parametrize("entry", indications(), ids=lambda entry: entry["code"])
def test_a_covered_indication_can_be_found_and_says_where_the_sources_are_silent(entry: Entry) -> None:
    assert entry["name"]
    assert entry["also_called"]
    assert entry["icd10cm"]
    assert entry["silent_on"]


@pytest.mark.parametrize("entry", [*indications(), *not_covered()], ids=lambda entry: entry["code"])
def test_names_are_given_once_and_codes_are_well_formed(entry: Entry) -> None:
    names = [entry["name"], *entry["also_called"]]
    assert len(set(names)) == len(names)
    for code in entry["icd10cm"]:
        assert ICD10CM.fullmatch(code["code"]), code
        assert code["title"]
        assert code.get("confidence", "high") in CONFIDENCE
    codes = [code["code"] for code in entry["icd10cm"]]
    assert len(set(codes)) == len(codes)


def test_a_name_leads_to_one_indication() -> None:
    found = defaultdict(set)
    for entry in [*indications(), *not_covered()]:
        for name in [entry["name"], entry.get("abbreviation", entry["name"]), *entry["also_called"]]:
            found[key_of(name)].add(entry["code"])
    assert {name: codes for name, codes in found.items() if len(codes) > 1} == {}


def test_a_code_leads_to_one_indication_or_says_with_which_it_is_shared() -> None:
    found = defaultdict(set)
    said = {}
    for entry in [*indications(), *not_covered()]:
        for code in entry["icd10cm"]:
            found[code["code"]].add(entry["code"])
            said[code["code"], entry["code"]] = set(code.get("shared_with", ()))
    for code, owners in found.items():
        for owner in owners:
            assert said[code, owner] == owners - {owner}, code


def test_a_code_with_all_below_it_swallows_no_other_indication() -> None:
    whole = {c["code"]: e["code"] for e in not_covered() for c in e["icd10cm"] if c.get("with_subcodes")}
    for entry in [*indications(), *not_covered()]:
        for code in entry["icd10cm"]:
            owners = {owner for prefix, owner in whole.items() if code["code"].startswith(prefix)}
            assert owners <= {entry["code"]}, code["code"]


def test_what_a_name_or_a_code_settles_is_a_fact_with_a_possible_value() -> None:
    for entry in indications():
        for given in [*entry["icd10cm"], *entry.get("snomed", ()), *entry.get("implies", ())]:
            if "when" in given:
                assert read_facts(given["when"]), given


def test_a_name_that_settles_a_fact_is_among_the_names() -> None:
    for entry in indications():
        assert {given["name"] for given in entry.get("implies", ())} <= set(entry["also_called"]), entry["code"]


def test_every_course_of_ms_has_a_code_and_the_unspecified_ones_settle_none() -> None:
    ms = next(entry for entry in indications() if entry["code"] == "ms")
    courses = {code["code"]: code.get("when", {}).get("ms_course") for code in ms["icd10cm"]}
    assert set(courses.values()) == {*MS_COURSES, None}
    assert {code for code, course in courses.items() if course is None} == {"G35", "G35.D"}
    assert courses["G35.A"] == "relapsing_remitting"
    assert courses["G37.9"] == "clinically_isolated_syndrome"


def test_one_code_for_guillain_barre_and_miller_fisher_settles_neither() -> None:
    for entry in indications():
        for code in entry["icd10cm"]:
            if code["code"] == "G61.0":
                assert "when" not in code


@pytest.mark.parametrize(
    "typed", ["ITP", "primary immunodeficiency", "Kawasaki disease", "CVID", "NMOSD", "MOGAD", "D69.3"]
)
def test_a_search_for_what_no_source_covers_finds_its_entry(typed: str) -> None:
    wanted = key_of(typed)
    hits = [
        entry["code"]
        for entry in not_covered()
        if wanted
        in {
            key_of(name)
            for name in [
                entry["name"],
                entry.get("abbreviation", ""),
                *entry["also_called"],
                *(code["code"] for code in entry["icd10cm"]),
            ]
        }
    ]
    assert len(hits) == 1
