"""Any name is printed, in shipped fonts alone; what none of them has is shown by its code, and the record keeps it."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from functools import cache

import pytest

from tests.documents import samples
from tests.documents.reading import attachments, body_texts, empty_boxes, fonts, page_texts, spelled, squeezed
from tests.examples import share
from utilization.documents.fonts import LATIN, OTHERS, STACKED, behind_sans, width
from utilization.documents.justification import page, render, sha256, typeset
from utilization.documents.page_text import marked_up, printable, shortened

# Names as people of each script write them, with the face that draws them.
NAMES = {
    "Müller-Lüdenscheidt, Łukasz Ångström": "",
    "Nguyễn Thị Ngọc Ánh": "",
    "Παπαδοπούλου, Ελένη": "",
    "Щербакова, Жанна Юрьевна": "",
    "Adébáyọ̀ Ṣẹ́gun": "Latin",
    "Ng̃uy q̃x̌": "Latin",
    "כהן, אברהם": "Hebrew",
    "محمد عبد الرحمن الخطيب": "Arabic",
    "پروین گنجه\u200cای": "Arabic",
    "Հովհաննիսյան Արմեն": "Armenian",
    "გიორგი მაისურაძე": "Georgian",
    "श्रीनिवास कृष्णमूर्ति": "Devanagari",
    "শ্রীকৃষ্ণ চট্টোপাধ্যায়": "Bengali",
    "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ": "Gurmukhi",
    "શ્રીમતી હેતલ પટેલ": "Gujarati",
    "ଶ୍ରୀ ଜଗନ୍ନାଥ": "Oriya",
    "கிருஷ்ணமூர்த்தி": "Tamil",
    "శ్రీనివాసరావు": "Telugu",
    "ಶ್ರೀನಿವಾಸ ಮೂರ್ತಿ": "Kannada",
    "ശ്രീകൃഷ്ണൻ നായർ": "Malayalam",
    "ශ්\u200dරී විජේසිංහ": "Sinhala",
    "สมชาย ศรีสุวรรณ": "Thai",
    "ສົມຊາຍ ວົງສາ": "Lao",
    "အောင်ဆန်းစုကြည်": "Myanmar",
    "សុខា ចាន់ថា": "Khmer",
    "አበበ ቢቂላ": "Ethiopic",
    "王小明 歐陽靖雯": "Han",
    "髙橋 さくら ｶﾅ": "Han",
    "김민준 박서연": "Han",
    "Sam 😀 👨\u200d👩\u200d👧 ❤\ufe0f": "Emoji",
}
SPELLED_OUT = {face.family for face in (LATIN, *STACKED)}
RIGHT_TO_LEFT = [name for name, face in NAMES.items() if face in ("Hebrew", "Arabic")]


def named(name):
    """A decided request of a patient called `name`, whose decision a person of the same name signed."""
    value = samples.cidp_approved()
    value["patient"]["name"] = name
    value["decision"]["by"] = name
    return value


@cache
def printed(name):
    """The document of `named(name)`."""
    return render(named(name))


@pytest.mark.long
@pytest.mark.parametrize("name", [*NAMES][:: share(in_ci=1, elsewhere=3)])
def test_a_name_of_any_script_is_printed_in_shipped_fonts_and_kept_as_typed(name):
    pdf = printed(name)
    assert empty_boxes(pdf) == 0
    used = {font.split("+")[1] for font, _, _ in fonts(pdf)}
    assert all(font.startswith("Letter-") for font in used), "a font of the machine would make other bytes elsewhere"
    others = {font.removeprefix("Letter-").removesuffix("-Semi-Bold") for font in used} - {"Sans", "Serif"}
    assert others == ({NAMES[name]} if NAMES[name] else set())
    assert {embedded for _, _, embedded in fonts(pdf)} == {True, None}
    assert json.loads(attachments(pdf)["justification.json"])["patient"]["name"] == name
    text = "".join(body_texts(pdf)) + "".join(spelled(pdf))
    assert [word for word in name.split() if legible(word) not in legible(text)] == []


def legible(text):
    """`text` in one spelling, without what is no letter: space, joiners, the choice of an emoji's form."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c not in "\u200c\u200d\ufe0f")


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, face in NAMES.items() if f"Letter {face}" in SPELLED_OUT])
def test_a_name_whose_glyphs_do_not_say_what_they_read_is_spelled_out(name):
    assert legible("".join(spelled(printed(name)))).count(legible(name)) == 3, "the patient, and the signer twice"


