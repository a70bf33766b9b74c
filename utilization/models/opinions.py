"""Second opinions: the specialties of people at a site, what was asked of one, and the opinion that was given."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.requests import Request, Submission
from utilization.models.site import Site
from utilization.rules.specialties import LEANINGS, NEITHER, SPECIALTIES

GIVEN, TAKEN_BACK, ENDED = "given", "taken_back", "ended"
ENDINGS = (GIVEN, TAKEN_BACK, ENDED)


class HeldSpecialty(models.Model):
    """One specialty of one person at one site; ended, never deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="specialties")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="specialties")
    specialty = models.CharField(max_length=30, choices=list(SPECIALTIES.items()))
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("user", "site", "specialty", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("user", "site", "specialty"), condition=Q(ended_at=None), name="specialty_held_once_a_site"
            ),
            models.CheckConstraint(condition=Q(specialty__in=list(SPECIALTIES)), name="held_specialty_known"),
        ]
        indexes = [
            models.Index(fields=("site", "specialty", "user"), condition=Q(ended_at=None), name="people_by_specialty"),
        ]

    def __str__(self):
        return f"{self.user}: {self.specialty} at {self.site}"


class OpinionQuestion(models.Model):
    """A second opinion asked for on a request in review: of which specialty, of one person where `person` is set.

    What is asked never changes. It is open until `closed_at`: given, taken back by who asked, or ended with the
    request. `asked_from` is the status that the request was in.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="opinion_questions")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_from = models.CharField(max_length=20)
    specialty = models.CharField(max_length=30, choices=list(SPECIALTIES.items()))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_as = models.CharField(max_length=10, blank=True, choices=[(ending, ending) for ending in ENDINGS])

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("request", "specialty"), condition=Q(closed_at=None), name="one_open_opinion_a_specialty"
            ),
            models.CheckConstraint(condition=Q(specialty__in=list(SPECIALTIES)), name="opinion_specialty_known"),
            models.CheckConstraint(condition=~Q(text=""), name="opinion_question_says_something"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_as="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, closed_as__in=ENDINGS),
                name="opinion_question_closed_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=("specialty", "asked_at"), condition=Q(closed_at=None), name="opinions_waiting"),
        ]

    def __str__(self):
        return f"opinion asked on {self.request}"


class Opinion(models.Model):
    """An opinion as it was given: it decides nothing, and is never changed.

    `submission` and `order` are what it was about: the version of the facts, and the order that stood then, in the
    shape of `Decision.order`. `missing` says what is missing where it leans to neither side.
    """

    question = models.OneToOneField(OpinionQuestion, on_delete=models.PROTECT, related_name="opinion")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="opinions")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="opinions")
    order = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    leaning = models.CharField(max_length=10, choices=list(LEANINGS.items()))
    text = models.TextField()
    missing = models.TextField(blank=True)

    class Meta:
        ordering = ("request", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(leaning__in=list(LEANINGS)), name="opinion_leaning_known"),
            models.CheckConstraint(condition=~Q(text=""), name="opinion_says_something"),
            models.CheckConstraint(
                condition=Q(leaning=NEITHER) & ~Q(missing="") | ~Q(leaning=NEITHER) & Q(missing=""),
                name="undecided_opinion_says_what_is_missing",
            ),
        ]

    def __str__(self):
        return f"opinion on {self.request}"
