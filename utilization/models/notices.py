"""What people are told of, the mails that carry it, and how each wants to be told."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.requests import Request
from utilization.models.site import Site
from utilization.rules.notice_kinds import NoticeWay

WAITING, SENT, FAILED = "waiting", "sent", "failed"


class Delivery(models.Model):
    """A mail to one person with one notice or a day's notices; written before anything is sent.

    It waits until `next_try`; whoever sends it claims it first by moving that on, so that one lost with its sender is
    sent again under the same `uid`, by which a mail program knows it for the same. After `gives_up_at` it is not tried
    again. `failure` is a class or a code of the last try, never a text of the mail server's.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=[(state, state) for state in (WAITING, SENT, FAILED)])
    made_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField()
    gives_up_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("next_try", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=SENT, sent_at__isnull=False) | Q(state__in=[WAITING, FAILED], sent_at=None),
                name="delivery_sent_or_not",
            ),
        ]
        indexes = [
            models.Index(fields=("next_try", "id"), condition=Q(state=WAITING), name="deliveries_waiting"),
            models.Index(fields=("-made_at", "-id"), condition=Q(state=FAILED), name="deliveries_failed"),
        ]

    def __str__(self):
        return f"mail {self.uid} to {self.recipient_id}"


class Notice(models.Model):
    """One person told of one entry of the log, written in the transaction of that entry.

    `event_type` and `kind` give the words by `rules.notices`. `digest_at` is when it goes into a mail of the day;
    None where it goes alone or in no mail, and once `delivery` has it. `covering_for` is who is away, whose cover is
    told.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    event_seq = models.BigIntegerField()
    event_type = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    urgent = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    digest_at = models.DateTimeField(null=True, blank=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="notices")
    covering_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ("-made_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("event_seq", "recipient"), name="told_once_of_an_entry"),
        ]
        indexes = [
            models.Index(fields=("recipient", "-made_at", "-id"), name="notices_of_person"),
            models.Index(fields=("recipient", "id"), condition=Q(read_at=None), name="notices_unread"),
            models.Index(
                fields=("digest_at", "recipient"), condition=Q(digest_at__isnull=False), name="notices_digest"
            ),
        ]

    def __str__(self):
        return f"{self.event_type} told to {self.recipient_id}"


class NoticeChoice(models.Model):
    """How one person wants to be told of one kind of notice; without a row, as is usual for the kind."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notice_choices")
    kind = models.CharField(max_length=20)
    way = models.CharField(max_length=10, choices=[(way.value, way.value) for way in NoticeWay])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("user", "kind"), name="notice_choice_once_a_kind"),
            models.CheckConstraint(condition=Q(way__in=[way.value for way in NoticeWay]), name="notice_way_known"),
        ]

    def __str__(self):
        return f"{self.kind}: {self.way}"
