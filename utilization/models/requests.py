"""Requests and the frozen versions of what was filed."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.pack_versions import PackVersion
from utilization.models.patients import Patient
from utilization.models.site import Department, Site
from utilization.rules.lifecycle import ENDED, IN_REVIEW, Status
from utilization.rules.site_clock import COUNTS, HOURS

DOSE_CHANGE, EXTRA_DOSE = "dose", "extra"
CHANGES = (DOSE_CHANGE, EXTRA_DOSE)
"""What a request may ask of an authorization: another dose in its place, or one course beside it."""


class Request(models.Model):
    """One request for IVIG from its first draft to its end.

    `draft` holds what was typed, by fact name, as typed, and `entered` who typed each answer and when; once filed,
    what counts stands in the newest `Submission` and `draft` keeps the words that it was read from, so that an
    answer can correct one of them. `version` grows by one with every change and guards it. `due_at` is None while
    the clock is stopped; `clock_left` then holds the seconds that were left, below 0 when it was late; `clock_counts`
    says whether those are of any hours or of the site's open ones. A request
    that was referred once is for the physician to decide, whatever its newest judgement routes to.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=60, unique=True, null=True, blank=True)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="requests")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="requests")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="requests")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requests_filed")
    copied_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    indication = models.CharField(max_length=60)
    changes = models.CharField(
        max_length=10,
        blank=True,
        choices=[(what, what) for what in CHANGES],
        help_text="What it asks to change of the authorization of the request that it was begun from.",
    )
    draft = models.JSONField(default=dict)
    entered = models.JSONField(default=dict, help_text='By answer: {"by": user id, "name", "at"}.')
    first_answers = models.JSONField(
        default=dict,
        help_text="Answers of the draft that were replaced after they had stood a while.",
    )
    prefilled = models.JSONField(
        null=True, blank=True,
        help_text="By name of each fact that the draft began with: whether it was changed since. Null: not recorded.",
    )  # fmt: skip
    status = models.CharField(
        max_length=20, choices=[(s.value, s.value.replace("_", " ")) for s in Status], default=Status.DRAFT.value
    )
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawal_reason = models.TextField(blank=True)

    emergency = models.BooleanField(default=False)
    emergency_reason = models.TextField(blank=True)
    expedited = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, blank=True)
    clock_left = models.IntegerField(
        null=True, blank=True, help_text="Seconds left while it is stopped; negative when it was late already."
    )

    clock_counts = models.CharField(
        max_length=10, default=HOURS, choices=[(counts, words) for counts, words in COUNTS.items()]
    )

    # Copied from the newest submission, so that the queue reads one table.
    judged_as = models.CharField(max_length=60, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    grams = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)

    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="requests_held"
    )
    held_at = models.DateTimeField(null=True, blank=True)

    referred_at = models.DateTimeField(null=True, blank=True)
    referred_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    referral_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=[s.value for s in Status]), name="request_status_known"),
            models.CheckConstraint(condition=Q(clock_counts__in=sorted(COUNTS)), name="request_clock_known"),
            models.CheckConstraint(
                condition=Q(status__in=[Status.DRAFT.value, Status.DISCARDED.value])
                | Q(submitted_at__isnull=False, number__isnull=False),
                name="filed_request_is_numbered",
            ),
            models.CheckConstraint(
                condition=Q(holder=None, held_at=None) | Q(holder__isnull=False, held_at__isnull=False),
                name="holder_since",
            ),
            models.CheckConstraint(
                condition=Q(holder=None) | Q(status__in=sorted(s.value for s in IN_REVIEW)), name="held_in_review"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=sorted(s.value for s in IN_REVIEW)) | Q(due_at__isnull=False),
                name="review_has_a_clock",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.INFORMATION_ASKED.value) | Q(due_at=None, clock_left__isnull=False),
                name="asked_clock_stands_still",
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(s.value for s in ENDED), ended_at__isnull=False, ended_by__isnull=False)
                | (~Q(status__in=sorted(s.value for s in ENDED)) & Q(ended_at=None, ended_by=None)),
                name="ended_request_says_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.WITHDRAWN.value) & ~Q(withdrawal_reason="")
                | ~Q(status=Status.WITHDRAWN.value) & Q(withdrawal_reason=""),
                name="withdrawal_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(referred_at=None, referred_by=None, referral_reason="")
                | Q(referred_at__isnull=False, referred_by__isnull=False) & ~Q(referral_reason=""),
                name="referral_has_author_time_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(changes="") | Q(changes__in=CHANGES, copied_from__isnull=False),
                name="request_changes_what_it_was_begun_from",
            ),
            models.CheckConstraint(
                condition=Q(emergency=False, emergency_reason="") | Q(emergency=True) & ~Q(emergency_reason=""),
                name="emergency_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=("site", "status", "due_at", "id"), name="queue_by_due"),
            models.Index(fields=("author", "status", "-updated_at", "-id"), name="home_drafts"),
            models.Index(fields=("department", "status", "due_at", "id"), name="home_open"),
            models.Index(fields=("author", "-ended_at", "-id"), name="home_ended_own"),
            models.Index(fields=("department", "-ended_at", "-id"), name="home_ended"),
            models.Index(fields=("site", "-submitted_at", "-id"), name="audit_by_date"),
            models.Index(fields=("site", "indication", "outcome", "-submitted_at", "-id"), name="audit_by_indication"),
            models.Index(fields=("site", "judged_as", "outcome", "-submitted_at", "-id"), name="audit_by_judged_as"),
            models.Index(fields=("site", "outcome", "-submitted_at", "-id"), name="audit_by_outcome"),
            models.Index(fields=("site", "status", "-submitted_at", "-id"), name="audit_by_status"),
            models.Index(fields=("department", "status", "-submitted_at", "-id"), name="audit_by_department"),
            models.Index(
                fields=("site", "-created_at", "-id"), condition=Q(status=Status.DRAFT.value), name="audit_drafts"
            ),
            models.Index(
                fields=("site", "-created_at", "-id"),
                condition=Q(status=Status.DISCARDED.value),
                name="audit_discarded",
            ),
            models.Index(fields=("patient", "indication", "status"), name="same_patient_same_indication"),
        ]

    def __str__(self):
        return self.number or f"draft {self.pk}"

    @property
    def latest(self):
        """The newest frozen submission, or None while it is a draft."""
        # The texts of its criteria stay in the database: those that were read before are found by their hash.
        kept = self.submissions.select_related("pack").defer("pack__files", "pack__shelf")
        return kept.order_by("-ordinal").first()


