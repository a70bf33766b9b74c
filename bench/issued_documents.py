"""A thousand issued documents, checked by the program that is handed out, alone in a folder, fifteen years on.

    python -m bench.issued_documents                1,000 documents, and each byte of one altered
    python -m bench.issued_documents 100 --few      another number, and every fiftieth byte alone

All are issued under one log with a witness. Every twentieth has the page that people read, the others a short one; what
they carry, and the place for the proof, is the same. The verifier runs as `python3 -I` with a clock that is 15 years
ahead. Then one document with a whole page is altered: each byte once, cut off, added to, given the proof of another.
Ends with 1 where a genuine one is refused, an altered one is believed, or anything but words comes out.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

# ruff: noqa: E402 - the page is a template, so Django must be set up before it is set
from bench import usage
from tests.documents.signed_log import KEYS, SEEN, IssuedFile, SignedLog
from utilization.verifier import verify_evidence as verifier

DOCUMENTS, WHOLE, YEARS, FEW = 1_000, 20, 15, 50
AHEAD = f"""
import runpy, sys, time
real = time.time
time.time = lambda: real() + {YEARS * 365.25 * 86400}
sys.argv = ["verify_evidence.py", "keys.txt", *sys.argv[1:]]
runpy.run_path("verify_evidence.py", run_name="__main__")
"""


def issue(count: int) -> Iterator[IssuedFile]:
    """So many documents under one log; every `WHOLE`th with its whole page, the first among them."""
    log = SignedLog()
    for number in range(count):
        yield IssuedFile(log, real=number % WHOLE == 0, number=f"IVIG-NORTH-2026-{number + 1:05}")


def genuine(folder: Path, names: list[str]) -> int:
    """How many of these files the verifier calls genuine, in `folder` and by a clock that is ahead."""
    words = [sys.executable, "-I", "-c", AHEAD, *names]
    answer = subprocess.run(words, cwd=folder, env={}, capture_output=True, text=True, check=False)
    if answer.stderr:
        print(answer.stderr[-2000:])
    return answer.stdout.count(": GENUINE\n") if not answer.stderr else 0


def altered(content: bytes, each: int) -> Iterator[bytes]:
    """The file with one byte altered, at every `each`th place."""
    chance = random.Random(9)
    for place in range(0, len(content), each):
        other = bytearray(content)
        other[place] ^= 1 << chance.randrange(8)
        yield bytes(other)


def spoilt(content: bytes, other: bytes) -> Iterator[bytes]:
    """The file cut off at many places, added to, twice in one, with the place of another, signed over."""
    for length in random.Random(7).sample(range(len(content)), 500):
        yield content[:length]
    start, there = content.index(verifier.MARK), other.index(verifier.MARK)
    place = other[there : there + verifier.HOLE_BYTES]
    yield from (content + b"\n", content + content, content + other, b"%PDF-1.7\n" + content, b"")
    yield content[:start] + place + content[start + verifier.HOLE_BYTES :]
    yield content[:start] + verifier.hole() + content[start + verifier.HOLE_BYTES :]
    yield content + b"\n99 0 obj\n<</Type/Sig>>\nendobj\n%%EOF\n"


def believed(files: Iterator[bytes]) -> tuple[int, int]:
    """How many files there are, and how many of them are believed. What is no refusal ends it."""
    keys, count, wrong = verifier.read_keys(KEYS), 0, 0
    # Each signature is checked once, however often it is asked about: it is the same in nearly all of them.
    verifier.is_signed = cache(verifier.is_signed)
    for content in files:
        count += 1
        try:
            verifier.examine(content, keys, SEEN + YEARS * 365 * 86400)
            wrong += 1
        except verifier.NotGenuine:
            pass
    return count, wrong


def main() -> int:
    """Measure as the arguments say; 1 where anything is not as it should be."""
    usage(__doc__)
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("documents", type=int, nargs="?", default=DOCUMENTS)
    parser.add_argument("--few", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-issued-documents-") as place:
        folder, names, kept, began = Path(place), [], [], time.perf_counter()
        files = list(issue(asked.documents))
        for file in files:
            names.append(f"{file.value['request']['number']}.pdf")
            content = file.with_proof()
            (folder / names[-1]).write_bytes(content)
            kept = kept or [content]
        other = files[1].with_proof()
        print(f"{len(names):,} documents issued in {time.perf_counter() - began:.0f} s", flush=True)
        (folder / "verify_evidence.py").write_bytes(Path(verifier.__file__).read_bytes())
        (folder / "keys.txt").write_text(KEYS)
        began = time.perf_counter()
        count = genuine(folder, names)
        print(f"{count:,} of {len(names):,} genuine {YEARS} years on, {time.perf_counter() - began:.1f} s", flush=True)
    began = time.perf_counter()
    bytes_, wrong = believed(altered(kept[0], FEW if asked.few else 1))
    print(
        f"{bytes_:,} times one byte altered of {len(kept[0]):,}: {wrong} believed, {time.perf_counter() - began:.0f} s"
    )
    others, also_wrong = believed(spoilt(kept[0], other))
    print(f"{others:,} cut off, added to, doubled, with the place of another: {also_wrong} believed", flush=True)
    return int(count != len(names) or wrong > 0 or also_wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
