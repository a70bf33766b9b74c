"""Every act on one request as the form that its page would send: where to, and with which fields."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from tests.cast import PASSWORD, REASONS, Cast, reason_of
from tests.workflow.acts import an_order
from tests.workflow.expected_moves import PRESCRIBERS
from utilization.models import Absence, PeerCall, Request, Unsent
from utilization.models.unsent import ANSWER

REVIEWING = {"claim", "release", "note", "ask", "recommend", "refer", "approve", "deny", "uphold", "overturn"}
SIGNED = {"recommend", "approve", "deny", "uphold", "overturn"}
ADDRESSES = {
    "answer": "request-answer", "answer_in_part": "request-answer", "appeal": "request-appeal",
    "withdraw": "request-withdraw", "treat": "request-treat", "take_order": "request-order",
    "confirm_order": "request-order-answer", "disown_order": "request-order-answer",
    "ask_opinion": "review-opinion-ask", "give_opinion": "review-opinion-give",
    "take_back_opinion": "review-opinion-take-back", "offer_call": "review-call-offer",
    "book_call": "request-call-book", "decline_call": "request-call-decline",
}  # fmt: skip
WORDS = "As the ward always does."
PLACE = "+43 1 555 0100"


@dataclass(frozen=True, slots=True)
class Shown:
    """What people have before them at one moment: the request with its newest question for an opinion and newest call;
    the absence of each person that stands, and what each has typed on the page of the answer and not sent."""

    cast: Cast
    request: Request
    at: datetime
    question: Any
    call: PeerCall | None
    absences: Mapping[str, Absence]
    unsent: Mapping[str, Mapping[str, Any]]

    @classmethod
    def now(cls, cast: Cast, request: Request, at: datetime) -> "Shown":
        """It as the database has it."""
        standing = Absence.objects.filter(begins_at__lte=at, ends_at__gt=at).select_related("person")
        return cls(
            cast, request, at, request.opinion_questions.order_by("-pk").first(),
            request.peer_calls.order_by("-pk").first(), {row.person.username: row for row in standing},
            dict(Unsent.objects.filter(request=request, page=ANSWER).values_list("user__username", "typed")),
        )  # fmt: skip

    def answers(self, who: str) -> dict[str, Any]:
        """The answers on the page of the answer, as `who` sees them."""
        return {**self.request.draft, **self.unsent.get(who, {})}

    def day(self, hours: int = 0) -> datetime:
        """The local time at the site, so many hours on."""
        return (self.at + timedelta(hours=hours)).astimezone(ZoneInfo(self.request.site.time_zone))


def form_of(verb: str, who: str, other: str, shown: Shown) -> tuple[str, dict[str, Any]]:
    """The address and the fields of `verb` as `who` would send them; `other` covers, or is whose absence is ended."""
    token = {"form_token": secrets.token_urlsafe(18)}
    if verb in ("enter_absence", "end_absence"):
        return _absence(verb, who, other, shown, token)
    return _address(verb, who, shown), {"version": shown.request.version, **token, **_typed(verb, who, shown)}


def words_of(form: Mapping[str, Any]) -> tuple[str, ...]:
    """What a person wrote in the form, which must not be lost with it."""
    return tuple(text for text in (WORDS, PLACE) if text in form.values())


def _absence(
    verb: str, who: str, other: str, shown: Shown, token: Mapping[str, str]
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    if verb == "end_absence":
        whose = other if who == "adam" else who
        return reverse("people-away" if who == "adam" else "away"), {"end": shown.absences[whose].pk, **token}
    today = shown.day().date().isoformat()
    typed = {"site": shown.request.site_id, "first_day": today, "last_day": today, "cover": shown.cast[other].pk}
    return reverse("away"), {**typed, "confirmed": "on", **token}


def _address(verb: str, who: str, shown: Shown) -> str:
    uid = shown.request.uid
    if verb in REVIEWING:
        return reverse(f"review-{verb}", args=[uid])
    if verb == "cancel_call":
        side = "request" if who in PRESCRIBERS else "review"
        return reverse(f"{side}-call-cancel", args=[uid, shown.call.uid])
    about = {
        "give_opinion": shown.question, "take_back_opinion": shown.question, "book_call": shown.call,
        "decline_call": shown.call,
    }.get(verb)  # fmt: skip
    return reverse(ADDRESSES[verb], args=[uid, about.uid] if about else [uid])


def _typed(verb: str, who: str, shown: Shown) -> dict[str, Any]:  # noqa: C901 - one case a verb
    request, by = shown.request, shown.cast[who]
    reasons = {f"reason_{code}": text for code, text in REASONS.items()}
    signed = {"password": PASSWORD} if verb in SIGNED else {}
    match verb:
        case "claim" | "release" | "take_back_opinion":
            return {}
        case "note" | "give_opinion":
            return {"text": WORDS, "leaning": "approval"}
        case "ask":
            wanted_by = shown.day(72).date().isoformat()
            return {"text": WORDS, "facts": ["course_days", "interval_weeks"], "wanted_by": wanted_by}
        case "recommend":
            return {"choice": "approve", "reason": WORDS, **signed}
        case "approve":
            return {**signed, **reason_of(request, {})}
        case "deny" | "uphold" | "overturn":
            return {"reason_code": "other", "reason": WORDS, **signed}
        case "appeal":
            return {"text": WORDS, "grounds": WORDS, **reasons}
        case "answer":
            answers = shown.answers(who)
            return {"text": WORDS, "interval_weeks": answers.get("interval_weeks", ""), "base": json.dumps(answers),
                    **reasons}  # fmt: skip
        case "answer_in_part":
            weeks = "3" if request.draft.get("interval_weeks") == "4" else "4"
            base = json.dumps(shown.answers(who))
            return {"text": WORDS, "interval_weeks": weeks, "base": base, "in_part": "yes"}
        case "confirm_order" | "disown_order":
            return {"answer": verb.removesuffix("_order"), "reason": WORDS}
        case "take_order":
            typed = an_order(request, by, shown.at)
            return {"ordered_by": typed.ordered_by, "taken_at": typed.taken_at, "read_back": "on"}
        case "ask_opinion":
            return {"specialty": "neurology", "text": WORDS}
        case "offer_call":
            times = {f"time_{place}": f"{shown.day(hours):%Y-%m-%dT%H:%M}" for place, hours in ((1, 2), (2, 26))}
            return {**times, "place": PLACE}
        case "book_call":
            return {"time": shown.call.times[-1]}
        case "decline_call" | "cancel_call":
            return {"words": WORDS}
    return {"reason": WORDS}
