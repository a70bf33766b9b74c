"""What changed, in one sentence that follows from the figures alone."""

from decimal import Decimal

from utilization.rules.utilization_report.figures import MG_A_GRAM, percent_of, rounded
from utilization.rules.utilization_report.shares import YES, Part
from utilization.rules.utilization_report.tiles import Snapshot

NOTHING = "Nothing can be said of this period: there are too few patients, or none."


def sentence(now: Snapshot, before: Snapshot) -> str:
    """What became of grams, of approvals off criteria, and of renewals without a documented response."""
    parts = [_grams(now.mg, before.mg), _off(now, before), _response(now.response)]
    said = [part for part in parts if part]
    if not said:
        return NOTHING
    joined = said[0] if len(said) == 1 else f"{', '.join(said[:-1])}, and {said[-1]}"
    return f"{joined[0].upper()}{joined[1:]}."


def _grams(now: int | None, before: int | None) -> str:
    if not now or before is None:
        return ""
    shown = f"{_thousands(now)}\u202fg"
    if not before:
        return f"{shown} scheduled, and none known of the year before"
    change = percent_of(abs(now - before), before)
    if not change:
        return f"as many grams as the year before ({shown})"
    word = "fewer" if now < before else "more"
    return f"{change}\u202f% {word} grams scheduled ({_thousands(before)} \u2192 {shown})"


def _off(now: Snapshot, before: Snapshot) -> str:
    share, earlier = _percent(now.off.n(YES), now.off.total), _percent(before.off.n(YES), before.off.total)
    if share is None:
        return ""
    if earlier is None:
        return f"{now.off.n(YES)} of {now.off.total} approvals off criteria ({share}\u202f%)"
    word = "a smaller" if share < earlier else "a larger" if share > earlier else "the same"
    return f"{word} share of approvals off criteria ({earlier} \u2192 {share}\u202f%)"


def _response(response: Part) -> str:
    if response.n is None or not response.of:
        return ""
    return f"{response.of - response.n} of {response.of} renewals without a documented response"


def _percent(n: int | None, of: int | None) -> Decimal | None:
    return None if n is None or not of else percent_of(n, of)


def _thousands(mg: int) -> str:
    return f"{rounded(Decimal(mg) / MG_A_GRAM, 0):,}".replace(",", "\u202f")
