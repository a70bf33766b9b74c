"""What was told of an authorization as its end came near: reminders, its lapse, a bridging dose; each once."""

from django.db import models
from django.db.models import Q

from utilization.models.requests import Request
from utilization.rules.authorization.reminders import BRIDGED


class Milestone(models.Model):
    """One thing told of the authorization of `request`: `kind` is the days before the end, `lapsed` or `bridged`.

    A bridging dose may be given until the day `until`, while the request numbered `renewal` awaits its decision.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="milestones")
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
    until = models.DateField(null=True, blank=True)
    renewal = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.UniqueConstraint(fields=("request", "kind"), name="milestone_once"),
            models.CheckConstraint(
                condition=Q(kind=BRIDGED, until__isnull=False) & ~Q(renewal="")
                | ~Q(kind=BRIDGED) & Q(until=None, renewal=""),
                name="bridging_dose_has_its_renewal",
            ),
        ]

    def __str__(self):
        return f"{self.kind} of {self.request}"
