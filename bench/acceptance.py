"""The evidence at length, part after part: what is held by programs and machines that know nothing of the product.

    python -m bench.acceptance                     all parts; about an hour on two processors
    python -m bench.acceptance --few               the same with less of each, some minutes
    python -m bench.acceptance --tools FOLDER      with the programs of others that bench.outside_tools fetched there

The parts are benches of their own, which say more with --help:

- log_proofs: every proof to 512 entries by foreign judges, each bit of a log, signatures of others and Wycheproof's;
- outside_witness: a foreign witness beside ours, in the cases of C2SP add-checkpoint;
- issued_documents: a thousand documents, alone in a folder and 15 years on; each byte of one altered;
- large_log: a million entries, and every row against them, in seconds and megabytes;
- move_cost: what a move costs with the seal and without.

The edits of history that must be found are tests, in `tests/reconciliation/test_attacks.py`; what veraPDF says of every
document is `bench.judges`. Ends with the number of parts that came to something else than they should.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import usage

PARTS = {
    "log_proofs": (("--entries", "512"), ("--entries", "64")),
    "outside_witness": ((), ()),
    "issued_documents": (("1000",), ("60", "--few")),
    "large_log": (("1000000",), ("20000",)),
    "move_cost": (("12",), ("2",)),
}
"""Each part with its arguments at length, and in few."""
WITH_TOOLS = ("log_proofs", "outside_witness")


def main() -> int:
    """Run all parts; the number of those that failed."""
    usage(__doc__)
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--tools", type=Path)
    asked = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory(prefix="bench-tools-") as gone:
        tools = str((asked.tools or Path(gone)).resolve())
        for part, (at_length, in_few) in PARTS.items():
            began = time.perf_counter()
            print(f"--- {part}", flush=True)
            arguments = (*(in_few if asked.few else at_length), *(("--tools", tools) if part in WITH_TOOLS else ()))
            words = [sys.executable, "-W", "ignore", "-m", f"bench.{part}", *arguments]
            if subprocess.run(words, check=False).returncode:
                failed.append(part)
            print(f"    {time.perf_counter() - began:.0f} s", flush=True)
    print(f"{len(PARTS) - len(failed)} of {len(PARTS)} parts came to what they should.", *failed)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
