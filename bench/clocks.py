"""Due times and open time between instants, by the rules and minute by minute, on made-up dates.

    python -m bench.clocks [DATES]      100,000 unless it says otherwise

Forty made-up sites in ten time zones, with opening hours, holidays and two years that the clocks change in. For each
date are held: the due time so many open minutes on, and back; the open time between; and the close of a working day.
Prints how many agreed, and ends with 1 where one did not.
"""

import random
import sys
import time
from zoneinfo import ZoneInfo

from bench import usage
from tests.rules.naive_clock import START, ZONES, a_moment, made_up_clock
from utilization.rules.opening_hours import Calendar

SITES, DAYS = 40, 730


def main() -> None:
    usage(__doc__)
    dates = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    luck, began, wrong = random.Random(26), time.monotonic(), 0
    for number in range(SITES):
        zone = ZONES[number % len(ZONES)]
        opening, holidays, naive = made_up_clock(luck, zone, START, DAYS)
        calendar = Calendar(
            ZoneInfo(zone),
            lambda day, opening=opening, holidays=holidays: () if day in holidays else opening[day.weekday()],
        )
        for _ in range(dates // SITES):
            at, then = a_moment(luck, START, 60, 600), a_moment(luck, START, 60, 600)
            minutes, days = luck.randrange(1, 2000), luck.randrange(1, 8)
            pairs = {
                "due": (calendar.due(at, minutes * 60), naive.due(at, minutes)),
                "back": (calendar.due(at, -minutes * 60), naive.due(at, -minutes)),
                "between": (calendar.open_seconds(at, then), naive.between(at, then) * 60),
                "close": (calendar.close_of_day(at, days), naive.close_of_day(at, days)),
            }
            differs = {what: pair for what, pair in pairs.items() if pair[0] != pair[1]}
            if differs:
                wrong += 1
                print(zone, at, minutes, days, differs)
    print(f"{dates // SITES * SITES} dates at {SITES} sites: {wrong} differ; {time.monotonic() - began:.0f} s")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
