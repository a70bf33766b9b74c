"""Measurements, run by hand. Each is started from the folder of the product in one way:

    python -m bench.NAME            measures and prints
    python -m bench.NAME --help     says what is measured, against what, and what can be given

`bench/lists.py` and `bench/review_queue.py` share `bench/two_sizes.py`, which measures nothing by itself.
"""

import sys


def usage(text: str | None) -> None:
    """Print what a bench is for and end, where that is asked for."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((text or "").strip())
        sys.exit(0)
