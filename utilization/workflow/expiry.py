"""Rows that have served: sessions that are over, tries at the door, forms and wrong passwords that no rule looks at."""

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session

from utilization.models import SentForm, WrongPassword
from utilization.workflow.presence import DAY
from utilization.workflow.sent_form import KEPT

TRIES_KEPT = timedelta(days=1)
"""How long a wrong password at the door is kept; it counts for a quarter of an hour. The sign-in log keeps it."""


def clear_away(*, at: datetime) -> dict[str, int]:
    """Delete what is over at `at`; how many rows of each kind. None of it is evidence, and no event is written."""
    over = {
        "sessions": Session.objects.filter(expire_date__lt=at),
        "tries": AccessAttempt.objects.filter(attempt_time__lt=at - TRIES_KEPT),
        "forms": SentForm.objects.filter(at__lt=at - KEPT),
        "wrong passwords": WrongPassword.objects.filter(at__lt=at - DAY),
    }
    return {name: rows.delete()[0] for name, rows in over.items()}
