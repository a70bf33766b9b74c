"""What Django, axes and allauth tell of sign-ins, locks and second factors, written into the sign-in log."""

from datetime import timedelta
from typing import Any

from axes.signals import user_locked_out
from django.apps import apps
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils import timezone

from utilization import sign_in_log
from utilization.models import User
from utilization.sign_in_log import SignInKind

METHODS = {
    "password": "password",
    "mfa": "second factor",
    "socialaccount": "single sign-on",
    "code": "code by mail",
}


def connect() -> None:
    """Listen from now on; called once, when the product starts."""
    user_logged_in.connect(signed_in)
    user_logged_out.connect(signed_out)
    user_locked_out.connect(locked_out)
    # By name: where second factors are not installed, their model cannot be imported.
    if apps.is_installed("allauth.mfa"):
        post_save.connect(factor_saved, sender="mfa.Authenticator")
        post_delete.connect(factor_deleted, sender="mfa.Authenticator")


def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Say who signed in, and how as far as allauth tells."""
    told = request.session.get("account_authentication_methods", [])
    how = [METHODS.get(str(record.get("method")), "") for record in told if isinstance(record, dict)]
    detail = getattr(request, "signed_in_by", "") or ", ".join(dict.fromkeys(filter(None, how)))
    sign_in_log.note(SignInKind.SIGNED_IN, user=user, at=timezone.now(), detail=detail)


def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Say who signed out; nobody, where nobody was signed in."""
    if user is not None:
        sign_in_log.note(SignInKind.SIGNED_OUT, user=user, at=timezone.now())


def locked_out(sender: Any, request: HttpRequest, username: str, **kwargs: Any) -> None:
    """Say that the door of an account is closed."""
    if user := User.objects.filter(username=username).first():
        lasts = timedelta(hours=settings.AXES_COOLOFF_TIME)
        sign_in_log.note_closed_door(user, at=timezone.now(), lasts=lasts)


def factor_saved(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """Say that a second factor was added."""
    if created:
        _factor(SignInKind.FACTOR_ADDED, instance)


def factor_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Say that a second factor was taken away, by its owner or by an administrator."""
    _factor(SignInKind.FACTOR_REMOVED, instance)


def _factor(kind: SignInKind, instance: Any) -> None:
    by = sign_in_log.ASKED_BY.get()()
    sign_in_log.note(kind, user=instance.user, by=by, at=timezone.now(), detail=str(instance.type))
