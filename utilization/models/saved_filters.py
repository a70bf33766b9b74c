"""Filters of a list that a person keeps under a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q

QUEUE, AUDIT = "queue", "audit"
PAGES = (QUEUE, AUDIT)
"""The lists whose filters can be kept."""


class SavedFilter(models.Model):
    """The filters and the order of one list, as its address spells them, by the name that one person gave them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_filters")
    page = models.CharField(max_length=10, choices=[(page, page) for page in PAGES])
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("page", "name", "pk")
        constraints = [
            models.UniqueConstraint(fields=("user", "page", "name"), name="saved_filter_name_once"),
            models.CheckConstraint(condition=Q(page__in=PAGES), name="saved_filter_page_known"),
        ]

    def __str__(self):
        return self.name
