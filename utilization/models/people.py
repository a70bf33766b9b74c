"""People, and the roles that they hold at a site."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from utilization.models.site import Department, Site
from utilization.rules.roles import Role


class User(AbstractUser):
    """A person who signs in; what they may do comes from their memberships alone.

    `sessions_ended` counts how often a way into the account was taken away: every session carries it, and ends with it.
    """

    first_name = None  # type: ignore[assignment]  # Django's way to leave out an inherited column
    last_name = None  # type: ignore[assignment]  # the same
    full_name = models.CharField(max_length=120)
    title = models.CharField(max_length=60, blank=True, help_text="Credential as printed beside a signature.")
    sessions_ended = models.PositiveIntegerField(default=0)

    REQUIRED_FIELDS = ["email", "full_name"]

    class Meta(AbstractUser.Meta):
        indexes = [models.Index(fields=("full_name", "id"), name="people_by_name")]

    def __str__(self):
        return self.full_name or self.username

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name.split(" ")[0]

    def _get_session_auth_hash(self, secret=None):
        # Django's hangs on the password alone, which a session that began without one outlives.
        value = f"{self.sessions_ended}:{self.password}"
        return salted_hmac("utilization.session", value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def signature_name(self):
        """Name and credential as a signature prints them."""
        return f"{self.full_name}, {self.title}" if self.title else self.full_name


class Membership(models.Model):
    """One role of one person at one site; ended, never deleted, so that history can name it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="memberships")
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=[(r.value, r.value.replace("_", " ")) for r in Role])
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    assigned_at = models.DateTimeField(
        null=True, blank=True, help_text="When a request was last given to this reviewer in turn."
    )

    class Meta:
        ordering = ("user", "site", "role")
        constraints = [
            models.UniqueConstraint(
                fields=("user", "site", "role"), condition=Q(ended_at=None), name="role_held_once_a_site"
            ),
            models.CheckConstraint(condition=Q(role__in=[r.value for r in Role]), name="membership_role_known"),
            models.CheckConstraint(
                condition=~Q(role=Role.PRESCRIBER.value) | Q(department__isnull=False),
                name="prescriber_has_department",
            ),
        ]
        indexes = [models.Index(fields=("site", "role", "user"), name="people_by_role")]

    def __str__(self):
        return f"{self.user} as {self.role} at {self.site}"


class SignOnLink(models.Model):
    """Who a person is at the hospital's identity provider.

    `subject` is its own name for them, which it never gives to anybody else. `linked_by` is the person themselves, by
    invitation, or the administrator who entered the subject.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="sign_on")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=("issuer", "subject"), name="identity_linked_once")]

    def __str__(self):
        return f"{self.user} at {self.issuer}"
