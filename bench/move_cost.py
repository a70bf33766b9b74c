"""What a move costs with the log sealed beside it, against what it costs where nothing is sealed.

    python -m bench.move_cost                 on SQLite, in a folder that is gone afterwards
    python -m bench.move_cost 20              another number of rounds

Rounds take turns on one database: in one, no sealer runs and no folder of a key is named; in the next, the real sealer
signs each second in a process of its own, and each move compares the log with what was signed last. The move is a note
on a request: a row, its salted digest and its entry, in one transaction. Prints the median and the 95th percentile of
both and the ratio of the medians. Ends with 1 where that is more than 1.1.
"""

import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import usage

ROUNDS, MOVES, MOST = 12, 60, 1.1
LOG_NAME = "bench.example/ivig-log/1"


def set_up(folder: Path) -> None:
    """Django over a database in `folder`."""
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/moves.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()


def seal_when_told(folder: Path) -> None:
    """Seal each second from the line `on` to the line `off` of the input; say each line back once it holds."""
    set_up(folder)
    from django.utils import timezone

    from utilization.key_files import read_key
    from utilization.seal.key_folder import SEAL_KEY, held
    from utilization.seal.sealer import Sealer

    with held(folder / "evidence"):
        sealer, on = Sealer(read_key(folder / "evidence" / SEAL_KEY), folder / "evidence"), False
        print("ready", flush=True)
        while True:
            if select.select([sys.stdin], [], [], 1.0 if on else None)[0]:
                line = sys.stdin.readline()
                if not line:
                    return
                on = line.strip() == "on"
                print(line.strip(), flush=True)
            while on and sealer.seal(timezone.now) is not None:
                pass


class Sealing:
    """The sealer's process, switched on and off."""

    def __init__(self, folder: Path) -> None:
        words = [sys.executable, "-W", "ignore", "-m", "bench.move_cost", "--seal", str(folder)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._heard()

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def tell(self, word: str) -> None:
        """Switch it, and return once it has."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        self._heard()

    def end(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def prepare(folder: Path) -> tuple[Any, Any]:
    """A request with somebody who may add notes to it, in a database whose log can be sealed."""
    from django.core.management import call_command
    from django.db import transaction

    from tests.reconciliation.history import a_history
    from utilization.key_files import write_key
    from utilization.seal.key_folder import SEAL_KEY, LastSigned
    from utilization.transparency.ed25519 import new_signing_key
    from utilization.transparency.keys import SignatureType

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        made = a_history()
    write_key(folder / "evidence" / SEAL_KEY, new_signing_key(LOG_NAME, SignatureType.LOG))
    LastSigned(folder / "evidence", LOG_NAME).begin()
    return made.requests["held"], made.hospital["fern"]


def milliseconds(request: Any, by: Any) -> list[float]:
    """What each of so many moves took."""
    from django.utils import timezone

    from tests.workflow.acts import act

    spent = []
    for _ in range(MOVES):
        began = time.perf_counter()
        act("note", request, by, timezone.now())
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def measure(folder: Path, rounds: int) -> int:
    """Take turns, and print what a move took; 1 where it takes too much longer under the seal."""
    from django.conf import settings

    request, by = prepare(folder)
    sealing = Sealing(folder)
    bare: list[float] = []
    sealed: list[float] = []
    milliseconds(request, by)
    for _ in range(rounds):
        settings.EVIDENCE_DIR = folder / "none"
        bare += milliseconds(request, by)
        settings.EVIDENCE_DIR = folder / "evidence"
        sealing.tell("on")
        sealed += milliseconds(request, by)
        sealing.tell("off")
    sealing.end()
    for name, spent in (("without a sealer", bare), ("under the seal", sealed)):
        late = statistics.quantiles(spent, n=20)[-1]
        print(
            f"{name:<18}{statistics.median(spent):>8.2f} ms{late:>8.2f} ms at the 95th percentile, {len(spent)} moves"
        )
    ratio = statistics.median(sealed) / statistics.median(bare)
    print(f"ratio of the medians: {ratio:.2f}")
    return int(ratio > MOST)


def main(arguments: list[str]) -> int:
    """Measure as the arguments say."""
    usage(__doc__)
    if arguments[:1] == ["--seal"]:
        seal_when_told(Path(arguments[1]))
        return 0
    with tempfile.TemporaryDirectory(prefix="bench-move-cost-") as folder:
        set_up(Path(folder))
        return measure(Path(folder), int(arguments[0]) if arguments else ROUNDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
