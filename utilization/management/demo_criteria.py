"""What the committees of the demo have done: a version published, drafts begun, and a public check that is open."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from utilization import criteria, workflow
from utilization.models import CriteriaDraft, Site, User
from utilization.rules.packs.pack import Pack
from utilization.rules.roles import Role
from utilization.workflow import set_public_check

WRITTEN, PROPOSED, SIGNED = timedelta(days=24), timedelta(days=12), timedelta(days=9)
"""How long before its first day a version is begun, proposed and signed."""


def keep_criteria(told: Mapping[str, Any], people: Mapping[str, User], now: datetime) -> None:
    """Begin every draft of `told` from what judges at its site, and open the public check of the sites that it names,
    as of `now`."""
    for name in told.get("public_check", ()):
        site = Site.objects.get(name=name)
        by = User.objects.get(memberships__site=site, memberships__role=Role.ADMINISTRATOR)
        set_public_check(site, by=by, at=now, wanted=True)
    for draft in told.get("drafts", ()):
        site = Site.objects.get(name=draft["site"])
        _begin(draft, site, people, criteria.in_force(site, site.date_at(now)), now)


def publication_acts(
    told: Mapping[str, Any], people: Mapping[str, User], now: datetime, password: str
) -> Iterator[tuple[datetime, Callable[[datetime], Any]]]:
    """The acts by which the version of criteria in `told` comes into force, with their moments; none where it tells of
    none."""
    if version := told.get("publication"):
        act = _Publication(version, people, now, password)
        for before, step in ((WRITTEN, act.write), (PROPOSED, act.propose), (SIGNED, act.sign)):
            yield now - timedelta(days=act.days) - before, step


class _Publication:
    """A version on its way from a draft to its first day."""

    def __init__(self, told: Mapping[str, Any], people: Mapping[str, User], now: datetime, password: str) -> None:
        self.told, self.people, self.password = told, people, password
        self.days = int(told["in_force"].removesuffix("d"))
        self.site_at = partial(Site.objects.get, name=told["site"])
        self.first_moment = now - timedelta(days=self.days)
        self.uid: Any = None

    def write(self, at: datetime) -> None:
        self.uid = _begin(self.told, self.site_at(), self.people, criteria.builtin_pack(), at).uid

    def propose(self, at: datetime) -> None:
        by = self.people[self.told["by"]]
        workflow.formulary.propose(
            self.uid, by=by, at=at, version=CriteriaDraft.objects.get(uid=self.uid).version,
            presence=workflow.prove(by, self.password, at=at),
            effective_from=self.site_at().date_at(self.first_moment), reason=self.told["reason"],
        )  # fmt: skip

    def sign(self, at: datetime) -> None:
        by = self.people[self.told["signed_by"]]
        version = CriteriaDraft.objects.get(uid=self.uid).version
        presence = workflow.prove(by, self.password, at=at)
        workflow.formulary.sign(self.uid, by=by, at=at, version=version, presence=presence)


def _begin(told: Mapping[str, Any], site: Site, people: Mapping[str, User], base: Pack, at: datetime) -> CriteriaDraft:
    """A draft begun from `base` with the changes of `told`, each of a text that stands in its file once."""
    files = dict(base.files)
    for change in told["changes"]:
        text = files[change["file"]]
        if text.count(change["old"]) != 1:
            raise ValueError(f"{change['file']} does not hold once: {change['old']}")
        files[change["file"]] = text.replace(change["old"], change["new"])
    by = people[told["by"]]
    return workflow.formulary.start_draft(by=by, at=at, site=site, name=told["name"], files=files, base=base)
