"""Filters of a list, kept by one person under a name: saved, renamed, removed. Nothing of them is evidence."""

from urllib.parse import parse_qsl, urlencode

from django.db import transaction

from utilization.models import SavedFilter, User
from utilization.models.saved_filters import PAGES
from utilization.workflow.errors import Invalid
from utilization.workflow.text_input import clean_text

MOST_FILTERS = 20
"""Filters that one person keeps of one list at most."""
MOST_NAME, MOST_QUERY = 60, 1_000
_PLACES = frozenset({"after", "before", "site_page"})
"""What an address says beside filters: a page, which moves."""


def as_kept(query: str) -> str:
    """The filters that the query of an address spells, alike for the same filters. Raises Invalid on name."""
    try:
        pairs = [(name, value) for name, value in parse_qsl(query[: 4 * MOST_QUERY], max_num_fields=60)]
    except ValueError:
        raise Invalid({"name": ["These are more filters than a list has."]}) from None
    kept = urlencode(sorted(pair for pair in pairs if pair[0] not in _PLACES))
    if len(kept) > MOST_QUERY or "%00" in kept:
        raise Invalid({"name": ["These filters are too long to be kept. Leave some out."]})
    return kept


@transaction.atomic
def save_filter(*, by: User, page: str, name: str, query: str) -> SavedFilter:
    """Keep the filters of `query` for the list `page` under `name`; a name that is taken already means these now.

    Raises Invalid on name.
    """
    words, kept = _name(name), as_kept(query)
    if page not in PAGES:
        raise Invalid({"name": ["This list keeps no filters."]})
    # Of one person at a time, so that two windows keep no more together than one may.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    mine = SavedFilter.objects.filter(user=by, page=page)
    if not mine.filter(name=words).exists() and mine.count() >= MOST_FILTERS:
        raise Invalid({"name": [f"You keep {MOST_FILTERS} already. Remove one first."]})
    saved, _ = SavedFilter.objects.update_or_create(user=by, page=page, name=words, defaults={"query": kept})
    return saved


@transaction.atomic
def rename_filter(key: int, *, by: User, name: str) -> SavedFilter | None:
    """Give the filter another name; None where `by` keeps no such filter. Raises Invalid on name."""
    words = _name(name)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    saved = SavedFilter.objects.filter(user=by, pk=key).first()
    if saved is None:
        return None
    if SavedFilter.objects.filter(user=by, page=saved.page, name=words).exclude(pk=key).exists():
        raise Invalid({"name": [f"“{words}” is another of yours. Choose a name of its own."]})
    saved.name = words
    saved.save(update_fields=["name"])
    return saved


def remove_filter(key: int, *, by: User) -> None:
    """Keep the filter no more; nothing where `by` keeps no such filter."""
    SavedFilter.objects.filter(user=by, pk=key).delete()


def _name(name: str) -> str:
    return clean_text("name", name, required="Give it a name.", most=MOST_NAME, one_line=True)
