"""Criteria packs as they were when they judged: kept whole, never changed."""

from django.db import models


class PackVersion(models.Model):
    """One version of a criteria pack with every byte that judged, found again by its hashes.

    `files` maps relative path to text, `shelf` likewise the product and routing tables that stood beside the pack
    (`criteria.tables_of`); each hash is over its files as `rules.packs.reader.pack_hash` says. The tables keep their
    older name here, because the log, which is sealed, names their hash by it.
    """

    name = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    files = models.JSONField()
    shelf_sha256 = models.CharField(max_length=64)
    shelf = models.JSONField()
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ("-loaded_at", "-pk")
        constraints = [models.UniqueConstraint(fields=("sha256", "shelf_sha256"), name="pack_kept_once")]

    def __str__(self):
        return f"{self.name} {self.version}"
