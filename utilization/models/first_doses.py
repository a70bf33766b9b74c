"""Treatment before the review: a first dose released at once, and an order that somebody took by word of mouth."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.requests import Request, Submission
from utilization.rules.authorization.first_dose import Ground

CONFIRMED, DISOWNED = "confirmed", "disowned"


class FirstDose(models.Model):
    """The first dose of `request`, released before its review: grams that may be given until `until`, and why.

    It never changes: what became of it follows from the request. `submission` is the version that its grams follow
    from, `because` how; `off_criteria` says that not every criterion was met. Who was on call, as the site named them
    then, stands with it. The review is due by `review_by`.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="first_dose")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+")
    grams = models.DecimalField(max_digits=9, decimal_places=3)
    product = models.CharField(max_length=60, blank=True)
    because = models.TextField()
    ground = models.CharField(max_length=10, choices=[(ground.value, ground.value) for ground in Ground])
    reason = models.TextField(blank=True)
    off_criteria = models.BooleanField()
    released_at = models.DateTimeField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_name = models.CharField(max_length=200)
    until = models.DateTimeField()
    review_by = models.DateTimeField()
    on_call = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("request",)
        constraints = [
            models.CheckConstraint(condition=Q(grams__gt=0), name="first_dose_above_zero"),
            models.CheckConstraint(
                condition=Q(ground=Ground.URGENT.value, reason="", off_criteria=False)
                | Q(ground=Ground.DECLARED.value) & ~Q(reason=""),
                name="first_dose_has_its_ground",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("released_at"), review_by__gt=models.F("released_at")),
                name="first_dose_times_ordered",
            ),
        ]
        indexes = [models.Index(fields=("review_by", "id"), name="first_doses_by_review")]

    def __str__(self):
        return f"first dose of {self.request}"


class VerbalOrder(models.Model):
    """An order that `taken_by` took by word of mouth from `ordered_by`, at `taken_at`, and read back.

    Whoever gave it confirms or disowns it by `confirm_by`; until then `answer` is empty. `stand_in` is who answered in
    their place, once they prescribed for the department no more; nobody where they answered themselves.
    """

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="verbal_order")
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ordered_name = models.CharField(max_length=200)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_name = models.CharField(max_length=200)
    taken_at = models.DateTimeField(help_text="When the order was given, as whoever took it says.")
    entered_at = models.DateTimeField()
    confirm_by = models.DateTimeField()
    answer = models.CharField(max_length=10, blank=True, choices=[(word, word) for word in (CONFIRMED, DISOWNED)])
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it is disowned.")
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    stand_in_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("request",)
        constraints = [
            models.CheckConstraint(
                condition=~Q(ordered_by=models.F("taken_by")), name="verbal_order_is_another_persons"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, reason="")
                | Q(answer=CONFIRMED, answered_at__isnull=False, reason="")
                | Q(answer=DISOWNED, answered_at__isnull=False) & ~Q(reason=""),
                name="verbal_order_answer_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(stand_in=None, stand_in_name="")
                | Q(stand_in__isnull=False)
                & ~Q(stand_in_name="")
                & ~Q(answer="")
                & ~Q(stand_in=models.F("ordered_by"))
                & ~Q(stand_in=models.F("taken_by")),
                name="verbal_order_stand_in_is_a_third",
            ),
        ]
        indexes = [models.Index(fields=("confirm_by", "id"), condition=Q(answer=""), name="verbal_orders_open")]

    def __str__(self):
        return f"verbal order of {self.request}"
