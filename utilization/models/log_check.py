"""A check of the whole log: asked for by an auditor and worked out in the background, or made by a command."""

from django.conf import settings
from django.db import models
from django.db.models import Q

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
STATES = (WAITING, RUNNING, DONE, FAILED)


class LogCheck(models.Model):
    """One check: who asked for it, nobody where it was `manage.py verify_log`, and what it found over `size` entries.

    `sealed` is the size up to which they are as signed, null where nothing was held against signatures. `problems` and
    `remarks` are sentences, `problem_count` counts also those that are not kept.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=[(state, state) for state in STATES], default=WAITING)
    failure = models.CharField(max_length=100, blank=True, help_text="The class of the error that ended it.")
    size = models.BigIntegerField(default=0)
    sealed = models.BigIntegerField(null=True, blank=True)
    problem_count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    remarks = models.JSONField(default=list)

    class Meta:
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("status",), condition=Q(status=WAITING), name="one_log_check_waits"),
            models.CheckConstraint(condition=Q(status__in=STATES), name="log_check_state_known"),
            models.CheckConstraint(
                condition=Q(status__in=(DONE, FAILED), ended_at__isnull=False)
                | Q(status__in=(WAITING, RUNNING), ended_at=None),
                name="ended_log_check_says_when",
            ),
        ]

    def __str__(self):
        return f"check of the log, {self.status}"
