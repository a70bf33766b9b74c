"""What immunoglobulin costs a site, so that a plan can say what it would come to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.site import Site


class Price(models.Model):
    """A price per gram at a site from a moment on: of one brand, or of every other one where `brand` is empty.

    Rows are only added; the newest of a brand counts, and None for `per_gram` ends it.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="prices")
    brand = models.CharField(max_length=60, blank=True)
    per_gram = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, help_text="ISO 4217, three letters.")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("site", "brand", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(per_gram=None) | Q(per_gram__gt=0), name="price_above_zero"),
        ]

    def __str__(self):
        return f"{self.brand or 'Every brand'}: {self.per_gram} {self.currency} a gram"
