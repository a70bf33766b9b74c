"""The password typed again under a signature."""

from utilization.models import User
from utilization.workflow.errors import Invalid


def check_signature(by: User, password: object) -> None:
    """Refuse to sign with anything but the signer's own password. Raises Invalid on password."""
    if not isinstance(password, str) or not by.check_password(password):
        raise Invalid({"password": ["This is not your password. Nothing was signed."]})
