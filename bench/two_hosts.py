"""Two web hosts, one database, 200 readers and 32 writers; and what happens when parts of that fail.

    python -m bench.two_hosts                   all parts, with two minutes of steady load; some fifteen minutes
    python -m bench.two_hosts 30                with so many seconds of steady load
    python -m bench.two_hosts 30 --few          with 20 readers and 8 writers
    python -m bench.two_hosts 30 --only host,database,disk,clock    with some of the parts
    python -m bench.two_hosts --pace 4          with people who take four times as long, where the machine is slow
    python -m bench.two_hosts --kept FOLDER     keeps the hospital in FOLDER as it was made, and begins with it again

It needs root and Linux with PostgreSQL's server programs: each host is a network namespace with the real
`manage.py serve` in production mode (web server, worker and tick), and the PostgreSQL that both reach is made for this
alone. Without them it says so and ends with 2. All is gone afterwards, however it ends.

A reader opens a page each 30 to 90 seconds, a writer begins something each 10 to 30, of several pages: the pace of
people, so that this is some 10 requests a second and not 232 at once. All sign in by the page. Half are served by each
host; who gets no answer turns to the other one with the same form. One in five messages is sent by somebody who is gone
before the answer, and sent again to the other host.

- host: one host is killed as by a cut of power, and started again
- database: PostgreSQL is stopped, and crashes, under load
- disk: the disk of the database, and of the files of exports, is filled and emptied again
- clock: both clocks are set an hour forward and back again, then one host's alone (needs a C compiler)

Held, under all of it: no 5xx but 503 in plain words while the database or the disk is away; sessions go on at the
other host; what was acknowledged is there, once; each job is done, once; `verify_log` finds nothing. Milliseconds are
stated, with what else the machine does in them. Ends with 1 where anything is not as it should be.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

from bench import usage

READERS, WRITERS, SECONDS = 200, 32, 120
FEW_READERS, FEW_WRITERS = 20, 8
PARTS = ("host", "database", "disk", "clock")


def main() -> int:
    """Run what is asked for; 0 where all held, 1 where not, 2 where it cannot run here."""
    usage(__doc__)
    parser = argparse.ArgumentParser(prog="python -m bench.two_hosts")
    parser.add_argument("seconds", nargs="?", type=int, default=SECONDS)
    parser.add_argument("--few", action="store_true", help="20 readers and 8 writers")
    parser.add_argument("--pace", type=float, default=1, help="how many times as long people take between two acts")
    parser.add_argument("--kept", type=Path, help="folder that keeps the hospital for another run")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    asked = parser.parse_args()
    if missing := what_is_missing():
        print(missing, file=sys.stderr)
        return 2
    if unknown := set(asked.only.split(",")) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}. Parts: {', '.join(PARTS)}")
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _end)
    readers, writers = (FEW_READERS, FEW_WRITERS) if asked.few else (READERS, WRITERS)
    threading.stack_size(512 * 1024)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="ivig-two-hosts-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        return _run(folder, readers, writers, asked, stack)


def _end(signum: int, frame: object) -> None:
    sys.exit(f"ended by signal {signum}")


def what_is_missing() -> str:
    """Why it cannot run here, in a sentence; empty where it can."""
    from bench.hosts.cluster import programs
    from bench.hosts.network import say_what_is_missing

    if missing := say_what_is_missing():
        return missing
    return "" if programs() else "This needs PostgreSQL's server programs (apt-get install postgresql)."


def _run(folder: Path, readers: int, writers: int, asked: argparse.Namespace, stack: ExitStack) -> int:
    from bench.hosts.network import SmallDisk
    from bench.hosts.trial import Trial

    bench = Trial(folder, readers, writers, asked.kept, asked.pace, stack)
    bench.exports = SmallDisk(folder / "exports", 20)
    stack.callback(bench.exports.remove)
    bench.say(f"{readers} readers, {writers} writers, {asked.seconds} s of steady load; parts: {asked.only}")
    bench.prepare(bench.exports.folder)
    bench.send_people()
    bench.steady(asked.seconds)
    for part in PARTS:
        if part in asked.only.split(","):
            getattr(bench, part)(asked.seconds)
    bench.prove()
    for sentence in dict.fromkeys(bench.wrong):
        print(f"WRONG: {sentence}")
    print(f"{len(bench.wrong)} things are not as they should be.")
    return int(bool(bench.wrong))


if __name__ == "__main__":
    sys.exit(main())
