"""What prescribers, pharmacists and physicians write to each other on a request."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from utilization.models.requests import Request

DEPARTMENT, PHARMACIST, PHYSICIAN = "department", "pharmacist", "physician"
SIDES = (DEPARTMENT, PHARMACIST, PHYSICIAN)


class Message(models.Model):
    """One message on a filed request, from one side to another, and to one person there where `to_person` is set.

    Everybody who may read the request reads it; an internal note is what the prescriber does not see. `answers` is the
    message that it answers. Never changed, never deleted: triggers on both databases hold it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="messages")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=10, choices=[(side, side) for side in SIDES])
    to_side = models.CharField(max_length=10, choices=[(side, side) for side in SIDES])
    to_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answers = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="answered_by")
    text = models.TextField()

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(side__in=SIDES, to_side__in=SIDES), name="message_sides_known"),
            models.CheckConstraint(condition=~Q(side=F("to_side")), name="message_goes_to_another_side"),
            models.CheckConstraint(condition=~Q(text=""), name="message_says_something"),
        ]

    def __str__(self):
        return f"message on {self.request}"
