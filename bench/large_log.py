"""A log of a million entries, held against what was signed, and every row held against the log: seconds and memory.

    python -m bench.large_log                          1,000,000 entries, on SQLite, in a folder that is gone afterwards
    python -m bench.large_log 100000 FOLDER            another size, and kept in FOLDER, to be measured again from there
    DATABASE_URL=postgres://user@host/name python -m bench.large_log       on PostgreSQL, in that database, empty before

A hospital's history comes through the doors; two of its requests, a denied one and one with a question, are then copied
with all their entries, rows and salts until the log is as long as asked for. The real sealer seals it. Each part of the
check runs in a process of its own:

- log: every entry, its bytes against the columns beside it, the tree built anew against every signed checkpoint;
- rows: every request, submission, decision, question and the rest against the entries that tell of them.

Seconds are told as they passed, and as this process worked, which is what other work on the machine changes least. Ends
with 1 where the log takes more than 30 s of work or 300 MB, the aim for a million entries, or anything is found wrong.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from bench import usage

ENTRIES, SECONDS, MEGABYTES = 1_000_000, 30, 300
COPIED, AT_ONCE, APART = ("denied", "answered"), 2_000, 1_000_000
HANGING = {
    "submission": "0", "authorship": "0", "question": "0", "decision": "submission_id", "requestsummary": "0",
}  # fmt: skip
"""Tables that hang on a request, each with the column by which a row is also about another of them."""
KEYS, LOG_NAME = "keys.txt", "bench.example/ivig-log/1"
NAMED_KEYS = ("decision", "question", "note")
"""What entries name by the key of its row."""
_SPACE = UUID("6f0f2b1e-7d8c-4d0e-9c6f-0c8f1f3b5a10")


def set_up(folder: Path) -> None:
    """Django over the database of the environment, or over one in `folder`."""
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/log.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()


class Template:
    """One request of a history with all that tells of it, to be copied as often as asked for."""

    def __init__(self, request: int) -> None:
        from utilization.models import Event

        self.request = request
        told = Event.objects.filter(request_id=request).exclude(type="document.issued").order_by("seq")
        self.entries = [(event.seq, *_blanked(bytes(event.body))) for event in told]
        self.salts = sorted({salt for _, _, blanks in self.entries for kind, salt in blanks if kind == "salt"})
        self.statements = [
            _copying("event", ("seq", "request_id", "body")), _copying("digestsalt", ("id",)),
            _copying("request", ("id", "uid", "number")), _copying("submission", ("id", "request_id")),
            _copying("authorship", ("id", "request_id")), _copying("question", ("id", "request_id")),
            _copying("decision", ("id", "request_id", "submission_id")),
            _copying("requestsummary", ("id", "request_id")), _copying("unmetcriterion", ("id", "summary_id")),
        ]  # fmt: skip
        self.hanging = {table: _keys_of(table, request) for table in HANGING}
        self.unmet = _unmet_of(request)
        self.waiting: list[list[tuple[Any, ...]]] = [[] for _ in self.statements]

    def copy(self, number: int, seq: int) -> int:
        """Have copy `number` wait to be written, its first entry as number `seq`; return the log's size after it."""
        beyond = APART * number
        request, uid = self.request + beyond, uuid5(_SPACE, str(number))
        events, salts, requests, submissions, authors, questions, decisions, summaries, unmet = self.waiting
        for old, text, blanks in self.entries:
            values = {"seq": seq, "uid": uid, "number": f"COPY-{number}"}
            filled = [str(values.get(kind) or key + beyond) for kind, key in blanks]
            events.append((seq, request, (text % tuple(filled)).encode(), old))
            seq += 1
        salts += [(salt + beyond, salt) for salt in self.salts]
        requests.append((request, _stored(uid), f"COPY-{number}", self.request))
        of_request = {
            "submission": submissions, "authorship": authors, "question": questions, "requestsummary": summaries,
        }  # fmt: skip
        for table, waiting in of_request.items():
            waiting += [(key + beyond, request, key) for key, _ in self.hanging[table]]
        decisions += [(key + beyond, request, about + beyond, key) for key, about in self.hanging["decision"]]
        unmet += [(key + beyond, about + beyond, key) for key, about in self.unmet]
        return seq

    def write(self) -> None:
        """Write all that waits."""
        from django.db import connection

        with connection.cursor() as cursor:
            # Requests and submissions before what hangs on them.
            for place in (2, 3, 0, 1, *range(4, len(self.statements))):
                if self.waiting[place]:
                    cursor.executemany(self.statements[place], self.waiting[place])
                self.waiting[place].clear()


