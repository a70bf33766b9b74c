"""What was given by an authorization: infusions, each kept as it was recorded, corrected by a row that follows it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.requests import Request


class Infusion(models.Model):
    """Grams of a product that a patient was given on a day, by the authorization of `request`.

    Rows are only added. One that `corrects` another stands in its place; with `in_error` it says that the other was
    entered in error, and nothing stands in its place. `outside` are codes of what stood outside the terms when it was
    recorded, each confirmed by who recorded it; `reactions` are {"kind", "seriousness"}; `source_sha256` is the hash of
    the file that it came in, empty for a form.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="infusions")
    given_on = models.DateField()
    product = models.CharField(max_length=60)
    grams = models.DecimalField(max_digits=9, decimal_places=3)
    lot = models.CharField(max_length=40, blank=True)
    outside = models.JSONField(default=list)
    reactions = models.JSONField(default=list)
    words = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source_sha256 = models.CharField(max_length=64, blank=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by")
    in_error = models.BooleanField(default=False)
    reason = models.TextField(blank=True, help_text="Why the row before it is corrected.")

    class Meta:
        ordering = ("request", "given_on", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(grams__gt=0), name="infusion_above_zero"),
            models.UniqueConstraint(fields=("corrects",), name="infusion_corrected_once"),
            models.CheckConstraint(
                condition=Q(corrects=None, in_error=False, reason="") | Q(corrects__isnull=False) & ~Q(reason=""),
                name="correction_of_infusion_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=("request", "given_on", "id"), name="infusions_of_a_request"),
            models.Index(fields=("source_sha256",), condition=~Q(source_sha256=""), name="infusions_of_a_file"),
        ]

    def __str__(self):
        return f"infusion of {self.request}"
