"""The justification: the same value is the same bytes, all of it is on the page, and the file is what it says."""

import io
import json
import os
import subprocess
import sys
from itertools import pairwise
from xml.etree import ElementTree

import pikepdf
import pytest

from tests.documents import samples
from tests.documents.reading import (
    attachments,
    body_texts,
    elements,
    fonts,
    page_texts,
    squeezed,
    squeezed_text,
    structure,
)
from utilization.documents.justification import render, sha256, value_hash
from utilization.rules.canonical_json import canonical

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PDFA, PDFUA = "{http://www.aiim.org/pdfa/ns/id/}", "{http://www.aiim.org/pdfua/ns/id/}"
DISCLAIMER = "The built-in evidence pack is not a site's adopted policy"

# What a value holds for machines and grouping; a page shows it as a word, a shape or a date in words.
DAYS = {"date_of_birth", "measured_on", "valid_from", "valid_to", "review_by"}
NOT_PRINTED = {"code", "name", "choice", "result", "id", "year"} | DAYS
UNPRINTED = {"format", "judgement", "decided_order", "filed_judgement", "as_at"}


@pytest.fixture(scope="module", params=samples.ALL, ids=lambda sample: sample.__name__)
def printed(request):
    """A sample value and its PDF."""
    value = request.param()
    return value, render(value)


def texts(value, path=()):
    """Every text of `value` that a page must show, with where it stands."""
    if isinstance(value, dict):
        if value.keys() == {"utc", "local", "zone"}:
            return
        for key, item in value.items():
            if key not in UNPRINTED and (*path, key) != ("facts",):
                yield from texts(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, path)
    elif isinstance(value, str) and value and path[-1] not in NOT_PRINTED:
        yield path, value


@pytest.mark.long
def test_every_text_of_the_value_stands_on_a_page(printed):
    value, pdf = printed
    shown = squeezed_text(pdf)
    met = {c["to_meet"] for c in value["criteria"] if c["result"] == "met"}
    missing = [
        (path, text) for path, text in texts(value) if text not in met and squeezed(text).lower() not in shown.lower()
    ]
    assert missing == []


@pytest.mark.long
def test_it_fits_three_pages_that_number_themselves(printed):
    value, pdf = printed
    pages = page_texts(pdf)
    assert 1 <= len(pages) <= 3
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert value["request"]["number"] in text
        assert squeezed(value["patient"]["name"]) in squeezed(text), (
            "a page that is parted from the rest has no patient"
        )


@pytest.mark.long
def test_moments_carry_their_zone_and_days_are_in_words():
    text = squeezed_text(render(samples.cidp_approved()))
    assert squeezed("12 Nov 2026, 14:51 CST") in text
    assert squeezed("Born 2 Mar 1968") in text
    assert "2026-11-12" not in text


@pytest.mark.long
def test_results_are_told_in_words():
    text = squeezed_text(render(samples.lems_denied()))
    assert "NotmetAtleastoneothertherapy" in text
    assert "MetThepatientisanadult" in text
    assert "NotknownAsearchforatumour" in text


@pytest.mark.long
@pytest.mark.parametrize("sample", samples.ALL)
def test_only_what_is_not_decided_is_marked_and_on_every_page(sample):
    marked = ["Draftnotdecided" in squeezed(text).replace(",", "") for text in page_texts(render(sample()))]
    assert marked == [sample is samples.undecided] * len(marked)


@pytest.mark.long
def test_a_withdrawn_approval_keeps_its_decision_and_says_that_it_is_void():
    value = samples.cidp_approved()
    value["mark"] = "Withdrawn"
    value["withdrawal"] = {"by": "Amara Okafor, MD", "at": samples.at(13, "10:00"), "reason": "Moved away."}
    value["authorization"]["voided"] = samples.at(13, "10:00")
    pages = [squeezed(text) for text in page_texts(render(value))]
    assert all("Withdrawn" in page for page in pages)
    assert "Voidsince13Nov2026,10:00CST" in "".join(pages)
    assert "Approved12Nov2026,14:51CST" in "".join(pages)


@pytest.mark.long
def test_a_request_without_a_warning_says_that_there_was_none():
    value = samples.cidp_approved()
    value |= {"warnings": [], "acknowledged_by": None}
    assert "Nowarningisraisedbywhatisknown." in squeezed_text(render(value))


@pytest.mark.long
def test_the_built_in_pack_is_never_passed_off_as_a_policy(printed):
    assert squeezed(DISCLAIMER) in squeezed_text(printed[1])


@pytest.mark.long
def test_an_adopted_pack_is_not_called_built_in():
    value = samples.cidp_approved()
    value["pack"]["builtin"] = False
    assert squeezed(DISCLAIMER) not in squeezed_text(render(value))


# --- The same bytes ---------------------------------------------------------------------------------------------------

PRINT_HASHES = """
import django; django.setup()
from tests.documents import samples
from utilization.documents.justification import render, sha256
for sample in samples.ALL: print(sha256(render(sample())))
"""


