"""A site with its settings, and its departments."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db import models


class Site(models.Model):
    """One hospital, with its settings: the wall that requests, patients and roles never cross."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=120)
    address = models.TextField(blank=True, help_text="Letterhead lines, one to a line.")
    time_zone = models.CharField(max_length=60, default="UTC")
    public_check = models.BooleanField(
        default=False, help_text="Whether anybody may check eligibility by this site's criteria, without signing in."
    )
    strong_roles = models.JSONField(
        default=list, blank=True, help_text="Roles, by code, that sign here by more than a password, sorted."
    )

    class Meta:
        ordering = ("name",)

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
