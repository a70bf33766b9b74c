"""The same by the processes in use: two web servers over one database, as two hosts are, and 24 strangers at once."""

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from tests.account.slow_hasher import COUNTED_IN
from tests.cast import PASSWORD, Cast
from tests.foundations.test_serve import free_port
from tests.patience import PATIENCE
from utilization.models import SignInEntry

ROOT = Path(__file__).resolve().parents[2]
STRANGERS = 24
LIMIT = 240

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

ASK = """
import django, time
django.setup()
from django.test import RequestFactory
from utilization.web.public import rate_limit
rate_limit.time.time = lambda: 1_000_000_000.0
print("ready", flush=True)
input()
asks = RequestFactory().get("/")
print(sum(rate_limit.seconds_to_wait(asks) == 0 for _ in range(300)))
"""


def environment(settings: str) -> dict[str, str]:
    """Of a process over the database of this test."""
    database = connection.settings_dict
    of_server = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    address = f"sqlite:///{database['NAME']}" if connection.vendor == "sqlite" else of_server
    return os.environ | {"IVIG_MODE": "test", "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": settings}


def test_three_processes_together_give_an_address_its_limit_and_no_more():
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ASK], cwd=ROOT, env=environment("utilization.settings"), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    try:
        for process in started:
            assert process.stdout.readline() == "ready\n"
        for process in started:
            process.stdin.write("\n")
            process.stdin.flush()
        assert sum(int(process.stdout.readline()) for process in started) == LIMIT
    finally:
        for process in started:
            process.kill()
            process.communicate()


@contextmanager
def web_servers(number: int, hashes: Path):
    """Ports of so many web servers, each a host of its own with one process of four threads.

    To the file `hashes` they write + as they begin to check a password, and - as they end.
    """
    ports = [free_port() for _ in range(number)]
    started = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "utilization.wsgi:application", "--bind", f"127.0.0.1:{port}"),
                *("--workers", "1", "--threads", "4", "--log-level", "warning", "--no-control-socket"),
            ],
            cwd=ROOT, env=environment("tests.account.slow_password_settings") | {COUNTED_IN: str(hashes)},
        )
        for port in ports
    ]  # fmt: skip
    try:
        for port in ports:
            await_answer(port)
        yield ports
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(PATIENCE)


def await_answer(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if ask(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the web server did not answer")


def ask(port: int, method: str, path: str, cookies: str = "", **typed: str) -> tuple[int, str, str]:
    """Status, cookies and text of an answer."""
    knock = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        knock.request(method, path, urlencode(typed) if typed else None, headers)
        answer = knock.getresponse()
        kept = "; ".join(told.partition(";")[0] for told in answer.headers.get_all("Set-Cookie", []))
        return answer.status, kept, answer.read().decode()
    finally:
        knock.close()


def guess(port: int, name: str, said: list[int]) -> None:
    """Send wrong passwords for `name`, four at most, until the door is closed."""
    _, cookies, page = ask(port, "GET", "/account/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    for _ in range(4):
        said.append(
            ask(
                port, "POST", "/account/sign-in/", cookies, login=name, password="wrong", csrfmiddlewaretoken=token
            )[0]
        )  # fmt: skip
        if said[-1] == 429:
            return
        time.sleep(1.5)


def test_24_strangers_at_two_hosts_get_five_tries_and_keep_nobody_who_is_signed_in_waiting(tmp_path):
    """Else each of the eight threads has a try under way before one is counted, and who is signed in waits behind."""
    cast = Cast()
    cast["petra"].set_password(PASSWORD)
    cast["petra"].save()
    reader = Client()
    reader.force_login(cast["paul"], backend="allauth.account.auth_backends.AuthenticationBackend")
    session = f"sessionid={reader.cookies['sessionid'].value}"
    said: list[int] = []
    hashes = tmp_path / "hashes"
    with web_servers(2, hashes) as ports:
        strangers = [
            threading.Thread(target=guess, args=(ports[number % 2], "petra", said)) for number in range(STRANGERS)
        ]
        for stranger in strangers:
            stranger.start()
        waits = []
        while any(stranger.is_alive() for stranger in strangers):
            for port in ports:
                began = time.monotonic()
                assert ask(port, "GET", "/account/password/", session)[0] == 200
                waits.append(time.monotonic() - began)
            time.sleep(0.2)
        for stranger in strangers:
            stranger.join()
    assert hashes.read_text() == "+-" * 5, said
    assert SignInEntry.objects.filter(kind="wrong_password").count() == 5
    assert set(said) <= {200, 429, 503}
    assert said.count(200) == 4
    assert 503 in said
    # Two threads of each process are left, so that no page waits behind the strangers.
    assert max(waits) < 3, (sorted(waits), said)
