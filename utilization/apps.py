"""Registers the one Django app of the product."""

from django.apps import AppConfig


class UtilizationConfig(AppConfig):
    """The whole product is one app: one label and one history of migrations."""

    name = "utilization"
    label = "utilization"
    verbose_name = "IVIG utilization review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Registers the system check that refuses a view without a policy, who prints what was decided, who keeps
        # the record of sign-ins, and who mails what changed about an account.
        from utilization import (
            documents,  # noqa: F401 - closes the process to the machine's fonts
            notify,
            sign_in_log,
        )
        from utilization.jobs.account_notice import mail_owner
        from utilization.jobs.documents import issue_when_decided
        from utilization.web import policy  # noqa: F401 - its import registers the check
        from utilization.web.account import sign_in_signals

        sign_in_signals.connect()
        notify.listen(issue_when_decided)
        sign_in_log.listen(mail_owner)
