"""Every form that has a token of its own, sent 2 to 50 times at once: one effect, and the same answer to all.

    python -m bench.repeated_forms                                           3 rounds on SQLite, in a file of its own
    python -m bench.repeated_forms 1                                         another number
    DATABASE_URL=postgres://user@host/name python -m bench.repeated_forms    on PostgreSQL, in a database name_forms

In each round each form of `tests/repetition/forms.py` is filled in anew, and sent by 2 to 50 windows of one browser in
threads with real commits. By how much one alone lets each table grow is asked first, and taken back; all together must
let them grow by as much, and all must be led to one place. Then the form is sent again saying something else, which
must be refused and change nothing. Prints a fault when it comes. Ends with 1 where anything is not so or an answer is
500 or above.
"""

import os
import random
import secrets
import sys
import time

from bench import usage
from bench.races import set_up
from bench.two_sizes import databases

ROUNDS, TIMES = 3, (2, 3, 5, 10, 20, 50)


def sent(route: str, times: int) -> list[str]:
    """What is wrong once the form of `route` was sent so many times at once, and then saying something else."""
    from django.urls import reverse

    from tests.repetition.forms import FORMS
    from tests.repetition.sending import at_once, browser, effect_of_one, grown, rows
    from tests.repetition.test_sent_again import NO_REDIRECT, said_otherwise

    form, token = FORMS[route](CAST[0]), secrets.token_urlsafe(18)
    client = browser(CAST[0], form.who)
    once, before = effect_of_one(client, route, form, token), rows()
    answers, wrong = at_once(client, route, form, token, times), []
    if (grew := grown(before)) != once or not once:
        wrong.append(f"{times} at once: {grew} where one does {once}")
    statuses, places = {status for status, _ in answers}, {place for _, place in answers if place}
    if statuses - {302} - ({200} if route in NO_REDIRECT else set()) or len(places) != 1 or len(answers) != times:
        wrong.append(f"{times} at once: answers {sorted(answers)}")
    other = client.post(reverse(route, args=form.args), form.body(token) | said_otherwise(route))
    if other.status_code != 409 or grown(before) != grew:
        wrong.append(f"saying something else: {other.status_code}, {grown(before)}")
    return [f"{route}, {each}" for each in wrong]


CAST: list = []
"""The hospital whose people send."""


def measure(rounds: int) -> int:
    """Send every form in each round, and print what came of it; 1 where anything is not as it should be."""
    from tests.cast import Cast
    from tests.formulary.acts import committee
    from tests.repetition.forms import FORMS

    CAST[:] = [committee(Cast())]
    chance, began, count, wrong = random.Random(7), time.perf_counter(), 0, []
    for number in range(rounds):
        for route in FORMS:
            times = chance.choice(TIMES)
            count += times + 1
            new = sent(route, times)
            wrong += new
            for fault in new:
                print(fault, flush=True)
        took = time.perf_counter() - began
        print(f"round {number + 1}: {count:,} forms sent in {took:,.0f} s, {len(wrong)} faults", flush=True)
    return int(bool(wrong))


def main() -> int:
    """Measure as the arguments say."""
    usage(__doc__)
    os.environ["IVIG_MODE"] = "test"
    with databases("forms", [0]) as [address]:
        set_up(address)
        try:
            return measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
        finally:
            from django.db import connections

            connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
