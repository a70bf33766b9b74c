"""Which tests `.ci/run` runs on PostgreSQL after SQLite (decision 0077).

What is shown or printed comes to the same on each database. What `ON_ONE_DATABASE` names is run on SQLite alone, but
for tests that commit; a folder that is not named is run on both. Every page is opened on both by `tests/matrix`, and
every move is made on both by `tests/workflow`.
"""

import functools
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ON_ONE_DATABASE = (
    "tests/account/test_hostile_forms.py",
    "tests/auditing/test_batch.py",
    "tests/auditing/test_document.py",
    "tests/content",
    "tests/demo",
    "tests/design",
    "tests/documents/test_exports.py",
    "tests/documents/test_hostile.py",
    "tests/documents/test_issuing.py",
    "tests/documents/test_justification.py",
    "tests/documents/test_names.py",
    "tests/documents/test_printed.py",
    "tests/documents/test_sealed_issuing.py",
    "tests/documents/test_stated.py",
    "tests/evidence_pages",
    "tests/formulary/test_add_indication.py",
    "tests/formulary/test_manual.py",
    "tests/formulary/test_pages.py",
    "tests/formulary/test_signing_page.py",
    "tests/formulary/test_typed.py",
    "tests/formulary/test_what_a_pack_sets.py",
    "tests/matrix/test_canary.py",
    "tests/matrix/test_refusals.py",
    "tests/packs",
    "tests/people/test_absence_pages.py",
    "tests/people/test_hospital.py",
    "tests/people/test_logo.py",
    "tests/plots",
    "tests/prescribing",
    "tests/public",
    "tests/reviewing",
    "tests/single_sign_on",
    "tests/snapshot/test_attack.py",
    "tests/utilization_report/test_attack.py",
    "tests/utilization_report/test_pages.py",
)


@functools.cache
def on_one_database(file: Path) -> bool:
    """Whether the file is one of these, or in one of these folders; asked for each test of it, answered once."""
    path = file.relative_to(ROOT)
    return any(Path(place) in (path, *path.parents) for place in ON_ONE_DATABASE)


def commits(item: pytest.Item) -> bool:
    """Whether the test commits, so that it can meet what only one of the databases does."""
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in getattr(item, "fixturenames", ()) or bool(marker and marker.kwargs.get("transaction"))


def is_run_on_both(item: pytest.Item) -> bool:
    """Whether a test that asks for rows is run on both databases."""
    return commits(item) or not on_one_database(item.path)
