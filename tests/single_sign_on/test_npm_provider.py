"""Single sign-on against a provider that others wrote: npm's oidc-provider, with its own pages, on loopback.

It needs node and the package, in a folder of its own:

    npm install --prefix DIR oidc-provider@9.13.3 && OIDC_PROVIDER=DIR ./run test tests/single_sign_on

Without either it is skipped; every refusal is also tried in `test_sign_on.py`, which needs neither.
"""

import os
import re
import shutil
import socket
import subprocess
import urllib.parse
from collections.abc import Iterator
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, build_opener

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tests.cast import Cast, a_request
from tests.reviewing.pages import act, words
from utilization import workflow
from utilization.models import Decision
from utilization.rules.lifecycle import Status

FOLDER = os.environ.get("OIDC_PROVIDER", "")
SECRET = "another secret of the tests alone, for a provider of others"
START, BACK, CONFIRM = "/account/sign-on/", "/account/sign-on/back/", "/account/sign-on/confirm/"

pytestmark = pytest.mark.skipif(
    not shutil.which("node") or not Path(FOLDER or "/nowhere", "node_modules", "oidc-provider").is_dir(),
    reason="no node, or no npm package oidc-provider in OIDC_PROVIDER (see the head of this file)",
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(__file__).with_name("provider.mjs")
    command = ["node", str(script), FOLDER, str(port), f"http://testserver{BACK}", SECRET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = []
        while "listening" not in (line := process.stdout.readline()):
            said.append(line)
            assert process.poll() is None, said
        yield f"http://localhost:{port}"
        process.terminate()


@pytest.fixture
def visitor(issuer, settings) -> "Browser":
    settings.SINGLE_SIGN_ON = {"issuer": issuer, "client_id": "ivig", "secret": SECRET, "name": "Hospital sign-in"}
    return Browser()


class StopAtUs(HTTPRedirectHandler):
    """Follows the provider's own steps and stops at the address that leads back here."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if newurl.startswith("http://testserver"):
            raise Arrived(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Arrived(Exception):
    pass


class Browser:
    """A person's browser at the provider: it keeps its cookies, and signs in by the provider's own forms."""

    def __init__(self):
        policy = DefaultCookiePolicy(secure_protocols=("https", "http"))
        self.opener = build_opener(HTTPCookieProcessor(CookieJar(policy)), StopAtUs())
        self.asked_for_a_name = 0

    def visit(self, address: str, name: str) -> dict[str, str]:
        """What the browser brings back from `address`, having signed in as `name` wherever it was asked."""
        form = None
        try:
            for _ in range(6):
                with self.opener.open(address, form) as answer:
                    page, here = answer.read().decode(), answer.url
                self.asked_for_a_name += 'name="login"' in page
                fields = dict(re.findall(r'name="(prompt)" value="(\w+)"', page))
                form = urllib.parse.urlencode({**fields, "login": name, "password": "any"}).encode()
                [action] = re.findall(r'<form[^>]*action="([^"]+)"', page)
                address = urllib.parse.urljoin(here, action)
        except Arrived as arrived:
            query = urllib.parse.urlsplit(str(arrived)).query
            return {key: values[0] for key, values in urllib.parse.parse_qs(query).items()}
        raise AssertionError(page)


def through(client, visitor, name, start=START):
    return client.get(BACK, visitor.visit(client.get(start)["Location"], name))


def test_sign_in_confirm_and_sign_by_a_provider_of_others(cast: Cast, visitor, issuer):
    fern = cast["fern"]
    workflow.single_sign_on.enter_subject(fern, issuer, "fern-there", by=cast["adam"], at=timezone.now())
    workflow.account_confirmation.confirm(fern, by=cast["audrey"], at=timezone.now())
    fern.set_unusable_password()
    fern.save()
    request, client = a_request(cast, Status.PHARMACIST_REVIEW), Client()

    stranger = through(Client(), Browser(), "stranger-there")
    assert (stranger.status_code, "stranger-there" in words(stranger)) == (403, True)
    assert through(client, visitor, "fern-there").status_code == 302
    assert client.get("/review/").status_code == 200
    # A session that the provider still has does not do: it asks again, and says when.
    asked = visitor.asked_for_a_name
    assert through(client, visitor, "fern-there", CONFIRM).status_code == 200
    assert visitor.asked_for_a_name == asked + 1
    assert act(client, request, "approve", confirmed="yes").status_code == 302
    assert Decision.objects.get().presence["subject"] == "fern-there"


def test_a_prompt_that_was_stripped_on_the_way_confirms_nothing(cast: Cast, visitor, issuer):
    fern = cast["fern"]
    workflow.single_sign_on.enter_subject(fern, issuer, "fern-there", by=cast["adam"], at=timezone.now())
    workflow.account_confirmation.confirm(fern, by=cast["audrey"], at=timezone.now())
    client = Client()
    assert through(client, visitor, "fern-there").status_code == 302
    asked = visitor.asked_for_a_name
    for age, told in (("", "did not say when"), ("&max_age=9999", "did not ask you for your password just now")):
        stripped = re.sub(r"&(prompt|max_age)=\w+", "", client.get(CONFIRM)["Location"]) + age
        brought = visitor.visit(stripped, "fern-there")
        with time_machine.travel(timezone.now() + timedelta(minutes=3)):
            answer = client.get(BACK, brought)
        assert (answer.status_code, told in words(answer)) == (403, True), age
    assert visitor.asked_for_a_name == asked


def test_an_answer_and_its_code_serve_once(cast: Cast, visitor, issuer):
    workflow.single_sign_on.enter_subject(cast["fern"], issuer, "fern-there", by=cast["adam"], at=timezone.now())
    client = Client()
    brought = visitor.visit(client.get(START)["Location"], "fern-there")
    assert client.get(BACK, brought).status_code == 302
    client.logout()
    assert client.get(BACK, brought).status_code == 403
    again = visitor.visit(client.get(START)["Location"], "fern-there")
    assert client.get(BACK, again | {"code": brought["code"]}).status_code == 403
