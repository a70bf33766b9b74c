"""What lists and reports read of a filed request: a row a request, so that neither reads a judgement."""

from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.decisions import APPROVE, DENY
from utilization.models.pack_versions import PackVersion
from utilization.models.patients import Patient
from utilization.models.requests import Request
from utilization.models.site import Department, Site
from utilization.rules.request_summary import APPEALS, DECIDED, FILED, INITIAL, MOST_CRITERION, RENEWAL

_CHOICES = [(choice, choice) for choice in (APPROVE, DENY)]


def _decimal(digits: int, places: int) -> "models.DecimalField[str | None, str | None]":
    return models.DecimalField(max_digits=digits, decimal_places=places, null=True, blank=True)


_BY_COLUMN = [
    models.Index(fields=("site", *columns, f"-{moment}", "-id"), name=f"summary_{name}")
    for columns, moment, name in (
        (("indication", "outcome_asked"), "filed_at", "by_indication"),
        (("asked_for", "outcome_asked"), "filed_at", "by_asked_for"),
        (("indication",), "decided_at", "by_indic_dec"), (("asked_for",), "decided_at", "by_asked_dec"),
        (("status",), "filed_at", "by_status"), (("status",), "decided_at", "by_status_dec"),
        (("outcome_asked",), "filed_at", "by_outcome"), (("outcome_decided",), "decided_at", "by_outcome_dec"),
        (("department", "status"), "filed_at", "by_department"), (("department",), "decided_at", "by_dept_dec"),
        (("department",), "filed_at", "by_dept_filed"),
        (("prescriber",), "filed_at", "by_prescriber"), (("prescriber",), "decided_at", "by_prescr_dec"),
    )
]  # fmt: skip
MARKS: Mapping[str, str] = {
    "off_criteria": "decided_at",
    "overridden": "decided_at",
    "late": "decided_at",
    "over_ceiling_allowed": "decided_at",
    "over_ceiling_asked": "filed_at",
    "response_missing": "filed_at",
    "actual_weight_in_obesity": "filed_at",
    "emergency": "filed_at",
}
"""What few requests are, and the moment by which a list of those is ordered: each has an index of those alone."""
_MARKED = [
    models.Index(fields=("site", f"-{moment}", "-id"), condition=Q(**{mark: True}), name=f"summary_{mark}"[:30])
    for mark, moment in MARKS.items()
]


