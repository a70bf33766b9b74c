"""What was done to accounts, and the letters by which people without mail get a link."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from utilization.rules.account_owner import LETTER_LASTS, AccountDeed


class AccountAct(models.Model):
    """An account was made, reset, reopened, or its person confirmed. Never changed; see `rules.account_owner`.

    `by` is None for a command on the server. Nobody confirms themselves, nor what they did: a constraint and a trigger
    hold it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="account_acts")
    kind = models.CharField(max_length=12, choices=[(deed.value, deed.value) for deed in AccountDeed])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("user", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[deed.value for deed in AccountDeed]), name="account_act_known"
            ),
            models.CheckConstraint(condition=Q(by=None) | ~Q(by=F("user")), name="nobody_acts_on_their_own_account"),
        ]

    def __str__(self):
        return f"account of {self.user} {self.kind}"


class PasswordLetter(models.Model):
    """A link on paper, where there is no mail: one who asked for it holds the code, another prints the address.

    Neither alone can open the account. One a person; deleted when a password is set. `wrong` counts wrong codes.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="password_letter")
    code_digest = models.CharField(max_length=64)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    printed_at = models.DateTimeField(null=True, blank=True)
    wrong = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(printed_by=None) | ~Q(printed_by=F("asked_by")), name="letter_of_two_people"
            ),
        ]

    @property
    def ends_at(self):
        """From when on it is not printed, and opens nothing."""
        return self.asked_at + LETTER_LASTS

    def __str__(self):
        return f"letter for {self.user}"
