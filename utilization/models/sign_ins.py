"""Who signed in, failed to, was locked out, let in anew or given a role: append-only, without foreign keys out."""

from django.db import models


class SignInEntry(models.Model):
    """One thing that happened to the way into an account. What was typed as a name or a password never stands here.

    `user_id` and `user_name` are whose account it is; both empty where a name was typed that nobody has. `by_id` and
    `by_name` are who did it, where that is somebody else. `address` is where it was done, as far as that is known.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    user_id = models.BigIntegerField(null=True)
    user_name = models.CharField(max_length=200, blank=True)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=64, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=("-at", "-id"), name="sign_ins_by_time"),
            models.Index(fields=("user_id", "-at", "-id"), name="sign_ins_by_person"),
            models.Index(fields=("kind", "-at", "-id"), name="sign_ins_by_kind"),
        ]

    def __str__(self):
        return f"{self.kind} {self.user_name}"
