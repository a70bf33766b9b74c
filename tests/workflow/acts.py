"""Every verb as one call with good input, so that tests can try any of them anywhere."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.cast import REASONS, grouped, present, reason_of, stated_again
from utilization import workflow
from utilization.access import OTHER_IMMUNOGLOBULIN
from utilization.models import Request, User


def an_order(request: Request, by: User, at: datetime, **changes: Any) -> workflow.TypedOrder:
    """A verbal order of the first other prescriber of the department, given an hour before `at` and read back."""
    giver = workflow.order_givers(request, by).first()
    local = (at - timedelta(hours=1)).astimezone(ZoneInfo(request.site.time_zone))
    typed = {"ordered_by": str(giver.pk) if giver else "", "taken_at": f"{local:%Y-%m-%dT%H:%M}", "read_back": True}
    return workflow.TypedOrder(**typed | changes)


def act(verb: str, request: Request, by: User, at: datetime, **changes: Any) -> Any:  # noqa: C901 - one case a verb
    """Do `verb` to `request` with input that is right in itself; `changes` replace parts of it."""
    given: dict[str, Any] = {"by": by, "at": at, "version": request.version}
    match verb:
        case "submit":
            case = workflow.read_request(request, at).judgement
            given |= {
                "mrn": request.patient.mrn,
                "attested": True,
                "acknowledged": [*case.warnings, OTHER_IMMUNOGLOBULIN],
            }
            given |= {"again": stated_again(request, at), "reasons": REASONS}
        case "note":
            del given["version"]
            given |= {"text": "Called the ward."}
        case "ask":
            given |= {"facts": ["course_days", "interval_weeks"], "text": "Why five days?"}
        case "answer" | "appeal":
            said = "text" if verb == "answer" else "grounds"
            given |= {said: "As the ward always does.", "answers": {}, "reasons": REASONS}
        case "answer_in_part":
            weeks = "3" if request.draft.get("interval_weeks") == "4" else "4"
            given |= {"text": "The days later.", "answers": {"interval_weeks": weeks}}
        case "recommend":
            given |= {"presence": present(by, at), "choice": "approve", "reason": "Careful plan."}
            if changes.get("order") and changes.get("choice") != "deny":
                given |= {"reason_code": "lowest_effective"}
        case "treat":
            given |= {"reason": "Respiratory failure tonight."}
        case "take_order":
            given |= {"typed": an_order(request, by, at)}
        case "refer" | "withdraw" | "disown_order":
            given |= {"reason": "A good one."}
        case "approve":
            given |= {"presence": present(by, at), **reason_of(request, changes)}
        case "deny" | "uphold" | "overturn":
            given |= {"presence": present(by, at), "reason_code": "other", "reason": "A good one."}
    return getattr(workflow, verb)(request.uid, **grouped(verb, given | changes))
