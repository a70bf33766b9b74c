"""What ends with a request: opinions not given yet, and calls that have not begun."""

from datetime import datetime

from django.db.models import Q

from utilization.models import Request, User
from utilization.models.opinions import ENDED
from utilization.rules.call_times import ENDED as CALL_ENDED


def end_what_is_open(request: Request, *, by: User, at: datetime) -> None:
    """End them in the transaction of the move that ends `request`. A call that has begun awaits what it came to."""
    request.opinion_questions.filter(closed_at=None).update(closed_at=at, closed_by=by, closed_as=ENDED)
    waiting = request.peer_calls.filter(Q(booked_for=None) | Q(booked_for__gt=at), closed_at=None)
    waiting.update(closed_at=at, closed_by=by, closed_as=CALL_ENDED)
