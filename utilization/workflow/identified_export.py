"""Writes down that rows which name patients leave the product: who took them, of which site, how many, and why."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from utilization import access, event_log
from utilization.models import Site, User
from utilization.rules.roles import Permission
from utilization.workflow.errors import Refused
from utilization.workflow.presence import Presence, check_presence
from utilization.workflow.text_input import clean_text

EXPORTED = "snapshot.exported"
MOST_REASON = 300


def export_reason(reason: str) -> str:
    """The reason as it is kept. Raises Invalid on reason."""
    return clean_text(
        "reason", reason, required="Write what the identified rows are for, and name no patient.", most=MOST_REASON,
        one_line=True,
    )  # fmt: skip


def may_export(by: User, site: Site) -> None:
    """Raise Refused where `by` may not take identified rows of `site`."""
    if not (answer := access.can(by, Permission.AUDIT, site=site)):
        raise Refused(answer.why)


@transaction.atomic
def note_identified_export(
    *, by: User, at: datetime, site: Site, presence: Presence, reason: str, rows: Mapping[str, int]
) -> None:
    """Write the entry about an identified export of `rows` by table, before it is handed over.

    Unlike other entries it holds the reason in words: no other row does, and the reason names no patient.
    Raises Refused, Invalid on reason or password.
    """
    may_export(by, site)
    why = export_reason(reason)
    signed = {"format": "ivig-export/1", "site": site.code, "rows": dict(rows), "reason": why, "signed_by": by.pk}
    how = check_presence(presence, by, at, lambda: signed)
    event_log.append(
        type=EXPORTED, at=at, actor=by, site=site,
        data={"rows": dict(rows), "reason": why, "presence": how["kind"]},
    )  # fmt: skip
