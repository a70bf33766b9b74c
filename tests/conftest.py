"""What all tests share: the browser, and the plain word when there is none."""

import os
import shutil
from typing import Any

import pytest

from tests.database import guards_lifted_between_tests  # noqa: F401 - a fixture for every test

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = (
    "no Chromium was found, so what a browser shows was not tested. Install it "
    "(Debian: apt-get install chromium) or name it: CHROMIUM=/path/to/chromium ./run test"
)


def chromium() -> str | None:
    """Return the path of the Chromium to drive: the one named by `CHROMIUM`, else one on the path, else None."""
    names = [os.environ.get("CHROMIUM"), *CHROMIUM_NAMES]
    return next((path for name in names if name and (path := shutil.which(name))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    browser_tests = [item for item in items if item.get_closest_marker("browser")]
    if not browser_tests:
        return
    # The browser's driver keeps an event loop in this thread, which Django would take for an async caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    if chromium() is None and not os.environ.get("CI"):
        for item in browser_tests:
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the system's Chromium. In CI a missing one fails here: there, browser tests are never skipped."""
    path = chromium()
    if path is None:
        pytest.fail(NO_CHROMIUM)
    return {
        **browser_type_launch_args,
        "executable_path": path,
        # Inside a container Chromium cannot build its own sandbox, and a test's pages are all ours.
        "args": ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
    }
