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
    on_call_name = models.CharField(
        max_length=120, blank=True, help_text="Whom to call outside of hours about a dose; empty where none is named."
    )
    on_call_phone = models.CharField(max_length=40, blank=True)
    review_after_hours = models.PositiveSmallIntegerField(
        default=24, help_text="Hours after which a first dose must have been reviewed, 1 to 168. A local parameter."
    )
    confirm_order_hours = models.PositiveSmallIntegerField(
        default=24, help_text="Hours within which a verbal order is to be confirmed, 1 to 168. A local parameter."
    )
    strong_roles = models.JSONField(
        default=list, blank=True, help_text="Roles, by code, that sign here by more than a password, sorted."
    )
    mail_from_name = models.CharField(
        max_length=80, blank=True, help_text="The name under which its mail comes; empty for that of the server."
    )
    mail_reply_to = models.EmailField(
        max_length=254, blank=True, help_text="Where answers to its mail go; empty for the server's own address."
    )
    usual_product = models.CharField(
        max_length=60, blank=True, help_text="The brand with which its new requests begin; empty for none."
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
                condition=Q(review_after_hours__gte=1, review_after_hours__lte=168),
                name="first_dose_is_reviewed_within_a_week",
            ),
            models.CheckConstraint(
                condition=Q(confirm_order_hours__gte=1, confirm_order_hours__lte=168),
                name="verbal_order_is_confirmed_within_a_week",
            ),
            models.CheckConstraint(
                condition=Q(report_year_starts__gte=1, report_year_starts__lte=12),
                name="report_year_starts_with_a_month",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def on_call(self) -> str:
        """Whom to call, name and telephone in one line; empty where nobody is named."""
        return ", ".join(word for word in (self.on_call_name, self.on_call_phone) if word)

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
