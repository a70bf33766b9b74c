"""What a signature says of its signer's account, in words: who confirmed it, and a reset shortly before."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from utilization.rules.facts.date_words import day_words

KEPT_NOTHING = "Signed before the record of accounts was kept."


def signer_note(signer: Mapping[str, Any] | None, zone: str) -> str:
    """The whole of it, for reviewers and auditors, with days as they were in `zone`."""
    if not signer:
        return KEPT_NOTHING
    match signer["confirmed"]:
        case "person":
            said = f"Account confirmed by {signer['confirmed_by']} on {_day(signer['confirmed_at'], zone)}."
        case "command":
            said = f"Account confirmed on the server on {_day(signer['confirmed_at'], zone)}."
        case _:
            said = "Account confirmed before its record was kept."
    return f"{said} {_reset(signer, zone)}".strip()


def reset_note(signer: Mapping[str, Any] | None, zone: str) -> str:
    """A reset within seven days before, by whom, and who confirmed the person since; empty where there was none."""
    if not signer or not (reset := _reset(signer, zone)):
        return ""
    by = signer["confirmed_by"] or "a command on the server"
    return f"{reset} The person was confirmed by {by} since."


def _reset(signer: Mapping[str, Any], zone: str) -> str:
    if not signer.get("reset_at"):
        return ""
    by = signer["reset_by"] or "a command on the server"
    return f"The account was reset by {by} on {_day(signer['reset_at'], zone)}, at most seven days before."


def _day(moment: str, zone: str) -> str:
    return day_words(datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date())
