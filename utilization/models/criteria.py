"""Criteria packs as they were when they judged: kept whole, never changed."""

from django.db import models


class PackVersion(models.Model):
    """One version of a criteria pack with every byte that judged, found again by its hash.

    `files` maps relative path to text; `sha256` is over those files as `rules.reading.pack_hash` says.
    """

    name = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    files = models.JSONField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ("-loaded_at", "-pk")

    def __str__(self):
        return f"{self.name} {self.version}"
