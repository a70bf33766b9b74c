"""Files that prescribers attach to a request: what each is, and its bytes apart."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.requests import Request

PDF, PNG, JPEG = "pdf", "png", "jpeg"
KINDS = (PDF, PNG, JPEG)


class Attachment(models.Model):
    """One file attached to a request: its name as given, its kind, size and hash.

    Never changed; while the request is a draft it may be marked as removed, and its bytes go. Triggers on both
    databases hold it (`utilization.models.guards`).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="attachments")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="attachment_kind_known"),
            models.CheckConstraint(condition=Q(size__gte=1), name="attachment_holds_something"),
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removed_attachment_says_when_and_by_whom",
            ),
        ]

    def __str__(self):
        return f"attachment of {self.request}"


class AttachmentContent(models.Model):
    """The bytes of an attachment, in a table of their own so that no list reads them; gone once it is removed."""

    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="content")
    content = models.BinaryField()

    def __str__(self):
        return f"bytes of {self.attachment}"
