"""The committee's criteria: drafts, who changed them, and the versions published with two signatures."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from utilization.models.pack_versions import PackVersion
from utilization.models.site import Site

DRAFT, PROPOSED, PUBLISHED, WITHDRAWN = "draft", "proposed", "published", "withdrawn"
STATUSES = (DRAFT, PROPOSED, PUBLISHED, WITHDRAWN)


class CriteriaDraft(models.Model):
    """A version of a criteria pack while a committee writes it.

    `files` maps relative path to text, as typed; it need not read. `version` grows by one with every change and guards
    it. `base` is the kept pack that it was begun from. While it is proposed, `pack` holds the bytes that the second
    member signs, and `effective_from` the day, at the site, from which they shall judge.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="criteria_drafts")
    name = models.CharField(max_length=120)
    files = models.JSONField(default=dict)
    base = models.ForeignKey(PackVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=[(status, status) for status in STATUSES], default=DRAFT)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    effective_from = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_name = models.CharField(max_length=200, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)

    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-updated_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=STATUSES), name="criteria_draft_status_known"),
            models.CheckConstraint(
                condition=Q(
                    status__in=[PROPOSED, PUBLISHED],
                    pack__isnull=False,
                    effective_from__isnull=False,
                    proposed_by__isnull=False,
                    proposed_at__isnull=False,
                )
                & ~Q(reason="")
                | Q(
                    status__in=[DRAFT, WITHDRAWN],
                    pack=None,
                    effective_from=None,
                    proposed_by=None,
                    proposed_at=None,
                    reason="",
                ),
                name="proposal_says_what_when_why_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(returned_by=None, returned_at=None, returned_reason="")
                | Q(returned_by__isnull=False, returned_at__isnull=False) & ~Q(returned_reason=""),
                name="draft_sent_back_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=("site", "status", "-updated_at"), name="criteria_drafts_by_site")]

    def __str__(self):
        return self.name


class DraftEdit(models.Model):
    """Who wrote a draft of criteria: such people never sign it as the second member."""

    draft = models.ForeignKey(CriteriaDraft, on_delete=models.PROTECT, related_name="edits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("draft", "pk")
        constraints = [models.UniqueConstraint(fields=("draft", "user"), name="editor_once_a_draft")]

    def __str__(self):
        return f"{self.user} wrote {self.draft}"


class Publication(models.Model):
    """A version of the criteria that a site published: in force from a day on until a later one takes its place.

    `ordinal` counts the site's publications. The version in force on a day is the one with the latest `effective_from`
    on or before it; no two of a site take effect on one day. Never changed after it was signed, and signed by somebody
    who neither proposed nor wrote it: triggers on both databases hold it (`utilization.models.guards`).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="publications")
    ordinal = models.PositiveIntegerField()
    draft = models.OneToOneField(CriteriaDraft, on_delete=models.PROTECT, related_name="publication")
    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="publications")
    effective_from = models.DateField()
    reason = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_name = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    proposed_meaning = models.CharField(max_length=200)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=200)
    signed_at = models.DateTimeField()
    signed_meaning = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60)

    class Meta:
        ordering = ("site", "-effective_from")
        constraints = [
            models.UniqueConstraint(fields=("site", "effective_from"), name="one_version_effective_a_day"),
            models.UniqueConstraint(fields=("site", "ordinal"), name="publication_ordinal_once"),
            models.CheckConstraint(condition=~Q(signed_by=F("proposed_by")), name="second_signature_is_another_person"),
            models.CheckConstraint(condition=~Q(reason=""), name="publication_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.pack} at {self.site} from {self.effective_from}"