def _blanked(body: bytes) -> tuple[str, list[tuple[str, int]]]:
    """The text of an entry with `%s` wherever a copy says something else, and what stands there: kind, old key."""
    said = json.loads(body)
    blanks: list[tuple[str, int]] = []

    def blank(kind: str, key: int = 0) -> str:
        blanks.append((kind, key))
        return f"@{len(blanks) - 1}@"

    def walk(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: blank("salt", part) if name == "salt" and isinstance(part, int)
            else blank("key", part) if name in NAMED_KEYS and isinstance(part, int) else walk(part)
            for name, part in value.items()
        }  # fmt: skip

    said["data"] = walk(said["data"])
    said["seq"] = blank("seq")
    said["request"] = {"uid": blank("uid"), "number": said["request"]["number"] and blank("number")}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("%", "%%")
    in_order = [blanks[int(place)] for place in re.findall("@([0-9]+)@", text)]
    texts = {place for place, (kind, _) in enumerate(blanks) if kind in ("uid", "number")}
    for place in range(len(blanks)):
        mark = f'"@{place}@"'
        text = text.replace(mark, '"%s"' if place in texts else "%s")
    return text, in_order


def _copying(table: str, changed: tuple[str, ...]) -> str:
    """A statement that copies the row of a key with other values in the columns `changed`."""
    from django.db import connection

    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, f"utilization_{table}")
    others = [column.name for column in described if column.name not in changed]
    quoted = ", ".join(f'"{name}"' for name in (*changed, *others))
    key = "seq" if table == "event" else "id"
    values = ", ".join([*(["%s"] * len(changed)), *(f'"{name}"' for name in others)])
    return f"INSERT INTO utilization_{table} ({quoted}) SELECT {values} FROM utilization_{table} WHERE {key} = %s"


def _keys_of(table: str, request: int) -> list[tuple[int, int]]:
    """The keys of the rows that hang on a request, each with that of the submission that it is about, or 0."""
    from django.db import connection

    about = HANGING[table]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {about} FROM utilization_{table} WHERE request_id = %s", [request])
        return cursor.fetchall()


def _unmet_of(request: int) -> list[tuple[int, int]]:
    """The keys of the unmet criteria of a request, each with that of the summary that it hangs on."""
    from utilization.models import UnmetCriterion

    return list(UnmetCriterion.objects.filter(summary__request_id=request).values_list("pk", "summary_id"))


def _stored(uid: UUID) -> Any:
    from django.db import connection

    return uid if connection.vendor == "postgresql" else uid.hex


def build(folder: Path, entries: int) -> None:
    """Lay a sealed log of about as many entries, with the rows that they tell of; print what it took."""
    set_up(folder)
    from django.core.management import call_command
    from django.db import transaction

    from tests.reconciliation.history import a_history
    from utilization import workflow
    from utilization.models import Event, LogHead

    began = time.perf_counter()
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        made = a_history()
        workflow.close_access(at=made.requests["denied"].updated_at)
    templates = [Template(made.requests[name].pk) for name in COPIED]
    size, number = Event.objects.count(), 0
    while size < entries:
        with transaction.atomic():
            for _ in range(AT_ONCE):
                number += 1
                size = templates[number % len(templates)].copy(number, size)
            for template in templates:
                template.write()
            LogHead.objects.filter(pk=1).update(size=size)
    laid = time.perf_counter()
    seal(folder)
    spent = f"laid in {laid - began:.0f} s, sealed in {time.perf_counter() - laid:.0f} s"
    print(f"{size:,} entries of {number:,} copied requests: {spent}", flush=True)


