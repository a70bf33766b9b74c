"""How many made-up cases a property is tried on: as many as it says in CI, which tries the same ones each time, and an
eighth elsewhere, where each run tries new ones and minutes count.
"""

import os

LEAST = 10


def at_most(many: int) -> int:
    """So many cases in CI, an eighth of them elsewhere, but never fewer than ten."""
    return many if os.environ.get("CI") else max(min(many, LEAST), many // 8)