@pytest.mark.long
def test_an_empty_box_would_be_seen():
    """The control: a letter that no shipped font has, past the check that replaces it."""
    value = named("Hollis")
    assert empty_boxes(typeset(page(value).replace(">Hollis<", ">ᏣᎳ<"), value)) > 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ᏣᎳᎩ", "[U+13E3][U+13B3][U+13A9]"),
        ("ᐃᓄᒃ", "[U+1403][U+14C4][U+1483]"),
        ("བོད", "[U+0F56][U+0F7C][U+0F51]"),
        ("ⵣ\U00012000", "[U+2D63][U+12000]"),
        ("Abel\u202e 30 \u2066kg\u2069", "Abel[U+202E]30[U+2066]kg[U+2069]"),
        ("A\u200bb\u200dc\u00add\ufeff", "A[U+200B]b[U+200D]c[U+00AD]d[U+FEFF]"),
        ("Kim\u3164\u115f\u2800", "Kim[U+3164][U+115F][U+2800]"),
        ("1\ufe0f\u20e3", "1[U+FE0F]"),
        ("A\u034fb\ufe00c\U000e0041", "A[U+034F]b[U+FE00]c[U+E0041]"),
        ("tail\u200d", "tail[U+200D]"),
        ("\u200cfront", "[U+200C]front"),
        ("\ufffe\U0001ffff", "[U+FFFE][U+1FFFF]"),
    ],
)
def test_what_no_font_draws_is_shown_by_its_code(name, shown):
    pdf = printed(name)
    assert shown in squeezed(page_texts(pdf)[0])
    assert empty_boxes(pdf) == 0
    assert json.loads(attachments(pdf)["justification.json"])["patient"]["name"] == name


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["W" * 120, "Wolfeschlegelsteinhausenbergerdorff" * 3 + "x" * 15, "王" * 120, "ab " * 40]
)
def test_the_longest_name_is_whole_on_the_page(name):
    pages = page_texts(printed(name))
    assert squeezed(name) in squeezed(pages[0])
    assert len(pages) <= 3


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "mrn"),
    [
        ("W" * 120, "NGH-0048213"),
        ("Hollis, Margaret", "W" * 30),
        ("王" * 120, "W" * 30),
        ("محمد " * 24, "NGH 0048213"),
        ("i" * 120, "1"),
        ("q̃" * 60, "王" * 30),
        ("👨\u200d👩\u200d👧" * 24, "NGH-0048213"),
    ],
)
def test_the_running_head_begins_with_the_whole_mrn_whatever_the_name(name, mrn):
    value = named(name)
    value["patient"]["mrn"] = mrn
    pdf = render(value)
    assert empty_boxes(pdf) == 0
    for text in page_texts(pdf)[1:]:
        head = squeezed(text).partition(f"MRN{squeezed(mrn)}·")[2]
        assert head, "the MRN is not there, or not whole"
        assert ("…" in head) == (name not in ("Hollis, Margaret", "i" * 120))
        assert value["request"]["number"] in text


@pytest.mark.long
def test_a_name_that_fits_the_running_head_is_whole_and_a_longer_one_ends_with_an_ellipsis():
    fits, long = (squeezed(page_texts(printed(name))[1]) for name in ("Hollis, Margaret Anne", "Hollis " * 17))
    assert "·Hollis,MargaretAnneIVIG" in fits
    assert re.search("Hollis(Hollis)+[A-Za-z]*…IVIG", long)


@pytest.mark.long
def test_letters_from_right_to_left_do_not_turn_their_neighbours_around():
    """The date after a Hebrew or Arabic name stands after it, in its own order."""
    for name in RIGHT_TO_LEFT:
        html = " ".join(page(named(name)).split())
        assert f'Approved</b> by <bdi dir="rtl">{name}</bdi>, pharmacist, 12 Nov 2026' in html
        assert ",pharmacist,12Nov2026,14:51CST" in squeezed("".join(body_texts(printed(name))))