def hashes_in_a_process_of_its_own(**environment):
    run = subprocess.run(
        [sys.executable, "-c", PRINT_HASHES],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split()


@pytest.mark.long
def test_the_same_value_is_the_same_bytes_whatever_the_process():
    here = [sha256(render(sample())) for sample in reversed(samples.ALL)]
    one = hashes_in_a_process_of_its_own(PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C")
    other = hashes_in_a_process_of_its_own(PYTHONHASHSEED="4242", TZ="America/Lima", SOURCE_DATE_EPOCH="1000000000")
    assert one == other == here[::-1]


@pytest.mark.long
def test_another_value_is_another_file():
    value = samples.cidp_approved()
    first = render(value)
    value["decision"]["conditions"] += "."
    second = render(value)
    assert first != second
    with pikepdf.open(io.BytesIO(first)) as a, pikepdf.open(io.BytesIO(second)) as b:
        assert bytes(a.trailer.ID[0]) != bytes(b.trailer.ID[0])


# --- What the file declares, held by own checks; judges from outside: test_judges.py --------------------------------


@pytest.mark.long
def test_the_record_and_the_judgement_are_attached_and_say_what_they_are_to_the_page(printed):
    value, pdf = printed
    files = attachments(pdf)
    assert files["justification.json"] == canonical(value)
    assert sha256(files["justification.json"]) == value_hash(value)
    assert value_hash(value) in squeezed_text(pdf)
    assert json.loads(files["judgement.json"])["judgement"] == value["judgement"]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        associated = [(str(file.UF), str(file.AFRelationship)) for file in opened.Root.AF]
    assert associated == [("judgement.json", "/Data"), ("justification.json", "/Source")]


def test_it_declares_both_standards_in_the_one_rdf(printed):
    with pikepdf.open(io.BytesIO(printed[1])) as opened:
        packet = ElementTree.fromstring(opened.Root.Metadata.read_bytes())
        (intent,) = opened.Root.OutputIntents
        assert str(intent.S) == "/GTS_PDFA1"
        assert opened.Root.Lang == "en"
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        assert opened.Root.MarkInfo.Marked
        assert str(opened.docinfo.Title).endswith(printed[0]["request"]["number"])
    (rdf,) = packet
    assert rdf.tag == f"{RDF}RDF"
    attributes = {name: text for description in rdf for name, text in description.attrib.items()}
    assert attributes[f"{PDFA}part"] == "3"
    assert attributes[f"{PDFA}conformance"] == "A"
    assert attributes[f"{PDFUA}part"] == "1"
    assert "pdfuaid" in [element.text for element in rdf.iter("{http://www.aiim.org/pdfa/ns/schema#}prefix")]


def test_every_font_is_a_shipped_one_and_embedded_with_its_letters(printed):
    faces = fonts(printed[1])
    assert faces
    assert all("Letter-" in name for name, _, _ in faces), "a font of the machine would make other bytes elsewhere"
    assert {maps for _, maps, _ in faces} == {True, None}
    assert {embedded for _, _, embedded in faces} == {True, None}


def test_a_screen_reader_finds_headings_in_steps_and_a_header_for_every_cell(printed):
    tree = structure(printed[1])
    levels = [int(tag[2]) for tag, _, _ in tree if tag in ("/H1", "/H2", "/H3")]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    headers = [count for tag, count, _ in tree if tag == "/TD"]
    assert headers
    assert all(headers)
    assert all(described for tag, _, described in tree if tag == "/Figure")


def test_every_header_cell_says_what_it_heads(printed):
    """One in a head heads its column, one in a body its row: `Scope` of ISO 32000-1, table 349."""
    with pikepdf.open(io.BytesIO(printed[1])) as opened:
        headers = [element for element in elements(opened) if element.S == "/TH"]
        wrong = [element for element in headers if element.A.get("/Scope") != scope(element)]
    assert headers
    assert wrong == []


def scope(header):
    return {"/THead": "/Column", "/TBody": "/Row"}[str(header.P.P.S)]


@pytest.mark.long
def test_what_stands_in_the_margins_is_no_part_of_what_is_read(printed):
    value, pdf = printed
    for number, (whole, body) in enumerate(zip(page_texts(pdf), body_texts(pdf), strict=True), start=1):
        assert f"Page {number} of" in whole
        assert "Page" not in body
        assert f"IVIG · {value['request']['number']}" not in body
    assert squeezed(value["patient"]["name"]) in squeezed(body_texts(pdf)[0])


def test_every_piece_of_marked_content_belongs_to_the_tree_or_to_the_margins(printed):
    with pikepdf.open(io.BytesIO(printed[1])) as opened:
        reached = {element.objgen for element in elements(opened)}
        pages = opened.Root.StructTreeRoot.ParentTree.Nums
        owners = [owner for place in range(1, len(pages), 2) for owner in pages[place]]
        assert [owner for owner in owners if owner is not None and owner.objgen not in reached] == []
        assert None in owners
