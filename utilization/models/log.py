"""The event log and the access log: append-only, and without foreign keys out, so that they outlive what they name."""

from django.db import models


class Event(models.Model):
    """One entry of the log: `body` holds its exact canonical bytes, the other columns only help to find it.

    `seq` is dense from 0. Triggers on both databases refuse update and delete.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    type = models.CharField(max_length=40)
    site_id = models.BigIntegerField(null=True)
    request_id = models.BigIntegerField(null=True)
    actor_id = models.BigIntegerField(null=True)
    body = models.BinaryField()

    class Meta:
        ordering = ("seq",)
        indexes = [
            models.Index(fields=("request_id", "seq"), name="event_by_request"),
            models.Index(fields=("site_id", "type", "seq"), name="event_by_type"),
            models.Index(fields=("site_id", "-at", "-seq"), name="event_by_site"),
            models.Index(fields=("site_id", "type", "-at", "-seq"), name="event_by_kind"),
            models.Index(fields=("site_id", "actor_id", "-at", "-seq"), name="event_by_person"),
        ]

    def __str__(self):
        return f"#{self.seq} {self.type}"


class LogHead(models.Model):
    """The one row that counts the log: locked by every append, so that sequence numbers have no gap."""

    size = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_log_head")]

    def __str__(self):
        return f"{self.size} events"


class AccessEntry(models.Model):
    """Who read what of which patient, and when; written where the record is fetched."""

    at = models.DateTimeField()
    site_id = models.BigIntegerField()
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=200)
    patient_id = models.BigIntegerField()
    request_id = models.BigIntegerField(null=True)
    what = models.CharField(max_length=40)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=("site_id", "-at", "-id"), name="access_by_site"),
            models.Index(fields=("site_id", "actor_id", "-at", "-id"), name="access_by_person"),
            models.Index(fields=("site_id", "what", "-at", "-id"), name="access_by_kind"),
            models.Index(fields=("patient_id", "-at", "-id"), name="access_by_patient"),
            models.Index(fields=("request_id", "actor_id", "-at"), name="access_by_request"),
        ]

    def __str__(self):
        return f"{self.actor_name} {self.what}"


class DigestSalt(models.Model):
    """The random key of one digest in the log (`utilization.digests`). Once it is deleted, the digest says nothing."""

    value = models.BinaryField()

    def __str__(self):
        return f"salt {self.pk}"


class LogNode(models.Model):
    """A node of the hash tree over the log (`utilization.transparency.tree`): complete subtrees only, 32 bytes each."""

    pk = models.CompositePrimaryKey("level", "number")
    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hash = models.BinaryField()

    def __str__(self):
        return f"node {self.number} of level {self.level}"


class Checkpoint(models.Model):
    """What was signed over the first `size` entries: `note` with its signatures, `root` as it stands in the note."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("size",)

    def __str__(self):
        return f"checkpoint over {self.size} entries"
