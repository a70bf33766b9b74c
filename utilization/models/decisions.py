"""What reviewers do to a request: questions, notes, signed decisions, the authorization and the issued document."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.patients import Patient
from utilization.models.requests import Request, Submission
from utilization.models.site import Site

RECOMMENDATION, DECISION, APPEAL = "recommendation", "decision", "appeal"
APPROVE, DENY = "approve", "deny"
WITHDRAWN, DEATH, STOPPED, REPLACED = "withdrawn", "death", "stopped", "replaced"
ENDINGS = (WITHDRAWN, DEATH, STOPPED, REPLACED)
"""Why an authorization ended before its last day."""


class Question(models.Model):
    """Information asked of the prescriber: which facts, why, and the day by which.

    It is answered once, whole; before that, parts of it may be (`AnswerPart`). `not_given` names the facts asked for
    that the whole answer left as they were, for the reason in its words.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="questions")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_from = models.CharField(max_length=20, help_text="The status that the request was in when asked.")
    facts = models.JSONField(default=list)
    text = models.TextField()
    wanted_by = models.DateField(null=True, blank=True, help_text="Null for what was asked before this was kept.")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.TextField(blank=True)
    not_given = models.JSONField(default=list)

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="answer_has_author_and_time",
            ),
            models.UniqueConstraint(
                fields=("request",), condition=Q(answered_at=None), name="one_open_question_a_request"
            ),
        ]
        indexes = [models.Index(fields=("asked_at", "id"), condition=Q(answered_at=None), name="questions_waiting")]

    def __str__(self):
        return f"question on {self.request}"

    @property
    def still_open(self):
        """The facts asked for that no part of an answer has given yet, in the order in which they were asked for."""
        given = {name for part in self.parts.all() for name in part.facts}
        return [name for name in self.facts if name not in given]


class AnswerPart(models.Model):
    """An answer to some of the facts of a question, which stays open for the rest: `facts` by name, as read then."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="answer_parts")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="parts")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("question", "pk")

    def __str__(self):
        return f"part of an answer on {self.request}"


class Note(models.Model):
    """An internal note among reviewers and auditors; never shown to the prescriber, never printed."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="notes")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        ordering = ("request", "pk")

    def __str__(self):
        return f"note on {self.request}"


