"""The mail server, which takes nothing from a database that is a copy for training."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from utilization.models.training_copy import training_copy


class MailServer(EmailBackend):
    """Sends by SMTP. People of a copy are people of the hospital: whatever is done there, none of them hears of it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many were sent."""
        return 0 if training_copy() else int(super().send_messages(email_messages) or 0)
