"""Who is away from which day to which, and who covers; and days on which a queue was without anybody."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from utilization.models.site import Site
from utilization.rules.roles import Role


class Absence(models.Model):
    """One person away from a site, from `first_day` to `last_day` with both included, with a colleague who covers or
    with nobody.

    `begins_at` and `ends_at` are the same as moments, by the clock of the site: one that is entered on its first day
    begins when it is entered, so that nothing is changed in retrospect, and one that is ended early ends then. An
    absence is only ever shortened; triggers hold that, and that neither the person nor who covers is away in these days
    already, so that no cover goes in a circle (`utilization.models.guarded_tables`).
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="absences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    cover = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="covered_absences"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("first_day", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_days_ordered"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("begins_at")), name="absence_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(cover=None) | ~Q(cover=F("person")), name="nobody_covers_themselves"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="early_end_has_author_and_time",
            ),
        ]
        indexes = [models.Index(fields=("site", "ends_at", "begins_at"), name="absences_of_site")]

    def __str__(self):
        return f"{self.person} away from {self.first_day} to {self.last_day}"


class UncoveredDay(models.Model):
    """That the administrators of a site were told on `day` that nobody who could act holds `role`: once a day."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("site", "day", "role")
        constraints = [models.UniqueConstraint(fields=("site", "role", "day"), name="uncovered_told_once_a_day")]

    def __str__(self):
        return f"no {self.role} at {self.site} on {self.day}"
