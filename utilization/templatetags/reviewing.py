"""Tags of the reviewers' pages alone."""

from collections.abc import Mapping
from typing import Any

from django import template

from utilization.rules.facts.catalogue import SAFETY_CHECKLIST

register = template.Library()


@register.filter
def is_safety(group: Mapping[str, Any]) -> bool:
    """Whether the group of facts (of `fact_groups`) is that of the safety checklist."""
    return any(row["name"] in SAFETY_CHECKLIST for row in group["rows"])


@register.filter
def answered_no(group: Mapping[str, Any]) -> list[str]:
    """The labels of the facts of a group that were answered with no."""
    return [row["label"] for row in group["rows"] if row["value"] == "no"]
