"""What a move takes while 32 people move requests at once, against the same server's answer to an empty form.

    python -m bench.move_latency                                            on SQLite, in a folder of its own
    python -m bench.move_latency 12                                         another number of rounds
    PAUSE=0 python -m bench.move_latency                                    without a pause between two forms of one
    DATABASE_URL=postgres://user@host/name python -m bench.move_latency     on PostgreSQL, in a database name_moves_32

The server is `manage.py serve` as the demo runs it, without demo people: two web processes, passwords kept by Argon2,
the worker, the reminders, and the sealer signing each second. Each of 32 pharmacists takes a request of their own
through claim, note, message, release, claim, question, the prescriber's answer and a signed approval, each a form that
is sent up to twice `PAUSE` seconds, 5 unless told, after the one before was answered: each clears a request in 40 s,
begun at another moment than the others'. Without pauses the server has more to do than it can. Rounds take
turns with rounds of the floor: an empty look-up by the same 32 people, which is signed in, reads roles and memberships,
and writes nothing. Prints the percentiles by the clock of both, their ratio, and the processor time of the server for
each; on a busy machine the latter say more. Ends with 1 where the 99th percentile of a move is above 1 s, or where any
answer was not the one that was due.
"""

import io
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

from bench import two_sizes, usage

WRITERS, ROUNDS, FLOORS = 32, 6, 8
PAUSE = float(os.environ.get("PAUSE", "5"))
MOST_MS = 1_000
START_SECONDS = 180
CSRF = "c" * 32
PARTS = {"gunicorn": "pages", "db_worker": "worker", "tick": "reminders", "seal": "sealer", "witness": "sealer"}
"""The parts of the server by a word of their command."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Writer:
    """One pharmacist and the prescriber of their requests, by their cookies."""

    pharmacist: str
    prescriber: str


@dataclass(frozen=True, slots=True)
class Form:
    """One form that is sent: what it is called here, where to, as whom, with what, and the status that is due."""

    name: str
    address: str
    cookie: str
    fields: dict[str, str]
    due: int


@dataclass(slots=True)
class Taken:
    """What the forms of one kind of round took: milliseconds by name, answers that were not due, processor seconds by
    the part of the server that spent them."""

    spent: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    processor: Counter[str] = field(default_factory=Counter)

    @property
    def all(self) -> list[float]:
        """The milliseconds of all of them."""
        return [value for values in self.spent.values() for value in values]


# --- What is there before -----------------------------------------------------------------------------------------


def set_up(folder: Path, address: str) -> None:
    """Django as the demo over an empty database of its own, with its tables."""
    os.environ.update(
        DATABASE_URL=address, DJANGO_SETTINGS_MODULE="utilization.settings", IVIG_MODE="demo", IVIG_DEMO_DATA="off",
        IVIG_VAR=str(folder), IVIG_LOG_LEVEL="ERROR",
    )  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command

    call_command("prepare", stdout=io.StringIO())


def lay(requests: int) -> tuple[list[Writer], list[str]]:
    """The writers, and the keys by which the pages know so many requests that await them."""
    from datetime import timedelta

    from django.utils import timezone

    from bench import copied_rows
    from tests.cast import Cast, a_request, known
    from utilization.models import Membership, Request, User
    from utilization.rules.roles import Role

    at, cast = timezone.now(), Cast()
    a_request(cast, at=at - timedelta(hours=6))
    copied_rows.copy_history(requests - 1, latest=None)
    pattern = cast["fern"]
    people = User.objects.bulk_create(
        User(username=f"writer{n}", email=f"writer{n}@hospital.example", full_name=f"Writer {n}",
             password=pattern.password)
        for n in range(WRITERS)
    )  # fmt: skip
    known(*people)
    Membership.objects.bulk_create(
        Membership(user=person, site=cast.north, role=Role.PHARMACIST, started_at=at - timedelta(days=9))
        for person in people
    )
    writers = [Writer(_cookie(person), _cookie(cast["petra"])) for person in people]
    return writers, [str(uid) for uid in Request.objects.order_by("pk").values_list("uid", flat=True)]


def _cookie(person: object) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={CSRF}"


def journey(writer: Writer, uid: str) -> Iterator[Form]:
    """The moves on one request, which stands as it was filed."""
    from tests.cast import PASSWORD
    from tests.reviewing.pages import day_to_answer
    from utilization.models import Request

    version = Request.objects.values_list("version", flat=True).get(uid=uid)

    def reviewer(verb: str, after: int, **fields: str) -> Form:
        typed = {"version": str(version + after), **fields}
        return Form(verb, f"/review/{uid}/{verb}/", writer.pharmacist, typed, 302)

    yield reviewer("claim", 0)
    yield reviewer("note", 1, text="Called the ward.")
    yield reviewer("message", 1, to="department", text="Which arm?")
    yield reviewer("release", 1)
    yield reviewer("claim", 2, again="1")
    yield reviewer("ask", 3, text="Why five days?", facts="course_days", wanted_by=f"{day_to_answer()}")
    answer = {"version": str(version + 4), "text": "As the ward always does.", "course_days": "5"}
    yield Form("answer", f"/requests/{uid}/answer/", writer.prescriber, answer, 302)
    yield reviewer("approve", 5, password=PASSWORD)


def floors(writer: Writer) -> Iterator[Form]:
    """Empty forms that are answered and change nothing."""
    for _ in range(FLOORS):
        yield Form("empty look-up", "/look-up/", writer.pharmacist, {"q": ""}, 422)


# --- The server ---------------------------------------------------------------------------------------------------


@contextmanager
def served() -> Iterator[tuple[int, int]]:
    """The server, once it answers: (its port, its process)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-W", "ignore", "manage.py", "serve", "--port", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_SECONDS
        while process.poll() is None and not _answers(port):
            if time.monotonic() > until:
                sys.exit("The server did not start.")
            time.sleep(0.2)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _answers(port: int) -> bool:
    try:
        knock = HTTPConnection("127.0.0.1", port, timeout=5)
        knock.request("GET", "/readyz")
        return knock.getresponse().status == 200
    except (OSError, HTTPException):
        return False


