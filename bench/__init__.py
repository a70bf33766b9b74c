"""Measurements, run by hand. Each is started from the folder of the product in one way:

    python -m bench.NAME            measures and prints
    python -m bench.NAME --help     says what is measured, against what, and what can be given

`bench/kills/` is a folder, since it is a server, writers, whom `bench/restores.py` has too, and a reckoning, and so is
what `bench/two_hosts.py` starts.
`bench/lists.py`, `bench/report.py` and `bench/review_queue.py` share `bench/two_sizes.py`, and the last two
`bench/copied_rows.py`; neither measures anything by itself.
"""

import sys


def usage(text: str | None) -> None:
    """Print what a bench is for and end, where that is asked for."""
    if {"-h", "--help"} & set(sys.argv[1:]):
        print((text or "").strip())
        sys.exit(0)
