"""A site with its settings, and its departments."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q

from utilization.rules.utilization_report.report import LIMITS


class Site(models.Model):
    """One hospital, with its settings: the wall that requests, patients and roles never cross."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=120)
    address = models.TextField(blank=True, help_text="Letterhead lines, one to a line.")
    time_zone = models.CharField(max_length=60, default="UTC")
    public_check = models.BooleanField(
        default=False, help_text="Whether anybody may check eligibility by this site's criteria, without signing in."
    )
    fewest_patients = models.PositiveSmallIntegerField(
        default=11, help_text="The least patients of a group that a report for circulation shows: 11, 8 or 5."
    )
    report_year_starts = models.PositiveSmallIntegerField(
        default=1, help_text="The month, 1 to 12, with which the report years of a report for circulation begin."
    )
    appeal_days = models.PositiveSmallIntegerField(
        default=30, help_text="Days after a denial within which it may be appealed: a local parameter, 1 to 365."
    )
    claim_hours = models.PositiveSmallIntegerField(
        default=4, help_text="After how many hours a claim lapses, 1 to 72. A local parameter."
    )
    assigns_in_turn = models.BooleanField(
        default=False, help_text="Whether a request that comes to a stage is given to its reviewers in turn."
    )
    strong_roles = models.JSONField(
        default=list, blank=True, help_text="Roles, by code, that sign here by more than a password, sorted."
    )

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(condition=Q(fewest_patients__in=LIMITS), name="fewest_patients_known"),
            models.CheckConstraint(
                condition=Q(appeal_days__gte=1, appeal_days__lte=365), name="appeal_days_within_a_year"
            ),
            models.CheckConstraint(
                condition=Q(claim_hours__gte=1, claim_hours__lte=72), name="claim_lapses_within_days"
            ),
            models.CheckConstraint(
                condition=Q(report_year_starts__gte=1, report_year_starts__lte=12),
                name="report_year_starts_with_a_month",
            ),
        ]

    def __str__(self):
        return self.name

    def date_at(self, at: datetime) -> date:
        """The calendar day at this site at the instant `at`."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def day_begins(self, day: date) -> datetime:
        """The instant at which `day` begins at this site."""
        return datetime.combine(day, time(), ZoneInfo(self.time_zone))


class Department(models.Model):
    """A department of a site; its prescribers see and answer one another's requests."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="departments")
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ("site", "name")
        constraints = [models.UniqueConstraint(fields=("site", "name"), name="department_once_a_site")]

    def __str__(self):
        return self.name