def processor_seconds(root: int) -> Counter[str]:
    """Processor seconds that the server and all that it started have spent, and PostgreSQL for it where it is here, by
    part of the server."""
    children: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(path.parent.name)
        children.setdefault(int(fields[1]), []).append(pid)
        # User and system time, of children that were waited for as well.
        spent[pid] = sum(int(ticks) for ticks in fields[11:15]) / TICKS
    tree, below = [], [root]
    while below:
        tree.append(below.pop())
        below += children.get(tree[-1], [])
    by_part = Counter[str]()
    for part, pid in (*((_part(pid), pid) for pid in tree), *(("database", pid) for pid in _backends())):
        by_part[part] += spent.get(pid, 0)
    return by_part


def _part(pid: int) -> str:
    """Which part of the server a process is, by its words."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return "ended"
    return next((part for word, part in PARTS.items() if word in words), "other")


def _backends() -> list[int]:
    from django.db import connection

    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


# --- Sending ------------------------------------------------------------------------------------------------------


def send(port: int, form: Form) -> tuple[float, str]:
    """Milliseconds until the answer was there, and what is wrong with it."""
    body = urlencode({"csrfmiddlewaretoken": CSRF, **form.fields})
    headers = {"Cookie": form.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    began = time.perf_counter()
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", form.address, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        status = str(answer.status)
    except (OSError, HTTPException) as error:
        status = error.__class__.__name__
    spent = (time.perf_counter() - began) * 1000
    return spent, "" if status == str(form.due) else f"{form.name}: {status}"


def at_once(port: int, root: int, forms: Sequence[Iterator[Form]], taken: Taken) -> None:
    """Send the forms of each writer, one after the other, all writers at once, and add what they took to `taken`."""
    ready = [list(each) for each in forms]
    begin, lock = threading.Barrier(len(ready)), threading.Lock()

    def write(mine: list[Form]) -> None:
        chance = random.Random(mine[0].cookie)
        begin.wait()
        # Else all would sign in the same few seconds, each after as many forms.
        time.sleep(chance.uniform(0, len(mine) * PAUSE))
        for form in mine:
            time.sleep(chance.uniform(0, 2 * PAUSE))
            spent, wrong = send(port, form)
            with lock:
                taken.spent.setdefault(form.name, []).append(spent)
                taken.wrong += [wrong] if wrong else []

    threads = [threading.Thread(target=write, args=(mine,)) for mine in ready]
    before = processor_seconds(root)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken.processor.update(processor_seconds(root) - before)


def centiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th percentile."""
    parts = statistics.quantiles(values, n=100, method="inclusive")
    return parts[49], parts[94], parts[98]


