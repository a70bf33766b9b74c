"""What a keystroke costs: the live check of a request form against an empty view behind the same sign-in, in one run.

    python -m bench.live_check

The empty view goes through the same middleware, session and policy, reads and writes nothing of its own and answers
with no body. The live check fetches the draft through access, saves it in a transaction that is synced to disk, judges
it and renders the panel. It is sent what the page holds and what it showed before, as a browser does, with another
product at each keystroke.
Both are asked in turn; prints median milliseconds and the ratio for each indication.
"""

import json
import os
import statistics
import tempfile
import time

from bench import usage

ROUNDS = 60
ANSWERS = {
    "cidp": {"dose_total_g_per_kg": "2", "course_days": "5", "safety": ["none_of_these"]},
    "mg": {"severity": "moderate"},
    "ms": {"ms_course": "relapsing_remitting"},
}


def prepare():
    """An empty database with the cast of the tests; the client signed in as a prescriber, and a draft of each kind."""
    folder = tempfile.mkdtemp(prefix="bench-check-")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="utilization.settings",
        IVIG_MODE="test",
        DATABASE_URL=f"sqlite:///{folder}/bench.sqlite3",
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from tests.cast import Cast
    from utilization import workflow

    call_command("migrate", verbosity=0)
    cast = Cast()
    client = Client(SERVER_NAME="localhost")
    client.force_login(cast["petra"])
    drafts = {
        indication: workflow.start_draft(
            by=cast["petra"], at=timezone.now(), patient_uid=cast.patient.uid, indication=indication
        )
        for indication in ANSWERS
    }
    return client, drafts


def with_empty_view():
    """The product's addresses and one more, which answers with nothing."""
    from django.http import HttpResponse
    from django.test import override_settings
    from django.urls import path

    from utilization import urls
    from utilization.web.policy import signed_in

    @signed_in
    def empty(request):
        return HttpResponse()

    class Addresses:
        urlpatterns = [*urls.urlpatterns, path("empty/", empty)]

    return override_settings(ROOT_URLCONF=Addresses)


def keystroke(held, n):
    """What the page sends when the product is typed over for the `n`th time."""
    shown = json.loads(held["base"]) | ({"product": f"Try {n - 1}"} if n else {})
    return {**held, "base": json.dumps(shown), "product": f"Try {n}"}


def timed(client, address, answers):
    began = time.perf_counter()
    response = client.post(address, answers, headers={"HX-Request": "true"})
    spent = (time.perf_counter() - began) * 1000
    assert response.status_code == 200, response.status_code
    return spent


def main():
    client, drafts = prepare()
    from django.urls import reverse

    from tests.prescribing.pages import fields

    with with_empty_view():
        for indication, answers in ANSWERS.items():
            check, edit = (reverse(name, args=[drafts[indication].uid]) for name in ("request-check", "request-edit"))
            client.post(check, answers)
            held = fields(client.get(edit), "edit")
            pairs = [(timed(client, check, keystroke(held, n)), timed(client, "/empty/", held)) for n in range(ROUNDS)][
                5:
            ]
            live, empty = (statistics.median(side) for side in zip(*pairs, strict=True))
            ratio = statistics.median(a / b for a, b in pairs)
            print(f"{indication:<6} live check {live:7.1f} ms   empty view {empty:6.1f} ms   ratio {ratio:6.1f}")


if __name__ == "__main__":
    usage(__doc__)
    main()
