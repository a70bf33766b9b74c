"""A file that an auditor asked for: what is in it, how far the job is that makes it, and where it is kept."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.site import Site

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
STATES = (WAITING, RUNNING, DONE, FAILED)


class Export(models.Model):
    """One export or evidence bundle of a selection of requests.

    `what` is a table of `reports.exports` or "evidence", `wanted` the filters by name (`rules.export_selection`),
    `query` the same as an address spells them. `identified` says that it names patients; then there is a `reason`.
    `beat_at` is the job's last heartbeat, `done` of `total` its progress, `attempts` how often it was begun.

    Once it is done, the file lies in the server's folder under the name of `uid`, with `rows`, `size` in bytes and
    `sha256`, until `removed_at`.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="exports")
    what = models.CharField(max_length=20)
    form = models.CharField(max_length=10)
    identified = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    wanted = models.JSONField(default=dict)
    query = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=[(state, state) for state in STATES], default=WAITING)
    attempts = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    failure = models.CharField(
        max_length=100, blank=True, help_text="Why it failed: a word of ours or an error's class."
    )
    rows = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STATES), name="export_state_known"),
            models.CheckConstraint(
                condition=Q(status__in=(DONE, FAILED), ended_at__isnull=False)
                | Q(status__in=(WAITING, RUNNING), ended_at=None),
                name="ended_export_says_when",
            ),
            models.CheckConstraint(
                condition=Q(identified=False) | ~Q(reason=""), name="identified_export_has_a_reason"
            ),
            models.CheckConstraint(condition=~Q(status=DONE) | ~Q(sha256=""), name="done_export_has_a_file"),
        ]
        indexes = [models.Index(fields=("asked_by", "-asked_at", "-id"), name="exports_by_person")]

    def __str__(self):
        return f"export of {self.what} at {self.site}"
