"""What the committees of the demo have begun: drafts of criteria, and a public check that is open."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from utilization import criteria, workflow
from utilization.models import Site, User
from utilization.rules.roles import Role
from utilization.workflow import set_public_check


def keep_criteria(told: Mapping[str, Any], people: Mapping[str, User], now: datetime) -> None:
    """Begin every draft of `told`, and open the public check of the sites that it names, as of `now`."""
    for name in told.get("public_check", ()):
        site = Site.objects.get(name=name)
        by = User.objects.get(memberships__site=site, memberships__role=Role.ADMINISTRATOR)
        set_public_check(site, by=by, at=now, wanted=True)
    base = criteria.builtin_pack()
    for draft in told.get("drafts", ()):
        site = Site.objects.get(name=draft["site"])
        files = dict(base.files)
        for change in draft["changes"]:
            text = files[change["file"]]
            if text.count(change["old"]) != 1:
                raise ValueError(f"{change['file']} does not hold once: {change['old']}")
            files[change["file"]] = text.replace(change["old"], change["new"])
        workflow.formulary.start_draft(
            by=people[draft["by"]], at=now, site=site, name=draft["name"], files=files, base=base
        )
