"""A log tells what happened and where, and never about whom."""

import io
import json
import logging
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from tests.foundations.broken_urls import SECRET
from tests.foundations.conftest import PASSWORD
from tests.patience import PATIENCE
from utilization.models import User

CANARY = "Canary Patient QZXWV"


@pytest.fixture
def lines():
    """Everything that is logged, as the parsed lines that stderr would show."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    configured = dict(settings.LOGGING["formatters"]["json"])
    configured.pop("()")
    handler.setFormatter(ProcessorFormatter(**configured))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_request_is_one_line_by_route_with_its_id_and_person(client: Client, person: User, lines) -> None:
    client.post("/account/sign-in/", {"login": person.username, "password": PASSWORD})
    response = client.get(f"/account/password/?note={CANARY}")
    line = [line for line in lines() if line["event"] == "request"][-1]
    assert line["route"] == "account/password/"
    assert (line["method"], line["status"], line["user"]) == ("GET", 200, str(person.pk))
    assert line["request"] == response["X-Request-ID"]
    assert line["ms"] >= 0


def test_nothing_typed_reaches_the_log(broken: Client, person: User, lines) -> None:
    broken.get(f"/nowhere/{CANARY}/?q={CANARY}")
    broken.post("/echo/", {"note": CANARY, CANARY: "x"}, headers={"referer": f"http://testserver/{CANARY}"})
    broken.post("/account/sign-in/", {"login": CANARY, "password": CANARY})
    broken.post("/private/", {"note": CANARY})
    for failure in ("400", "403", "500", "disk-full", "missing-file"):
        broken.get(f"/fail/{failure}/")
    logged = lines()
    assert len([line for line in logged if line["event"] == "request"]) >= 9
    assert CANARY not in json.dumps(logged)
    assert "QZXWV" not in json.dumps(logged)


FAILING_SERVER = """
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.ROOT_URLCONF = "tests.foundations.broken_urls"
client = Client(raise_request_exception=False)
for address in ("/nowhere/QZXWV/", "/fail/400/", "/fail/500/"):
    client.get(address)
client.get("/nowhere/", headers={"host": "QZXWV.example"})
"""


def test_stderr_holds_the_log_and_nothing_beside_it() -> None:
    # In a process of its own: the test runner gives every logger a handler, and Python prints only where there is none.
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FAILING_SERVER],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "IVIG_LOG_LEVEL": "INFO"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    logged = [json.loads(line) for line in ran.stderr.splitlines()]
    assert {line["logger"] for line in logged} == {"utilization.errors", "utilization.requests"}
    assert "QZXWV" not in ran.stderr
    assert SECRET not in ran.stderr


def test_a_librarys_line_keeps_its_words_and_loses_its_values(lines) -> None:
    logging.getLogger("some.package").warning("Could not read %s", CANARY)
    [line] = lines()
    assert line["event"] == "Could not read %s"
    assert line["logger"] == "some.package"
    assert line["level"] == "warning"


def test_an_exception_is_its_class_and_places(lines) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("some.package").exception("failed")
    [line] = lines()
    assert line["error"] == "builtins.ValueError"
    assert line["at"][-1].endswith("test_an_exception_is_its_class_and_places")
    assert CANARY not in json.dumps(line)


def test_a_reset_key_is_not_logged(client: Client, db: None, lines) -> None:
    client.get("/account/password/first/1-secretkey/")
    assert "secretkey" not in json.dumps(lines())
