"""Every table of the manual, run: what it says comes of the facts is what the reader and the judge make of them."""

from pathlib import Path

import pytest

from tests.spec.building import condition_pack, files_of, whole_pack
from utilization import criteria
from utilization.management.spec import AS_OF, chapters
from utilization.rules.facts.values import BadInput, read_facts
from utilization.rules.judging.examples import check_examples
from utilization.rules.judging.judge import judge
from utilization.rules.judging.pack_checks import problems
from utilization.rules.packs.conditions import Reader
from utilization.rules.packs.reader import read_pack
from utilization.rules.yaml_lines import PackError, read_yaml

CHAPTERS = chapters(Path(__file__).parent)
SECTIONS = [
    pytest.param(section, id=f"{chapter.file}: {section.title}") for chapter in CHAPTERS for section in chapter.sections
]
TRUTHS = {"met": True, "not_met": False, "unknown": "unknown"}


def of_kind(name):
    return [param for param in SECTIONS if getattr(param.values[0], name)]


def judged(pack, row):
    facts = read_facts(row.facts, catalogue=pack.catalogue)
    return judge(pack, row.indication, facts, tables=criteria.reference_tables(), as_of=AS_OF)


def in_each_edition(name):
    """The sections of a kind, each in every edition of the language in which it is so."""
    return [
        pytest.param(*param.values, edition, id=f"{param.id}, edition {edition}")
        for param in of_kind(name)
        for edition in param.values[0].editions
    ]


@pytest.mark.parametrize(("section", "edition"), in_each_edition("condition"))
def test_a_condition_gives_what_its_table_says(section, edition):
    pack = condition_pack(section, edition)
    assert section.rows
    for row in section.rows:
        [found] = [one for one in judged(pack, row).findings if one.id == "thing.it"]
        assert TRUTHS[found.result] == row.gives, row


@pytest.mark.parametrize(("section", "edition"), in_each_edition("pack"))
def test_a_pack_gives_what_its_table_says(section, edition):
    pack = whole_pack(section.pack, edition)
    assert problems(pack) == []
    for row in section.rows:
        if "refused" in row.gives:
            with pytest.raises(BadInput) as refused:
                judged(pack, row)
            assert str(refused.value) == row.gives["refused"]
            continue
        result = judged(pack, row)
        whole = result.as_dict()
        allowed = whole.get("authorization", {})
        whole |= {f"authorization_{what}": allowed.get(what) for what in ("months", "courses")}
        whole |= {"duties": [duty["text"] for duty in allowed.get("duties", ())], "awaits": whole.get("awaits", [])}
        whole |= {"panel": "", "priority": "", **whole["route"]}
        whole |= {finding.id: finding.result for finding in result.findings} | (whole["dose"] or {})
        assert {key: whole[key] for key in row.gives} == row.gives, row


@pytest.mark.parametrize(("section", "edition"), in_each_edition("refusals"))
def test_what_is_wrong_is_said_at_its_line(section, edition):
    for refusal in section.refusals:
        assert said(refusal, edition) == refusal.says


def said(refusal, edition):
    try:
        if refusal.kind == "condition":
            Reader(edition=edition).condition(read_yaml(refusal.write, "example.yaml"))
            return "nothing"
        pack = read_pack(files_of(refusal.write, edition))
        return str(problems(pack)[0]) if refusal.kind == "checked" else "nothing"
    except PackError as error:
        return str(error)


@pytest.mark.parametrize("section", of_kind("steps"))
def test_the_steps_lead_from_nothing_to_a_pack_that_holds(section):
    files = {}
    for step in section.steps:
        files = step.taken(files)
        assert checked(files) == step.says, step.text
    assert step.says == ("holds",)


def checked(files):
    try:
        pack = read_pack(files)
    except PackError as error:
        return (str(error),)
    return (*map(str, problems(pack)), *check_examples(pack, criteria.reference_tables(), AS_OF)) or ("holds",)


def test_every_section_is_shown_with_something_that_runs_or_is_drawn():
    shown = ("condition", "pack", "refusals", "steps", "drawn", "text")
    for chapter in CHAPTERS:
        for section in chapter.sections:
            assert any(getattr(section, name) for name in shown), section.title
            assert section.rows or not (section.condition or section.pack), section.title
