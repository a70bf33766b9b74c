"""Which tests `.ci/run` counts lines in, and which it runs on PostgreSQL after SQLite (decision 0077).

Counting lines doubles what a test takes on Python 3.11, whichever files are counted. So nothing is counted where the
same lines are gone over many times: in front of a browser or of judges from outside, and in what `UNCOUNTED` names.
What is counted is less than what is tried, and the floors hold for less.

What is shown or printed comes to the same on each database. What `ON_ONE_DATABASE` names is run on SQLite alone, but
for tests that commit; a folder that is not named is run on both. Every page is opened on both by `tests/matrix`, and
every move is made on both by `tests/workflow`.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OF_SUBPROCESSES = "COVERAGE_PROCESS_CONFIG"

UNCOUNTED = (
    # Each page for each kind of person: what a page does is tried where its own tests are.
    "tests/matrix",
    # Whole packs with their worked examples, and made-up cases in thousands.
    "tests/packs",
    "tests/rules/test_leaves.py",
    # Documents set over and over, for a name or a text in each.
    "tests/documents/test_hostile.py",
    "tests/documents/test_names.py",
    "tests/documents/test_stated.py",
    # Addresses asked for over and over.
    "tests/auditing/test_log_pages.py",
    # Processes of the set-up and of benches, which are no product; and migrations, which are not counted.
    "tests/foundations/test_benches.py",
    "tests/setup",
    "tests/eventlog/test_older_entries.py",
    "tests/models/test_stated_beside.py",
)
ON_ONE_DATABASE = (
    "tests/account/test_hostile_forms.py",
    "tests/content",
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
    "tests/packs",
    "tests/plots",
    "tests/prescribing",
    "tests/public",
    "tests/reviewing",
    "tests/single_sign_on",
    "tests/snapshot/test_attack.py",
    "tests/utilization_report/test_attack.py",
    "tests/utilization_report/test_pages.py",
)


def stands_in(item: pytest.Item, places: tuple[str, ...]) -> bool:
    """Whether the test stands in one of these files or folders."""
    path = item.path.relative_to(ROOT)
    return any(Path(place) in (path, *path.parents) for place in places)


def is_counted(item: pytest.Item) -> bool:
    """Whether CI counts lines in this test."""
    watched = any(item.get_closest_marker(name) for name in ("browser", "judges"))
    return not (watched or stands_in(item, UNCOUNTED))


def commits(item: pytest.Item) -> bool:
    """Whether the test commits, so that it can meet what only one of the databases does."""
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in getattr(item, "fixturenames", ()) or bool(marker and marker.kwargs.get("transaction"))


def is_run_on_both(item: pytest.Item) -> bool:
    """Whether a test that asks for rows is run on both databases."""
    return commits(item) or not stands_in(item, ON_ONE_DATABASE)


@contextmanager
def no_count(config: pytest.Config) -> Generator[None]:
    """Stop the count, where there is one, in this process and in those that it starts."""
    plugin = config.pluginmanager.getplugin("_cov")
    counter = plugin and plugin.cov_controller
    if not counter or not counter.started:
        yield
        return
    counter.pause()
    of_subprocesses = os.environ.pop(OF_SUBPROCESSES, None)
    try:
        yield
    finally:
        if of_subprocesses is not None:
            os.environ[OF_SUBPROCESSES] = of_subprocesses
        counter.resume()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test, with or without a count. A fixture counts with the test that it was made for."""
    with nullcontext() if is_counted(item) else no_count(item.config):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef, request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Make a fixture; the tables of the database without a count, since migrations are not counted."""
    with no_count(request.config) if fixturedef.argname == "django_db_setup" else nullcontext():
        return (yield)
