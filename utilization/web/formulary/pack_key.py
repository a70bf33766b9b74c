"""A criteria pack by the key under which pages name it: one that comes with the product, a published one, a draft.

`pack.NAME` is a pack of `fixtures/criteria/`, `version.UID` a version that a site published, `draft.UID` a draft.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from django.http import Http404
from django.utils import timezone

from utilization import access, criteria
from utilization.models import CriteriaDraft, Publication
from utilization.models.criteria_drafts import DRAFT, PROPOSED
from utilization.rules.facts.date_words import day_words
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import read_pack
from utilization.rules.roles import Permission
from utilization.rules.yaml_lines import PackError
from utilization.workflow import PackReading, pack_reading

SHIPPED, PUBLISHED, OF_DRAFT = "pack", "version", "draft"


@dataclass(frozen=True)
class Edition:
    """One pack as text; `publication` or `draft` say where it comes from, unless it comes with the product."""

    key: str
    files: Mapping[str, str]
    publication: Publication | None = None
    draft: CriteriaDraft | None = None
    read: PackReading = field(default_factory=lambda: PackReading(None, ()))

    @property
    def pack(self) -> Pack | None:
        """The pack, where its text reads."""
        return self.read.pack

    @cached_property
    def title(self) -> str:
        """What people call it."""
        if self.draft:
            return f"Draft: {self.draft.name}"
        return f"{self.pack.title}, version {self.pack.version}" if self.pack else self.key


def edition(actor: Any, key: str) -> Edition:
    """The edition of this key. Raises NotFound alike for what does not exist and for what `actor` may not read."""
    kind, _, name = key.partition(".")
    if kind == SHIPPED and name in criteria.shipped_packs():
        return _shipped_edition(key, name)
    if kind == PUBLISHED:
        publication = access.fetch_publication(actor, name)
        read = PackReading(criteria.pack_of(publication.pack), ())
        return Edition(key, publication.pack.files, publication=publication, read=read)
    if kind == OF_DRAFT:
        return of_draft(access.fetch_draft(actor, name), actor)
    raise Http404


def of_draft(draft: CriteriaDraft, actor: Any) -> Edition:
    """A draft as an edition, read for `actor`; its text need not read."""
    return Edition(f"{OF_DRAFT}.{draft.uid}", draft.files, draft=draft, read=pack_reading(draft.files, actor.pk))


def of_publication(publication: Publication) -> str:
    """The key of a published version."""
    return f"{PUBLISHED}.{publication.uid}"


def _shipped_edition(key: str, name: str) -> Edition:
    try:
        pack = _shipped(name)
    except PackError:
        return Edition(key, {})
    return Edition(key, pack.files, read=PackReading(pack, ()))


@lru_cache(maxsize=16)
def _shipped(name: str) -> Pack:
    return read_pack(criteria.pack_files(criteria.shipped_packs()[name]))


def shipped() -> list[Edition]:
    """Every pack that comes with the product and reads, the built-in one first."""
    names = sorted(criteria.shipped_packs(), key=lambda name: (name != criteria.files.BUILTIN.name, name))
    found = [_shipped_edition(f"{SHIPPED}.{name}", name) for name in names]
    return [one for one in found if one.pack]


def choices(actor: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every edition that `actor` may read, as groups of (key, words) to choose from."""
    published = access.visible_publications(actor).select_related("pack", "site").defer("pack__files", "pack__shelf")
    drafts = access.visible_drafts(actor).filter(status__in=(DRAFT, PROPOSED)).select_related("site").defer("files")
    return [
        ("Published", [(of_publication(one), _words(one)) for one in published.order_by("site", "-effective_from")]),
        ("Drafts", [(f"{OF_DRAFT}.{one.uid}", one.name) for one in drafts]),
        ("With the product", [(one.key, one.title) for one in shipped()]),
    ]


def in_force_at_only_site(actor: Any) -> str:
    """The key of what judges today at the one site whose criteria `actor` keeps; empty where there are several.

    Most drafts change it, and who began from nothing by mistake found that out at the end.
    """
    sites = list(access.sites(actor, Permission.KEEP_CRITERIA)[:2])
    if len(sites) != 1:
        return ""
    published = criteria.published(sites[0], sites[0].date_at(timezone.now()))
    return of_publication(published) if published else f"{SHIPPED}.{criteria.files.BUILTIN.name}"


def _words(one: Publication) -> str:
    return f"{one.pack.title}, version {one.pack.version}, from {day_words(one.effective_from)} at {one.site.name}"
