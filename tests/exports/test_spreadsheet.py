"""LibreOffice opens what is exported: of 100,000 hostile cells, none is a formula there."""

import os
import re
import shutil
import subprocess

import pytest

from tests.exports.hostile import TEXTS
from utilization.documents.exports import csv_pieces
from utilization.documents.xlsx_file import write_xlsx
from utilization.rules.cell_kinds import CellKind, ExportColumn

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
CELLS, ACROSS = 100_000, 20
COLUMNS = [ExportColumn(f"c{place}", CellKind.TEXT, "Meaning.", "source") for place in range(ACROSS)]

# The product keeps documents from the machine's fonts; LibreOffice does not start without any.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("FONTCONFIG")}

pytestmark = [
    pytest.mark.judges,
    pytest.mark.skipif(OFFICE is None, reason="no LibreOffice is here to open a spreadsheet with"),
]


def rows():
    short = [text[:200] for text in TEXTS]
    for line in range(CELLS // ACROSS):
        yield [f"{short[(line * ACROSS + place) % len(short)]}{'' if line % 3 else line}" for place in range(ACROSS)]


def as_opened(path, tmp_path, reader):
    """The sheet as LibreOffice holds it once it is open, as text: by its own flat format, formulas and all."""
    home = tmp_path / "home"

    subprocess.run(
        [OFFICE, f"-env:UserInstallation=file://{home}", "--headless", *reader, "--convert-to", "fods", "--outdir",
         str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=500, env=ENVIRONMENT,
    )  # fmt: skip
    return path.with_suffix(".fods").read_text("utf-8")


# The separators with which people open a CSV, by the code of the letter, as LibreOffice takes them.
@pytest.mark.parametrize("separator", [44, 59, 9])
def test_of_a_csv(tmp_path, separator):
    path = tmp_path / "hostile.csv"
    path.write_bytes(b"".join(csv_pieces([column.name for column in COLUMNS], rows())))
    opened = as_opened(path, tmp_path, [f"--infilter=CSV:{separator},34,76,1,,0,false,true,false,false,false,-1"])
    assert len(re.findall("<table:table-cell", opened)) > 10_000
    assert re.findall('table:formula="[^"]*"', opened) == []


def test_of_a_workbook(tmp_path):
    path = tmp_path / "hostile.xlsx"
    write_xlsx(path, COLUMNS, rows(), [("=1+1", "@SUM(A1)")])
    opened = as_opened(path, tmp_path, [])
    assert len(re.findall("<table:table-cell", opened)) > 10_000
    assert re.findall('table:formula="[^"]*"', opened) == []
    assert "<text:a " not in opened


def test_the_reader_would_see_one(tmp_path):
    """That the two above can fail: a formula that is not made inert is seen."""
    path = tmp_path / "live.csv"
    path.write_text("a,b\n=1+1,2\n")
    opened = as_opened(path, tmp_path, ["--infilter=CSV:44,34,76,1,,0,false,true,false,false,false,-1"])
    assert re.findall('table:formula="[^"]*"', opened)
