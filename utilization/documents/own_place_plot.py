"""The plot of a prescriber's own place: the limits of all, one dot, and nobody else's."""

from dataclasses import replace

from utilization.plots import Plot, funnel_plot
from utilization.plots.figures import figure, percent
from utilization.rules.statistics.funnel import Funnel

_SUBJECT = "Your approvals off criteria"


def own_place_plot(funnel: Funnel) -> Plot:
    """The funnel with the one group that it holds, and the finding in words."""
    [own] = funnel.groups
    side = "above" if own.above else "below"
    finding = ("within what chance makes of it", f"{side} the 95\u202f% limits of chance",
               f"{side} the 99.9\u202f% limits of chance")[own.beyond]  # fmt: skip
    heading = f"{_SUBJECT}: {percent(own.share)}, {finding}"
    title = (
        f"{heading}. Yours are {figure(own.count)} of {figure(own.of)}; of all approvals it is"
        f" {percent(funnel.share)} of {figure(funnel.of)}. The table says the same."
    )
    plot = funnel_plot("own_place", _SUBJECT, funnel, of="approvals", better="lower")
    return replace(plot, heading=heading, title=title)
