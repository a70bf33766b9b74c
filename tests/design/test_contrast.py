"""Every pair of colours that meets on a page keeps WCAG 2.2 AA in both themes."""

import pytest

from tests.design.palette import colours, contrast

# (what stands in front, what it stands on)
TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "accent") for ground in ("paper", "surface", "well")],
    *[(ink, "accent-soft") for ink in ("ink", "ink-soft", "accent", "accent-strong")],
    *[(tone, ground) for tone in ("good", "bad", "weigh", "ask") for ground in (f"{tone}-soft", "surface", "paper")],
    *[("ink", f"{tone}-soft") for tone in ("good", "bad", "weigh", "ask")],
    ("idle", "idle-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-mast", "mast"),
    ("on-mast-soft", "mast"),
    ("surface", "bad"),
]
EDGES = [
    ("line-strong", "surface"),
    ("focus", "paper"),
    ("focus", "surface"),
    ("accent", "surface"),
    ("bad", "surface"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), TEXT)
def test_text_has_at_least_4_5_to_1(front, ground, theme):
    ratio = contrast(colours()[front][theme], colours()[ground][theme])
    assert ratio >= 4.5, f"{front} on {ground}, {theme}: {ratio:.2f}"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), EDGES)
def test_edges_of_controls_and_the_focus_ring_have_at_least_3_to_1(front, ground, theme):
    ratio = contrast(colours()[front][theme], colours()[ground][theme])
    assert ratio >= 3, f"{front} on {ground}, {theme}: {ratio:.2f}"


def test_known_ratios_come_out_right():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