@pytest.mark.long
def test_markup_for_a_name_lets_no_markup_of_the_name_through():
    hostile = 'כהן <b onclick="x">" \' q̃</bdi>'
    value = named(hostile)
    value["site"]["name"] = hostile
    html = page(value)
    assert "<b onclick" not in html
    assert "</bdi>" not in html.replace("</bdi>,", "").replace("</bdi></", "").replace("</bdi>.", "")
    assert "&lt;b onclick=&quot;x&quot;&gt;" in html
    assert empty_boxes(render(value)) == 0


# --- The same bytes ---------------------------------------------------------------------------------------------------

PRINT_HASHES = """
import django; django.setup()
from tests.documents.test_names import NAMES, named
from utilization.documents.justification import render, sha256
for name in list(NAMES)[{order}]: print(sha256(render(named(name))))
"""
HOST_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>"""


def hashes(order, **environment):
    run = subprocess.run(
        [sys.executable, "-c", PRINT_HASHES.format(order=order)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split()


@pytest.mark.long
def test_names_are_the_same_bytes_whatever_the_machine_its_fonts_and_its_clock(tmp_path):
    """A second apart, in other orders, and with a machine's fonts that have the very letters."""
    (tmp_path / "fonts.conf").write_text(HOST_FONTS.format(folder=OTHERS[0].path.parent), encoding="utf-8")
    bare = hashes("::5", PYTHONHASHSEED="1", TZ="Asia/Tokyo", LC_ALL="C", LANGUAGE="ja:zh_TW", HOME=str(tmp_path))
    rich = hashes("::-5", PYTHONHASHSEED="77", TZ="America/Lima", LANGUAGE="zh_CN:ko", PANGO_LANGUAGE="ko",
                  FONTCONFIG_FILE=str(tmp_path / "fonts.conf"), SOURCE_DATE_EPOCH="1000000000")  # fmt: skip
    names = list(NAMES)
    one = dict(zip(names[::5], bare, strict=True))
    other = dict(zip(names[::-5], rich, strict=True))
    here = {name: sha256(printed(name)) for name in {*names[::5], *names[::-5]}}
    assert one == {name: here[name] for name in one}
    assert other == {name: here[name] for name in other}


COUNT_HOST_FONTS = """
import django; django.setup()
from weasyprint.text.ffi import ffi, fontconfig
from weasyprint.text.fonts import FontConfiguration
print(fontconfig.FcConfigGetFonts(FontConfiguration()._config, fontconfig.FcSetSystem).nfont)
"""


@pytest.mark.long
def test_a_process_that_django_set_up_knows_no_font_of_its_machine(tmp_path):
    (tmp_path / "fonts.conf").write_text(HOST_FONTS.format(folder=OTHERS[0].path.parent), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-c", COUNT_HOST_FONTS],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "FONTCONFIG_FILE": str(tmp_path / "fonts.conf")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "0"


def test_a_page_in_latin_letters_loads_no_other_face():
    assert behind_sans([page(sample()) for sample in samples.ALL]) == ()


# --- Text for a page --------------------------------------------------------------------------------------------------


def test_text_that_needs_nothing_stays_the_very_same():
    for text in ("Hollis, Margaret", "naïve ≥ 2 g/kg – “x”", "two\nlines\tand a tab", ""):
        assert printable(text) == text
        assert marked_up(text) == text


@pytest.mark.parametrize(
    ("text", "ems", "short"),
    [
        ("Hollis", 10, "Hollis"),
        ("W" * 50, 10, "W" * 10 + "…"),
        ("Anne  \n Marie", 50, "Anne Marie"),
        ("x" * 9 + "q\u0303" * 9, 5.1, "x" * 9 + "…"),
        ("anything", 0.1, "…"),
    ],
)
def test_a_text_is_cut_to_its_room_and_never_between_a_letter_and_its_marks(text, ems, short):
    made = shortened(text, ems)
    assert width(made) <= max(ems, width("…"))
    assert made.endswith("…") == (short != " ".join(text.split()))
    assert not made.removesuffix("…").endswith("q")
