"""Tags of the reviewers' pages alone."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from utilization.rules.facts.catalogue import PREGNANCY, SAFETY_CHECKLIST

register = template.Library()


@register.filter
def outside_checklist(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of a group of facts (of `fact_groups`) that are no rows of the safety checklist."""
    return [row for row in rows if row["name"] not in (*SAFETY_CHECKLIST, PREGNANCY)]