def told(name: str, values: Sequence[float]) -> str:
    """One line of the table."""
    return f"{name:<18}{len(values):>7}" + "".join(f"{value:>9.0f} ms" for value in centiles(values))


def report(moves: Taken, floor: Taken) -> int:
    """Print what was taken; 1 where a move takes too long or an answer was not due."""
    print(f"{'':<18}{'sent':>7}{'p50':>12}{'p95':>12}{'p99':>12}")
    for name, values in {**moves.spent, "all moves": moves.all, **floor.spent}.items():
        print(told(name, values))
    late, least = centiles(moves.all)[2], centiles(floor.all)[2]
    print(f"p99 of a move against that of the floor: {late / least:.2f}")
    for taken, name in ((moves, "move"), (floor, "empty form")):
        work = {part: spent * 1000 / len(taken.all) for part, spent in taken.processor.most_common()}
        parts = ", ".join(f"{part} {spent:.1f}" for part, spent in work.items())
        print(f"processor time of the server: {sum(work.values()):.1f} ms for each {name} ({parts})")
    for wrong in sorted(set(moves.wrong + floor.wrong)):
        print(f"not as due: {wrong} ({(moves.wrong + floor.wrong).count(wrong)} times)")
    return int(late > MOST_MS or bool(moves.wrong or floor.wrong))


def measure(rounds: int) -> int:
    """Lay, serve, take turns and report."""
    writers, requests = lay(WRITERS * (rounds + 1))
    shares = [requests[start:end] for start, end in pairwise(range(0, len(requests) + 1, WRITERS))]
    moves, floor, warm = Taken(), Taken(), Taken()

    def journeys(share: Sequence[str]) -> list[Iterator[Form]]:
        return [journey(writer, uid) for writer, uid in zip(writers, share, strict=True)]

    def empty() -> list[Iterator[Form]]:
        return [floors(writer) for writer in writers]

    with served() as (port, root):
        print(f"{os.getloadavg()[0]:.1f} processes wanted {os.cpu_count()} processors before this began")
        turns: list[tuple[Callable[[], list[Iterator[Form]]], Taken]] = []
        for place, share in enumerate(shares):
            turns += [
                (empty, floor if place else warm),
                (lambda share=share: journeys(share), moves if place else warm),
            ]
        for forms, taken in turns:
            at_once(port, root, forms(), taken)
    return report(moves, floor)


def main(arguments: list[str]) -> int:
    """Measure as the arguments say."""
    usage(__doc__)
    with (
        tempfile.TemporaryDirectory(prefix="bench-move-latency-") as name,
        two_sizes.databases("moves", [WRITERS]) as addresses,
    ):
        set_up(Path(name), addresses[0])
        try:
            return measure(int(arguments[0]) if arguments else ROUNDS)
        finally:
            from django.db import connections

            connections.close_all()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
