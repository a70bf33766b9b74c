"""What became of an authorization after it was given: discontinued, replaced, another product, another department or
hospital."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.requests import Request
from utilization.models.site import Department

DISCONTINUED, SUPERSEDED, SWITCHED = "discontinued", "superseded", "switched"
TRANSFER_ASKED, TRANSFERRED, TRANSFER_DECLINED = "transfer_asked", "transferred", "transfer_declined"
TRANSFER_ACCEPTED, TRANSFER_ENDED, MOVED = "transfer_accepted", "transfer_ended", "moved"
"""Of a transfer to another hospital: a request was begun there, ended there without an approval, was approved there."""
ENDS = (DISCONTINUED, SUPERSEDED, MOVED)
TRANSFER_ANSWERS = (TRANSFERRED, TRANSFER_ACCEPTED, TRANSFER_DECLINED)


class AuthorizationChange(models.Model):
    """One thing that became of the authorization of `request`; written once, never changed.

    `from_day` is the first day on which nothing may be given any more, of a discontinuation; `reason` a code of the
    local table. `product` is the brand of a switch. `department` is the one that a transfer is asked of; `answers` the
    asking that it accepts or declines. `replaced_by` is the request whose approval replaced it; of a transfer to
    another hospital the one that was begun there.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="authorization_changes")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    from_day = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=30, blank=True)
    words = models.TextField(blank=True)
    product = models.CharField(max_length=60, blank=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answers = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="answer", help_text="The asking."
    )
    replaced_by = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=DISCONTINUED, from_day__isnull=False) & ~Q(reason="")
                | Q(kind=SUPERSEDED, replaced_by__isnull=False)
                | Q(kind=SWITCHED) & ~Q(product="")
                | Q(kind=TRANSFER_ASKED, department__isnull=False, answers=None)
                | Q(kind__in=(TRANSFERRED, TRANSFER_DECLINED), department__isnull=False, answers__isnull=False)
                | Q(kind=TRANSFER_ACCEPTED, department__isnull=False, answers__isnull=False, replaced_by__isnull=False)
                | Q(kind__in=(TRANSFER_ENDED, MOVED), replaced_by__isnull=False),
                name="authorization_change_is_whole",
            ),
            models.UniqueConstraint(fields=("request",), condition=Q(kind__in=ENDS), name="authorization_ends_once"),
        ]
        indexes = [
            models.Index(fields=("department",), condition=Q(kind=TRANSFER_ASKED), name="transfers_asked"),
        ]

    def __str__(self):
        return f"{self.kind} of {self.request}"
