"""Appeals against denials: a row an appeal; what came of it is a `Decision` of the kind "appeal"."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.decisions import Decision
from utilization.models.requests import Request, Submission


class Appeal(models.Model):
    """One appeal against the denial of a request, as it was filed; a request has one at most, and it never changes.

    `submission` is the version that the appeal is judged on: a new one where facts were added or changed, else the one
    that was denied. `file_by` is the last day on which it could be filed, by the site's parameter of that day.
    `denial_due_at` is the time by which the denied request had been due: the request's own is the appeal's from here.
    """

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="appeal")
    denial = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="appeal")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    grounds = models.TextField()
    filed_at = models.DateTimeField()
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_name = models.CharField(max_length=200)
    file_by = models.DateField()
    denial_due_at = models.DateTimeField()

    class Meta:
        ordering = ("request", "pk")
        constraints = [models.CheckConstraint(condition=~Q(grounds=""), name="appeal_has_grounds")]

    def __str__(self):
        return f"appeal of {self.request}"