def seal(folder: Path) -> None:
    """Seal all that is there, with a witness that needs no network, and keep the public keys in the folder."""
    from django.utils import timezone

    from utilization.seal.key_folder import LastSigned
    from utilization.seal.sealer import Sealer
    from utilization.transparency.checkpoints import cosignature
    from utilization.transparency.ed25519 import new_signing_key
    from utilization.transparency.keys import SignatureType

    log, witness = (
        new_signing_key(name, kind)
        for name, kind in ((LOG_NAME, SignatureType.LOG), ("witness", SignatureType.WITNESS))
    )

    class Cosigning:
        @staticmethod
        def cosign(note: Any, _old: int, _node: Any) -> Any:
            return note.signed_also(cosignature(note.text, witness, int(time.time())))

    LastSigned(folder, LOG_NAME).begin()
    by_ourselves: Any = Cosigning()
    sealer = Sealer(log, folder, by_ourselves)
    while sealer.seal(timezone.now) is not None:
        pass
    (folder / KEYS).write_text(f"{log.public.line}\n{witness.public.line}\n")


def measure(folder: Path, part: str) -> None:
    """Carry out one part of the check in this process; print what it took, as JSON."""
    set_up(folder)
    from utilization import event_log
    from utilization.key_files import read_public_keys
    from utilization.reconciliation import reconcile

    keys = read_public_keys(folder / KEYS)
    before, began, worked = _megabytes(), time.perf_counter(), time.process_time()
    if part == "log":
        log = event_log.verify(keys)
        count, problems = log.size, log.problems
    else:
        rows = reconcile()
        count, problems = rows.rows, rows.problems
    seconds, work = time.perf_counter() - began, time.process_time() - worked
    said = {
        "count": count,
        "problems": list(problems[:5]),
        "seconds": seconds,
        "work": work,
        "megabytes": _megabytes(),
        "at_first": before,
    }
    print(json.dumps(said), flush=True)


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_a_process(folder: Path, *arguments: str) -> str:
    asked = [sys.executable, "-W", "ignore", "-m", "bench.large_log", *arguments, str(folder)]
    return subprocess.run(asked, check=True, stdout=subprocess.PIPE, text=True).stdout


def run(folder: Path, entries: int) -> int:
    """Build where nothing is built yet, measure, print; 1 where the aim is missed or anything is wrong."""
    if not (folder / KEYS).exists():
        print(_in_a_process(folder, "--build", str(entries)), end="")
    missed = False
    for part, unit in (("log", "entries"), ("rows", "rows")):
        said: Mapping[str, Any] = json.loads(_in_a_process(folder, "--measure", part))
        a_million = said["work"] / said["count"] * 1e6
        print(
            f"{part}: {said['count']:,} {unit} in {said['seconds']:.1f} s, {said['work']:.1f} s of them work "
            f"({a_million:.1f} s a million), "
            f"{said['megabytes']:.0f} MB at most, {said['at_first']:.0f} MB of them before it began",
            flush=True,
        )
        for problem in said["problems"]:
            print(f"  {problem}")
        if part == "log":
            missed |= a_million > SECONDS or said["megabytes"] > MEGABYTES
        missed |= bool(said["problems"])
    return int(missed)


def main(arguments: list[str]) -> int:
    """Measure as the arguments say."""
    usage(__doc__)
    if arguments[:1] == ["--build"]:
        build(Path(arguments[2]), int(arguments[1]))
    elif arguments[:1] == ["--measure"]:
        measure(Path(arguments[2]), arguments[1])
    elif len(arguments) > 1:
        Path(arguments[1]).mkdir(parents=True, exist_ok=True)
        return run(Path(arguments[1]), int(arguments[0]))
    else:
        with tempfile.TemporaryDirectory(prefix="bench-large-log-") as folder:
            return run(Path(folder), int(arguments[0]) if arguments else ENTRIES)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
