"""Leafing through a long list by links: the page asked for in the address, and the addresses of its neighbours."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode

from utilization.reports.paging import Page, Place, QueuePlace, read_key, read_place


def asked_place(request: HttpRequest) -> dict[str, Place | None]:
    """The place that the address names, as `after` or `before`; a place that nobody gave counts as none."""
    return {name: read_place(request.GET.get(name, "")) for name in ("after", "before")}


def asked_key(request: HttpRequest) -> dict[str, int | None]:
    """The row that the address of an ordered list names, as `after` or `before`."""
    return {name: read_key(request.GET.get(name, "")) for name in ("after", "before")}


def neighbours(page: Page, query: Mapping[str, Any]) -> dict[str, str]:
    """Addresses of the pages before and after, keeping the filters of `query`; empty where there is no such page."""

    def link(name: str, place: Place | QueuePlace | int | None) -> str:
        return f"?{urlencode({**query, name: str(place)}, doseq=True)}" if place else ""

    return {"previous_url": link("before", page.previous), "next_url": link("after", page.next)}