class Decision(models.Model):
    """One signed act: a pharmacist's recommendation, the decision, or that on an appeal, with what the signature meant.

    `order` is the whole order as decided when it differs from what was asked: {"dose_total_g", "course_days",
    "interval_weeks", "months", "courses"}, null where not known; `judgement` then holds the judgement of the changed
    order. `unmet` lists the unmet criteria that go along with a denial: {"id", "text", "to_meet", "evidence"}.
    `presence` is how whoever signed proved to be there: {"kind", "at"} and what its kind keeps
    (`workflow.presence`); None for a decision that was signed before this was kept. Never changed after it was signed,
    and never signed by someone who wrote the request: triggers on both databases hold it (`utilization.models.guards`).
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="decisions")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=20, choices=[(k, k) for k in (RECOMMENDATION, DECISION, APPEAL)])
    choice = models.CharField(max_length=10, choices=[(APPROVE, APPROVE), (DENY, DENY)])
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    order = models.JSONField(null=True, blank=True)
    judgement = models.JSONField(null=True, blank=True)
    unmet = models.JSONField(default=list)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=200)
    signed_role = models.CharField(max_length=20)
    signed_at = models.DateTimeField()
    time_zone = models.CharField(max_length=60)
    meaning = models.CharField(max_length=200)
    signer = models.JSONField(
        null=True,
        blank=True,
        help_text="How the signer's account stood: who confirmed it, and a reset before. Null before this was kept.",
    )
    presence = models.JSONField(null=True, blank=True)
    covering_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    covered_name = models.CharField(max_length=200, blank=True, help_text="For whom the signer covered; else empty.")

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.UniqueConstraint(fields=("request",), condition=Q(kind=DECISION), name="one_decision_a_request"),
            models.UniqueConstraint(fields=("request",), condition=Q(kind=APPEAL), name="appeal_is_decided_once"),
            models.UniqueConstraint(
                fields=("submission",), condition=Q(kind=RECOMMENDATION), name="one_recommendation_a_submission"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[RECOMMENDATION, DECISION, APPEAL]), name="decision_kind_known"
            ),
            models.CheckConstraint(condition=Q(choice__in=[APPROVE, DENY]), name="decision_choice_known"),
            models.CheckConstraint(
                condition=~Q(kind=DECISION, choice=DENY) | (Q(signed_role="physician_reviewer") & ~Q(reason="")),
                name="physician_denies_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(kind=APPEAL) | (Q(signed_role="physician_reviewer") & ~Q(reason="")),
                name="physician_decides_an_appeal_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=("signed_by", "-signed_at", "-id"), name="signed_lately")]

    def __str__(self):
        return f"{self.kind} on {self.request}"


class Authorization(models.Model):
    """What an approval allows: grams and courses within dates.

    Void once withdrawn, ended once the patient's death is recorded, stopped by a discontinuation, replaced by the
    approval of another dose, expired after its last day. `voided_at` is when it ended, the beginning of an earlier day
    where a discontinuation names one.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(max_length=60, unique=True)
    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="authorization")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="authorization")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="authorizations")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="authorizations")
    indication = models.CharField(max_length=60)
    product = models.CharField(max_length=60, blank=True)
    grams_per_course = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    courses = models.PositiveIntegerField(default=1)
    interval_weeks = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    review_by = models.DateField()
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_because = models.CharField(
        max_length=10,
        blank=True,
        choices=[(why, why) for why in ENDINGS],
        help_text="Empty while it stands, and for one that was withdrawn before this was kept.",
    )

    class Meta:
        ordering = ("-valid_from", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=models.F("valid_from")), name="authorization_dates_ordered"
            ),
            models.CheckConstraint(condition=Q(courses__gte=1), name="authorization_allows_a_course"),
            models.CheckConstraint(
                condition=Q(voided_because="") | Q(voided_because__in=ENDINGS, voided_at__isnull=False),
                name="voided_authorization_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=("patient", "indication", "valid_to"), name="live_authorization"),
            models.Index(
                fields=("site", "valid_to", "review_by"), condition=Q(voided_at=None), name="authorization_by_review"
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def grams_total(self):
        """Grams over all courses, or None where the grams of a course are not known."""
        return None if self.grams_per_course is None else self.grams_per_course * self.courses

    @property
    def ended_as(self):
        """`void`, `ended` by a death, `stopped` by the prescriber or `replaced`; empty while it stands."""
        if self.voided_at is None:
            return ""
        return {DEATH: "ended", STOPPED: "stopped", REPLACED: "replaced"}.get(self.voided_because, "void")

    def state(self, on):
        """What `ended_as` says, else `expired`, `future` or `live` on the date `on`."""
        if self.ended_as:
            return self.ended_as
        if on > self.valid_to:
            return "expired"
        return "future" if on < self.valid_from else "live"


class Document(models.Model):
    """A justification as it was issued: its bytes and their hash, kept for good.

    With `has_proof`, it holds the proof of its decision, and `content` a blank place for the proof of the file: that of
    the log's entry `event_seq`, put in when the file is handed out. What was issued before documents were in the log
    has no entry.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="documents")
    value_sha256 = models.CharField(max_length=64, help_text="Hash of the frozen value that was printed.")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    made_at = models.DateTimeField()
    has_proof = models.BooleanField(default=False)
    event_seq = models.BigIntegerField(null=True, unique=True)

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.UniqueConstraint(fields=("request", "value_sha256", "has_proof"), name="one_document_a_value"),
            models.CheckConstraint(
                condition=Q(has_proof=False) | Q(event_seq__isnull=False), name="proven_document_is_in_the_log"
            ),
        ]

    def __str__(self):
        return f"document of {self.request}"
