"""The password typed again under a signature."""

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest


def password_fault(request: HttpRequest, *, password: str) -> str:
    """Return what is wrong with the password that signs, in words for the signer; empty when it is right.

    A wrong one counts towards the lockout of the account, just as at sign-in, so that an unattended screen is no
    place to guess. The page is answered by its own view: the caller shows the words and keeps what was typed.
    """
    if not password:
        return "Type your password to sign."
    person = authenticate(request, username=request.user.get_username(), password=password)
    if getattr(request, "axes_locked_out", False):
        # Without this, the lockout page would take the place of the form and of all that was typed in it.
        request.axes_locked_out = False  # type: ignore[attr-defined]  # axes sets it
        minutes = round(settings.AXES_COOLOFF_TIME * 60)
        return f"Too many wrong passwords. Nothing was signed; wait {minutes} minutes and sign again."
    if person is None or person.pk != request.user.pk:
        return "This is not your password. Nothing was signed; type it again."
    return ""
