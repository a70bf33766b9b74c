"""What is remembered of sessions beside Django's own rows: wrong passwords under a signature, forms that were sent."""

from django.conf import settings
from django.db import models


class WrongPassword(models.Model):
    """One wrong password of a person who was signed in: under a signature, or when choosing a new password.

    `session` is a digest of the session's key. Deleted when the person types the right one in that session, and when
    an administrator lifts the lock.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    session = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("user", "at", "pk")
        indexes = [models.Index(fields=("user", "at"), name="wrong_passwords_of_a_person")]

    def __str__(self):
        return f"wrong password of {self.user}"


class SentForm(models.Model):
    """A form that was sent and did what it says, so that sending it again does nothing more.

    `token` is what its page carried, `sha256` the digest of what was sent and where to, `location` where the answer
    leads. Kept for some days.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    location = models.CharField(max_length=400)
    at = models.DateTimeField()

    class Meta:
        ordering = ("user", "at", "pk")
        constraints = [models.UniqueConstraint(fields=("user", "token"), name="form_sent_once")]
        indexes = [models.Index(fields=("user", "at"), name="sent_forms_of_a_person")]

    def __str__(self):
        return f"form of {self.user}"


class LastCode(models.Model):
    """The step of time (30 seconds since 1970) of the last code of a person's authenticator app that was accepted.

    It only ever grows, so that a code serves once, in whichever process it is typed.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    step = models.BigIntegerField()

    def __str__(self):
        return f"last code of {self.user}"
