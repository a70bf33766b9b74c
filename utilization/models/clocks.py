"""The clock of a site in versions, and the reminders of what will be late, or is."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.requests import Request
from utilization.models.site import Site

CHASED, ESCALATED = "chased", "escalated"
DOSE_SOON, DOSE_LATE, ORDER_SOON, ORDER_LATE = "dose_soon", "dose_late", "order_soon", "order_late"
"""Of a first dose whose review, or a verbal order whose confirmation, is soon due or late."""
ORDER_LEFT = "order_left"
"""Of a verbal order whose giver prescribes for the department no more."""
KINDS = (CHASED, ESCALATED, DOSE_SOON, DOSE_LATE, ORDER_SOON, ORDER_LATE, ORDER_LEFT)


class ClockVersion(models.Model):
    """How long decisions may take at a site from a day on, when it is open, and who is told of what is late.

    `rules` is what `rules.site_clock.ClockRules.as_json` gives. Rows are only added: the version of a day is the
    newest that began by then.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="clock_versions")
    since = models.DateField()
    rules = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("site", "since")
        constraints = [models.UniqueConstraint(fields=("site", "since"), name="one_clock_from_a_day")]

    def __str__(self):
        return f"clock of {self.site} from {self.since}"


class Reminder(models.Model):
    """That somebody was reminded of a request, or told that it is late: once for each time that it was due.

    `about` is the due time, or when the question was asked that is still unanswered; of a first dose and a verbal order
    the time by which it is to be reviewed or confirmed.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    about = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.UniqueConstraint(fields=("request", "kind", "about"), name="reminded_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="reminder_kind_known"),
        ]

    def __str__(self):
        return f"{self.kind} of {self.request_id}"
