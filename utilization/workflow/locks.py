"""What keeps a person out for too many wrong passwords: the door at sign-in, and the signature within a session.

The two are counted apart. At the door (axes, by account and address) strangers can knock, so it never says anything
about a session that is open; what counts within sessions stands in `workflow.presence`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db.models import Max, Sum

from utilization.models import User
from utilization.workflow.presence import forget_guesses, guessing, stopped_sessions


@dataclass(frozen=True, slots=True)
class SignInLock:
    """Sign-in from one address, which is locked for this account `until` then, after `wrong` wrong passwords."""

    address: str
    wrong: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Locks:
    """What is locked for one person now.

    `everywhere` is until when sign-in is locked from every address; `signature_until` until when nothing can be signed,
    after `wrong` wrong passwords within sessions; `sessions` counts those that sign nothing any more.
    """

    doors: tuple[SignInLock, ...]
    everywhere: datetime | None
    signature_until: datetime | None
    wrong: int
    sessions: int

    @property
    def any(self) -> bool:
        """Whether there is anything to lift."""
        return bool(self.doors or self.everywhere or self.signature_until or self.sessions)


def locks(user: User, at: datetime) -> Locks:
    """What is locked for `user` at `at`."""
    cool_off = timedelta(hours=settings.AXES_COOLOFF_TIME)
    tries = AccessAttempt.objects.filter(username=user.username, attempt_time__gt=at - cool_off)
    by_address = tries.values("ip_address").annotate(wrong=Sum("failures_since_start"), last=Max("attempt_time"))
    seen = list(by_address.order_by("ip_address"))
    within = guessing(user, at)
    return Locks(
        doors=tuple(
            SignInLock(row["ip_address"] or "unknown", row["wrong"], row["last"] + cool_off)
            for row in seen
            if row["wrong"] >= settings.AXES_FAILURE_LIMIT
        ),
        everywhere=max(row["last"] for row in seen) + cool_off
        if sum(row["wrong"] for row in seen) >= settings.MOST_WRONG_FROM_ANYWHERE
        else None,
        signature_until=within.until,
        wrong=within.wrong,
        sessions=stopped_sessions(user, at),
    )


def lift(user: User) -> dict[str, int]:
    """Forget every wrong password of `user`, at the door and within sessions; how many rows there were of each."""
    return {"door": reset(username=user.username), "sessions": forget_guesses(user)}


def wrong_from_anywhere(username: str, since: datetime) -> int:
    """Wrong passwords typed at the door for this account since then, from all addresses together."""
    tries = AccessAttempt.objects.filter(username=username, attempt_time__gt=since)
    return tries.aggregate(wrong=Sum("failures_since_start"))["wrong"] or 0
