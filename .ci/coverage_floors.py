"""Which lines and branches no test ran, and whether that is less than the floors allow (decision 0077).

    python .ci/coverage_floors.py lines.json

The file is what `COVERAGE=lines.json ./run test` wrote. Ends with 1 where a floor is not reached.
"""

import json
import sys
from pathlib import Path
from typing import TypedDict

FLOORS = (
    ("everything", ("utilization/",), 97.0),
    # What decides about patients and access leaves hardly a line or a branch untried.
    ("rules, access and workflow", ("utilization/rules/", "utilization/access/", "utilization/workflow/"), 99.0),
)
"""A name, where its files are, and what share of their lines and branches must be run, in percent."""


class Counted(TypedDict):
    """What slipcover writes of a file: lines by their numbers, branches as pairs of them."""

    executed_lines: list[int]
    missing_lines: list[int]
    executed_branches: list[list[int]]
    missing_branches: list[list[int]]


def share(counted: list[Counted]) -> float:
    """Return how many of all lines and branches were run, in percent; 100 where there are none."""
    run = sum(len(file["executed_lines"]) + len(file["executed_branches"]) for file in counted)
    missed = sum(len(file["missing_lines"]) + len(file["missing_branches"]) for file in counted)
    return 100 * run / (run + missed) if run + missed else 100.0


def missed(counted: Counted) -> str:
    """Return what was not run as "12, 30-31, 40->42"; empty where all was."""
    spans: list[list[int]] = []
    for line in counted["missing_lines"]:
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    lines = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    jumps = [f"{start}->{end or 'end'}" for start, end in counted["missing_branches"]]
    return ", ".join(lines + jumps)


def main(path: str) -> int:
    files: dict[str, Counted] = json.loads(Path(path).read_text(encoding="utf-8"))["files"]
    for name, counted in sorted(files.items()):
        if untried := missed(counted):
            print(f"{share([counted]):5.1f} %  {name}  {untried}")
    low = 0
    for name, places, floor in FLOORS:
        got = share([counted for file, counted in files.items() if file.startswith(places)])
        print(f"{got:5.1f} %  {name}; the floor is {floor} %")
        low += got < floor
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
