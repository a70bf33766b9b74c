"""What sending a form once does to the database, and what sending it many times at once does."""

import threading
import time
from collections import Counter
from typing import Any

from django.apps import apps
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.repetition.forms import Form
from utilization.models import Event

NOT_AN_EFFECT = {"AccessEntry", "Session", "SentForm", "DBTaskResult", "CarriedAccess"}
"""What every page that is shown may write: that it was read, the session, and that a form was sent."""
HOST = "localhost"
SEND_AGAIN = "Wait a few seconds, and send it again."
"""Said where a file of the same person is being looked into, which is done for one at a time."""
_PATIENCE = 120


def rows() -> Counter[str]:
    """Rows of each table, and entries of each kind."""
    counted = Counter(
        {model.__name__: model._base_manager.count() for model in apps.get_models()
         if model.__name__ not in NOT_AN_EFFECT}
    )  # fmt: skip
    counted.update(f"entry {kind}" for kind in Event.objects.values_list("type", flat=True))
    return counted


def grown(before: Counter[str]) -> dict[str, int]:
    """By how many rows each table has grown, or shrunk, since `before`."""
    now = rows()
    return {name: now[name] - before[name] for name in now | before if now[name] != before[name]}


def browser(cast: Cast, who: str) -> Client:
    """A browser of this person, signed in."""
    client = Client(raise_request_exception=False, headers={"host": HOST})
    client.force_login(cast[who], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def of_one_session(client: Client) -> Client:
    """Another window of the same browser."""
    other = Client(raise_request_exception=False, headers={"host": HOST})
    other.cookies["sessionid"] = client.cookies["sessionid"].value
    return other


def effect_of_one(client: Client, route: str, form: Form, token: str | None) -> dict[str, int]:
    """By how much sending the form once lets each table grow; it is taken back."""
    before = rows()
    with transaction.atomic():
        client.post(reverse(route, args=form.args), form.body(token))
        grows = grown(before)
        transaction.set_rollback(True)
    return grows


def at_once(client: Client, route: str, form: Form, token: str | None, times: int) -> list[tuple[int, str]]:
    """The answers, each as status and place, to so many windows that send the form at the same moment. A window that is
    told to wait and send it again does so."""
    barrier, answers = threading.Barrier(times), []
    bodies = [form.body(token) for _ in range(times)]

    def send(body: dict[str, Any]) -> None:
        window = of_one_session(client)
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            answer = window.post(reverse(route, args=form.args), body)
            until = time.monotonic() + _PATIENCE
            while answer.status_code == 422 and SEND_AGAIN in answer.text and time.monotonic() < until:
                time.sleep(0.5)
                answer = window.post(reverse(route, args=form.args), form.body(token))
            answers.append((answer.status_code, answer.headers.get("Location", "").partition("#")[0]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    return answers
