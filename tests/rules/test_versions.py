"""A folder of dated versions: the one in force on a day, and what is wrong with the folder, told with what to do."""

from datetime import date

import pytest

from utilization import criteria
from utilization.rules.yaml_lines import PackError

PACK = """\
pack: {{name: {name}, version: "{version}", title: T{dates}}}
indications: [{{code: thing, name: Thing}}]
criteria: [{{indication: thing, clauses: [{{id: a, says: A., require: always, local: x}}]}}]
"""


@pytest.fixture
def folder(tmp_path):
    def make(**versions):
        for name, (version, dates, *pack) in versions.items():
            (tmp_path / name).mkdir(exist_ok=True)
            text = PACK.format(name=(pack or ["mine"])[0], version=version, dates=dates)
            (tmp_path / name / "pack.yaml").write_text(text)
        return tmp_path

    return make


def day(text):
    return date.fromisoformat(text)


TWO = {"y2025": ("1", ", effective: 2025-01-01"), "y2026": ("2", ", effective: 2026-01-01, until: 2026-12-31")}


@pytest.mark.parametrize(
    ("as_of", "version"),
    [("2025-01-01", "1"), ("2025-12-31", "1"), ("2026-01-01", "2"), ("2026-12-31", "2")],
)
def test_in_force_is_the_latest_that_has_begun(folder, as_of, version):
    place = folder(**TWO)
    assert criteria.pack_at(place, day(as_of)).version == version
    assert [pack.version for pack in criteria.versions_at(place)] == ["1", "2"]


def test_the_order_of_folders_makes_no_difference(folder):
    place = folder(a=TWO["y2026"], b=TWO["y2025"])
    assert [pack.version for pack in criteria.versions_at(place)] == ["1", "2"]


@pytest.mark.parametrize(
    ("versions", "as_of", "says"),
    [
        (TWO, "2024-12-31", "no version is in force on 2024-12-31: the first, 1, takes effect on 2025-01-01; choose a later date, or add the version before it"),  # noqa: E501 - the text whole, as it is read
        (TWO, "2027-01-01", "no version is in force on 2027-01-01: 2 ended on 2026-12-31; choose an earlier date, or add the version after it"),  # noqa: E501 - the text whole, as it is read
        (TWO, None, "holds several versions of a pack: expected a date, YYYY-MM-DD, to choose by"),
        ({"a": TWO["y2025"], "b": ("3", ", effective: 2025-01-01")}, "2026-01-01", "b/pack.yaml:1: pack.effective: a takes effect on 2025-01-01 too: give one of the two another day"),  # noqa: E501 - the text whole, as it is read
        ({"a": TWO["y2025"], "b": ("1", ", effective: 2026-01-01")}, "2026-01-01", "b/pack.yaml:1: pack.version: the version '1' stands in a too: give each version its own"),  # noqa: E501 - the text whole, as it is read
        ({"a": TWO["y2025"], "b": ("2", "")}, "2026-01-01", "b/pack.yaml:1: pack: one of several versions: expected 'effective' with its first day"),  # noqa: E501 - the text whole, as it is read
        ({"a": TWO["y2025"], "b": ("2", ", effective: 2026-01-01", "yours")}, "2026-01-01", "b/pack.yaml:1: pack.name: expected 'mine', as in a: a folder of versions holds one pack, got 'yours'"),  # noqa: E501 - the text whole, as it is read
        ({"a": TWO["y2025"], "b": ("2", ", effective: soon")}, "2025-06-01", "b/pack.yaml:1: pack.effective: expected a date YYYY-MM-DD, got 'soon'"),  # noqa: E501 - the text whole, as it is read
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_what_to_do(folder, versions, as_of, says):
    place = folder(**versions)
    with pytest.raises(PackError) as refused:
        criteria.pack_at(place, day(as_of) if as_of else None)
    assert str(refused.value).removeprefix(f"{place}:1: ") == says


def test_one_version_in_a_folder_is_a_folder_of_versions(folder):
    assert criteria.pack_at(folder(only=TWO["y2025"]), day("2025-06-01")).version == "1"


def test_a_pack_laid_out_in_folders_is_one_pack(tmp_path):
    for name, text in {
        "head/pack.yaml": PACK.format(name="mine", version="1", dates=""),
        "more/x.yaml": "silence: []",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert set(criteria.pack_at(tmp_path).files) == {"head/pack.yaml", "more/x.yaml"}
    assert [pack.version for pack in criteria.versions_at(tmp_path)] == ["1"]


def test_a_file_is_one_pack(folder):
    place = folder(**TWO) / "y2025" / "pack.yaml"
    assert criteria.pack_at(place).version == "1"
    assert [pack.version for pack in criteria.versions_at(place)] == ["1"]
