"""What all tests share: the browser, and the plain word when there is none."""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck, Phase, settings
from playwright.sync_api import Browser, BrowserContext, expect

from tests.cast import Cast
from tests.ci_parts import is_run_on_both
from tests.database import guards_lifted_between_tests  # noqa: F401 - a fixture for every test
from tests.kept_tables import django_db_modify_db_settings  # noqa: F401 - a fixture of pytest-django's, ours instead
from tests.left_out import (  # noqa: F401 - hooks of pytest and of xdist
    pytest_deselected,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
from tests.patience import PAGE_MILLISECONDS, sessions_renewed_seldom  # noqa: F401 - a fixture for every test

# With nothing cached, the first value of a strategy over text takes seconds on a busy machine.
# CI tries the same cases each time, so that it judges the change; people, and bench/engines.py, try new ones.
settings.register_profile(
    "ours", suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=bool(os.environ.get("CI"))
)
# Where only whether a case is found matters, and not the smallest one: bench/mutants.py.
settings.register_profile("unshrunk", settings.get_profile("ours"), phases=(Phase.explicit, Phase.generate))
settings.load_profile("ours")

expect.set_options(timeout=PAGE_MILLISECONDS)
WHOLE_PATH = "test_whole_path.py"
"""What is seen in a browser by every run: a request from its filing to its document."""
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = (
    "no Chromium was found, so what a browser shows was not tested. Install it "
    "(Debian: apt-get install chromium libatomic1) or name it: CHROMIUM=/path/to/chromium ./run test"
)
NO_DRIVER = (
    "the program that drives Chromium does not start, so what a browser shows was not tested. "
    "On Debian it lacks one library: apt-get install libatomic1"
)


@pytest.fixture
def cast(db: None) -> Cast:
    """Two sites with their people, and one patient; a folder that needs more adds to it."""
    return Cast()


@pytest.fixture
def seen_by(cast: Cast) -> Callable[[str], Client]:
    """A client signed in as the person with this username."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(cast[username], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


def chromium() -> str | None:
    """Return the path of the Chromium to drive: the one named by `CHROMIUM`, else one on the path, else None."""
    names = [os.environ.get("CHROMIUM"), *CHROMIUM_NAMES]
    return next((path for name in names if name and (path := shutil.which(name))), None)


@functools.cache
def browser_missing() -> str:
    """Say what keeps the browser tests from running; empty when nothing does."""
    if chromium() is None:
        return NO_CHROMIUM
    driver = subprocess.run([sys.executable, "-m", "playwright", "--version"], capture_output=True, check=False)
    return NO_DRIVER if driver.returncode else ""


def asks_for_rows(item: pytest.Item) -> bool:
    """Whether the test reads or writes a database: by its mark, a fixture of its, or Django's own test case."""
    return (
        item.get_closest_marker("django_db") is not None
        or not DATABASE_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
    )


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("judges") or (item.get_closest_marker("browser") and item.path.name != WHOLE_PATH):
            item.add_marker("long")
        if asks_for_rows(item) and is_run_on_both(item):
            item.add_marker("database")
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    if not browser_tests:
        return
    # The browser's driver keeps an event loop in this thread, which Django would take for an async caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if browser_missing() and not os.environ.get("CI"):
        for item in browser_tests:
            item.add_marker(pytest.mark.skip(reason=browser_missing()))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the system's Chromium. In CI a missing one fails here: there, browser tests are never skipped."""
    if browser_missing():
        pytest.fail(browser_missing())
    return {
        **browser_type_launch_args,
        "executable_path": chromium(),
        # A browser uses the machine's fonts, which `utilization.documents` closes this process to.
        "env": {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"},
        # Inside a container Chromium cannot build its own sandbox, and a test's pages are all ours.
        "args": ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
    }


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """A browser whose windows wait for a page as long as a busy machine needs, whoever opens them."""
    new_context = browser.new_context

    def patient_context(**given: Any) -> BrowserContext:
        context = new_context(**given)
        context.set_default_timeout(PAGE_MILLISECONDS)
        return context

    browser.new_context = patient_context  # type: ignore[method-assign]
    return browser


@pytest.fixture(autouse=True)
def windows_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Windows that a test opens by itself are closed after it: their pages would ask and draw until the last test."""
    opened = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    yield
    for context in opened.contexts if opened else ():
        context.close()