class RequestSummary(models.Model):
    """A filed request in columns, written by the door with each move and worked out by `rules.request_summary`.

    Whatever is null is not known, or does not arise. Times are UTC; `filed_on`, `decided_on` and `ended_on` are days at
    the site. `outcome_filed` is that of the first submission, `outcome_asked` that of the newest, `outcome_decided`
    that of what was decided, a changed order included. All else is of the newest submission, on which the decision is:
    a recommendation about earlier facts does not count. An appeal leaves what was decided first as it was: `appeal`
    says what came of it, and what is allowed (`*_allowed`, `off_criteria`) is of the approval that it ended in.
    `overridden` says that the decision departs from the recommendation in choice, in order or by a condition left out.
    Grams asked are those ordered, else those planned; `total_*` are those of all courses. `ceiling_g_per_kg` is to two
    places, from grams and weight of the plan. A judgement that names no outcome gives "unknown". `clock_hours` are
    those of the newest route, 0 where it names none; `clock_seconds` were used until the decision without
    `asked_seconds`, which were spent with the prescriber, and `calendar_seconds` with them. `form_*` are of the form as
    it was filed first, and null of what was begun before that was recorded.
    """

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="summary")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+", db_index=False)
    prescriber = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    pack = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+", db_index=False)

    indication = models.CharField(max_length=60)
    asked_for = models.CharField(max_length=60, help_text="The indication as it was asked for.")
    status = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in (INITIAL, RENEWAL)])
    listed = models.BooleanField(help_text="Whether the criteria list the indication.")
    emergency = models.BooleanField()
    expedited = models.BooleanField()

    filed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    filed_on = models.DateField()
    decided_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    outcome_filed = models.CharField(max_length=20)
    outcome_asked = models.CharField(max_length=20)
    outcome_decided = models.CharField(max_length=20, blank=True)

    off_criteria = models.BooleanField(
        null=True, blank=True, help_text="Approved, and did not meet the criteria; null where it was not approved."
    )

    choice = models.CharField(max_length=10, blank=True, choices=_CHOICES)
    reason_code = models.CharField(max_length=40, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    order_changed = models.BooleanField(null=True, blank=True)
    recommendation = models.CharField(max_length=10, blank=True, choices=_CHOICES)
    recommended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    overridden = models.BooleanField(null=True, blank=True)

    appeal = models.CharField(
        max_length=10, blank=True, choices=[(code, code) for code in APPEALS], help_text="Empty without an appeal."
    )
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_decided_at = models.DateTimeField(null=True, blank=True)

    grams_asked = _decimal(9, 3)
    grams_allowed = _decimal(9, 3)
    total_asked = _decimal(12, 3)
    total_allowed = _decimal(12, 3)
    grams_known = models.BooleanField()
    g_per_kg_asked = _decimal(7, 3)
    g_per_kg_allowed = _decimal(7, 3)
    ceiling_g_per_kg = _decimal(7, 2)
    over_ceiling_asked = models.BooleanField(null=True, blank=True, help_text="Null without a ceiling or a dose.")
    over_ceiling_allowed = models.BooleanField(null=True, blank=True)

    actual_weight_kg = _decimal(7, 3)
    dosing_weight_kg = _decimal(7, 3)
    weight_used = models.CharField(max_length=20, blank=True)
    bmi = _decimal(6, 2)
    actual_weight_in_obesity = models.BooleanField(null=True, blank=True, help_text="Of an adult; null: not known.")
    height_known = models.BooleanField()
    weight_known = models.BooleanField()
    age_years = models.PositiveSmallIntegerField(null=True, blank=True)
    product = models.CharField(max_length=60, blank=True)

    response = models.CharField(max_length=60, blank=True)
    response_documented = models.BooleanField(null=True, blank=True, help_text="Null where it is no renewal.")
    objective_measure = models.BooleanField(null=True, blank=True, help_text="Null where it is no renewal.")

    response_missing = models.BooleanField(
        null=True, blank=True, help_text="A renewal without a documented response or without an objective measure."
    )

    clock_hours = models.PositiveIntegerField()
    clock_seconds = models.BigIntegerField(null=True, blank=True)
    calendar_seconds = models.BigIntegerField(null=True, blank=True)
    asked_seconds = models.BigIntegerField()
    late = models.BooleanField(null=True, blank=True)
    questions = models.PositiveIntegerField()
    warnings_acknowledged = models.PositiveIntegerField()

    form_questions = models.PositiveIntegerField(null=True, blank=True, help_text="Null: the form was not recorded.")
    form_prefilled = models.PositiveIntegerField(null=True, blank=True)
    form_changed = models.PositiveIntegerField(null=True, blank=True, help_text="Of those prefilled.")
    form_seconds = models.BigIntegerField(null=True, blank=True, help_text="From the begun draft to filing.")

    class Meta:
        ordering = ("-filed_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(choice="", decided_at=None, decided_by=None, outcome_decided="", overridden=None)
                | Q(choice__in=[APPROVE, DENY], decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(outcome_decided=""),
                name="summary_decided_or_not",
            ),
            models.CheckConstraint(condition=Q(kind__in=[INITIAL, RENEWAL]), name="summary_kind_known"),
            models.CheckConstraint(
                condition=Q(appeal="", appealed_at=None) | Q(appeal__in=APPEALS, appealed_at__isnull=False),
                name="summary_appeal_known",
            ),
        ]
        indexes = [
            models.Index(fields=("site", "-filed_at", "-id"), name="summary_by_filing"),
            models.Index(fields=("site", "-decided_at", "-id"), name="summary_by_decision"),
            models.Index(fields=("site", "filed_on"), name="summary_by_day_filed"),
            models.Index(fields=("site", "decided_on"), name="summary_by_day_decided"),
            models.Index(fields=("site", "-ended_at", "-id"), name="summary_by_end"),
            models.Index(
                fields=("site", "appeal", "-filed_at", "-id"), condition=~Q(appeal=""), name="summary_appealed"
            ),
            *_BY_COLUMN,
            *_MARKED,
        ]

    def __str__(self):
        return f"summary of request {self.request_id}"


class UnmetCriterion(models.Model):
    """A criterion that a request did not meet, by its id in the pack: as it was filed first, or as it was decided."""

    summary = models.ForeignKey(RequestSummary, on_delete=models.PROTECT, related_name="unmet", db_index=False)
    criterion = models.CharField(max_length=MOST_CRITERION)
    at = models.CharField(max_length=10, choices=[(at, at) for at in (FILED, DECIDED)])

    class Meta:
        ordering = ("summary", "at", "criterion")
        constraints = [
            models.UniqueConstraint(fields=("summary", "at", "criterion"), name="unmet_criterion_once"),
            models.CheckConstraint(condition=Q(at__in=[FILED, DECIDED]), name="unmet_criterion_when_known"),
        ]
        indexes = [models.Index(fields=("criterion", "at", "summary"), name="unmet_by_criterion")]

    def __str__(self):
        return f"{self.criterion} not met, as {self.at}"
