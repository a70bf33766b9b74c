"""Judges from outside find no fault in the documents, and do find those that were put in."""

import io

import pikepdf
import pytest

from tests.documents import samples
from tests.documents.judges import needs_jdk, outloud, vera
from tests.documents.payloads import PAYLOADS
from tests.documents.reading import elements
from tests.documents.test_hostile import a_value_full_of
from tests.documents.test_names import NAMES
from utilization.documents import justification
from utilization.documents.justification import page, render, typeset

pytestmark = pytest.mark.judges
IN_ONE_VALUE = 80
# What outloud takes amiss in a payload by its look: an address that is no link, which is the point, and a name that
# reads like prose in the margin, where it is repeated for the eye and left out for the ear.
BY_ITS_LOOK = {"LNK-010", "TAG-002"}


def withdrawn():
    """An approval that was withdrawn, so that its authorization is void and every page is marked."""
    value = samples.cidp_approved()
    value |= {"mark": "Withdrawn", "withdrawal": {"by": "Jonas Weir, NP", "at": samples.at(13, "10:00"), "reason": ""}}
    value["authorization"]["voided"] = samples.at(13, "10:00")
    return value


def bare():
    """A request that no criterion covers: hardly a table has a row, and those that are there have one."""
    value = samples.undecided()
    value |= {"criteria": [], "assumed": [], "statements": [], "warnings": [], "acknowledged_by": None, "order": []}
    value["dose"] = {"summary": "", "lines": value["dose"]["lines"][:1]}
    return value


def of_all_names():
    """A request in which everybody has another name: a patient, and a person for each further script."""
    value = samples.lems_denied()
    value["patient"]["name"], *others = NAMES
    (asked,) = value["exchanges"]
    value["exchanges"] = [asked | {"by": name, "answered_by": name, "text": name} for name in others]
    return value


def hostile(start):
    """A request with every text in it replaced by a payload, from `start` on."""
    value, placed = a_value_full_of([*PAYLOADS[start:], *PAYLOADS[:start]])
    assert len(placed) >= IN_ONE_VALUE
    return value


VALUES = {
    **{sample.__name__: sample() for sample in samples.ALL},
    "withdrawn": withdrawn(),
    "bare": bare(),
    "names": of_all_names(),
    **{f"hostile-{start}": hostile(start) for start in range(0, len(PAYLOADS), IN_ONE_VALUE)},
}


# --- Faults to be found -----------------------------------------------------------------------------------------------


def no_font_file(opened):
    for item in opened.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            del item["/FontFile2"]


def a_script_at_the_start(opened):
    opened.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def no_colour_profile(opened):
    del opened.Root.OutputIntents


def no_word_on_the_attachment(opened):
    for file in opened.Root.AF:
        del file["/AFRelationship"]


def no_language(opened):
    del opened.Root["/Lang"]


def no_title_shown(opened):
    opened.Root.ViewerPreferences.DisplayDocTitle = False


def a_heading_left_out(opened):
    next(element for element in elements(opened) if element.S == "/H2").S = pikepdf.Name.H4


def no_mark_of_tags(opened):
    del opened.Root["/MarkInfo"]


FAULTS = {
    no_font_file: {"PDFA-3A 6.2.11.4.1-1", "PDFUA-1 7.21.4.1-1"},
    a_script_at_the_start: {"PDFA-3A 6.5.1-1"},
    no_colour_profile: {"PDFA-3A 6.2.4.3-2"},
    no_word_on_the_attachment: {"PDFA-3A 6.8-3"},
    no_language: {"PDFUA-1 7.2-33"},
    no_title_shown: {"PDFUA-1 7.1-10"},
    a_heading_left_out: {"PDFUA-1 7.4.2-1"},
    no_mark_of_tags: {"PDFUA-1 6.2-1"},
}


def changed(pdf, change):
    """`pdf` with something changed in it, saved anew."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        change(opened)
        saved = io.BytesIO()
        opened.save(saved)
    return saved.getvalue()


def saved_anew(opened):
    """Change nothing: what saving alone does to a file is no fault."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the documents lie as files, those of `VALUES` and the broken ones."""
    folder = tmp_path_factory.mktemp("judged")
    for name, value in VALUES.items():
        (folder / f"{name}.pdf").write_bytes(render(value))
    sound = (folder / "bare.pdf").read_bytes()
    for change in (saved_anew, *FAULTS):
        (folder / f"{change.__name__}.pdf").write_bytes(changed(sound, change))
    value = bare()
    (folder / "empty_box.pdf").write_bytes(typeset(page(value).replace("Hollis", "ᏣᎳ"), value))
    return folder


@pytest.fixture(scope="module")
def veras(folder):
    """What veraPDF says of every file, in one start of Java."""
    return vera(sorted(folder.glob("*.pdf")))


@needs_jdk
def test_vera_finds_no_fault_in_any_document(veras):
    assert {name: veras[f"{name}.pdf"] for name in VALUES} == {name: set() for name in VALUES}


@needs_jdk
def test_vera_finds_each_fault_that_was_put_in(veras):
    assert veras["saved_anew.pdf"] == set()
    unseen = {change.__name__: veras[f"{change.__name__}.pdf"] for change, clauses in FAULTS.items()
              if not clauses <= veras[f"{change.__name__}.pdf"]}  # fmt: skip
    assert unseen == {}
    assert "PDFA-3A 6.2.11.8-1" in veras["empty_box.pdf"]


def test_outloud_hears_no_fault_in_any_document_and_does_where_there_is_one(folder, monkeypatch):
    monkeypatch.setattr(justification, "finish", lambda document, pdf: None)
    (folder / "unfinished.pdf").write_bytes(render(samples.undecided()))
    names = [*VALUES, "unfinished", "a_heading_left_out"]
    heard = outloud([folder / f"{name}.pdf" for name in names])
    assert {"TBL-002", "PAG-001"} <= heard.pop("unfinished.pdf")
    assert heard.pop("a_heading_left_out.pdf")
    faults = {name: heard[f"{name}.pdf"] - (BY_ITS_LOOK if "hostile" in name else set()) for name in VALUES}
    assert faults == {name: set() for name in VALUES}
