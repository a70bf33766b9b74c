"""The logo of a site, as its pages and documents show it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.site import Site


class SiteLogo(models.Model):
    """The logo of one site: a JPEG that was drawn anew from what somebody sent, named by its hash.

    A new one takes the place of the row, and the row goes when the logo is removed; the log has both. An issued
    document has a copy of its own.
    """

    site = models.OneToOneField(Site, on_delete=models.PROTECT, related_name="logo")
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    content = models.BinaryField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(width__gte=1, height__gte=1), name="logo_has_a_size"),
        ]

    def __str__(self):
        return f"logo of {self.site_id}"
