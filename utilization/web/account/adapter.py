"""How sign-in differs here from what allauth does by itself."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

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

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return settings.LOGIN_REDIRECT_URL

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Say nothing: a page that needs a message writes its own."""
