"""How sign-in differs here from what allauth does by itself."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login, unstash_login
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from utilization.web.account.lockout import account_name, told_that_closed
from utilization.web.account.password_turns import Crowded, password_turn

_HALF_WAY = "half_signed_in"
"""Where the session keeps what a whole session of the person would carry, between the password and the second step."""
CROWDED = "crowded"
COME_AGAIN = (
    "At this moment many people sign in, or another password is being checked for this name. So your password was not "
    "looked at, and nothing counts against you. Wait a few seconds, then type it again."
)
MISMATCH = "This name and password do not belong together. Check both and try again."


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator, so nobody signs up; and the words are the product's own."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": MISMATCH,
        "email_password_mismatch": MISMATCH,
        "enter_current_password": "This is not your present password. Type it again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Raises ValidationError, by which the form says so, where too many passwords are being checked."""
        if told_that_closed(request, credentials):
            return None
        try:
            with password_turn(account_name(request, credentials)):
                return super().authenticate(request, **credentials)
        except Crowded:
            raise ValidationError(COME_AGAIN, code=CROWDED) from None

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        request.session[_HALF_WAY] = user.get_session_auth_hash()
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return settings.LOGIN_REDIRECT_URL

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Say nothing: a page that needs a message writes its own."""


def still_half_way(request: HttpRequest) -> bool:
    """Whether the password that was typed before the second step still holds; else what was begun is forgotten.

    A reset in between ends it, as it ends whole sessions.
    """
    begun = unstash_login(request, peek=True)
    if begun is None or begun.user is None:
        return True
    kept = str(request.session.get(_HALF_WAY, ""))
    if constant_time_compare(kept, begun.user.get_session_auth_hash()):
        return True
    clear_login(request)
    return False