class NumberSeries(models.Model):
    """How far the numbers of one kind have come at a site in a year; counted up inside the numbering transaction.

    A row, not a database sequence: a sequence leaves a gap when a transaction rolls back, and an auditor asks what
    stood in the gap.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    prefix = models.CharField(max_length=10)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("site", "prefix", "year"), name="one_number_series_a_site_and_year"),
        ]

    def __str__(self):
        return f"{self.prefix} {self.year}: {self.last}"


class Submission(models.Model):
    """What was filed, frozen: facts, who entered each, the pack that judged, judgement with plan and route.

    `facts` are canonical values by fact name (decimals as strings); `entered` maps each fact name to
    {"by": user id, "name": signature name, "at": ISO time}. `judgement` is the result of `judge` with the
    keys of its contract plus the lines of the plan; `patient_as_filed` is the patient as known that moment;
    `changes` lists {"fact", "old", "new"} against the version before. `stated` holds what is no fact, each key only
    where there is something: "not_known" (names answered so), "rest" ({"answer", "rows"}: one answer for the rows of
    the safety checklist that had none of their own), "meant" (by fact, the day or hour that an answer means which
    counts back), "clinical_summary", "diagnosis_code", what a payer knows prescriber and patient by:
    "prescriber_number", "payer_name", "payer_member_number", and "transferred_from" (`access.origin_of`) of a request
    that was begun from another hospital's authorization. A version filed before there was such a thing holds none.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="submissions")
    ordinal = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    author_department = models.CharField(max_length=120)
    attestation = models.TextField()
    as_of = models.DateField(help_text="The date that the judgement counts from.")
    indication = models.CharField(max_length=60)
    patient_as_filed = models.JSONField()
    facts = models.JSONField()
    entered = models.JSONField()
    confirmed = models.JSONField(default=list, help_text="Implausible values confirmed, by fact name.")
    acknowledged = models.JSONField(default=list, help_text="Warning codes acknowledged.")
    justification = models.TextField(blank=True)
    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    judgement = models.JSONField()
    changes = models.JSONField(default=list)
    checks = models.JSONField(default=dict, help_text="What was stated again at signing, and traps with their reasons.")
    stated = models.JSONField(
        default=dict,
        help_text="What was stated beside the facts: not known, by one answer for several, meant, summary, code.",
    )

    class Meta:
        ordering = ("request", "ordinal")
        constraints = [models.UniqueConstraint(fields=("request", "ordinal"), name="submission_ordinal_once")]

    def __str__(self):
        return f"{self.request} v{self.ordinal}"


class Authorship(models.Model):
    """Who filed a request or entered facts that were frozen with it; such people never recommend or decide on it."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="authorships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("request", "pk")
        constraints = [models.UniqueConstraint(fields=("request", "user"), name="author_once_a_request")]

    def __str__(self):
        return f"{self.user} wrote {self.request}"
