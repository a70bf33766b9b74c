"""Peer-to-peer calls between a reviewer and a prescriber of a request: offered, booked, and what they came to."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.requests import Request
from utilization.rules.call_times import CALL_ENDS, CALL_OUTCOMES, DECLINED, HELD


class PeerCall(models.Model):
    """A call that a reviewer offered: `times` as ISO instants in UTC, `place` a telephone number or a place.

    What was offered never changes. It is open until `closed_at`; `booked_for` is one of the times. `words` say why no
    time fits, why it was cancelled, or what was said; `spoke` is who spoke for the request where it was held.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="peer_calls")
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    times = models.JSONField()
    place = models.CharField(max_length=200)
    booked_for = models.DateTimeField(null=True, blank=True)
    booked_at = models.DateTimeField(null=True, blank=True)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_as = models.CharField(max_length=10, blank=True, choices=list(CALL_ENDS.items()))
    outcome = models.CharField(max_length=20, blank=True, choices=list(CALL_OUTCOMES.items()))
    words = models.TextField(blank=True)
    spoke = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.UniqueConstraint(fields=("request",), condition=Q(closed_at=None), name="one_open_call_a_request"),
            models.CheckConstraint(condition=~Q(place=""), name="call_has_a_place"),
            models.CheckConstraint(
                condition=Q(booked_for=None, booked_at=None, booked_by=None)
                | Q(booked_for__isnull=False, booked_at__isnull=False, booked_by__isnull=False),
                name="booked_call_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_as="", words="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, closed_as__in=list(CALL_ENDS)),
                name="closed_call_says_how",
            ),
            models.CheckConstraint(
                condition=Q(closed_as=HELD, booked_for__isnull=False, outcome__in=list(CALL_OUTCOMES)) & ~Q(words="")
                | ~Q(closed_as=HELD) & Q(outcome="", spoke=None),
                name="held_call_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(closed_as=DECLINED) | Q(booked_for=None) & ~Q(words=""), name="declined_call_says_why"
            ),
        ]

    def __str__(self):
        return f"call on {self.request}"
