"""How many made-up cases a property is tried on: a third of its number in CI, which tries the same ones each time, and
an eighth elsewhere, where each run tries new ones and minutes count. All of them, which takes minutes more:

    EVERY=1 ./run test -n auto tests/rules tests/replay tests/packs tests/public
"""

import os

LEAST = 10
IN_CI, ELSEWHERE = 3, 8


def share(in_ci: int = IN_CI, elsewhere: int = ELSEWHERE) -> int:
    """Of how many cases one is tried: as `EVERY` says in the environment, or else by where the tests run."""
    return int(os.environ.get("EVERY", in_ci if os.environ.get("CI") else elsewhere))


def at_most(many: int) -> int:
    """The share of so many cases, but never fewer than ten."""
    return max(min(many, LEAST), many // share())
