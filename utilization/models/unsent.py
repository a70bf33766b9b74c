"""What people typed on a page of a request and have not sent."""

from django.conf import settings
from django.db import models

from utilization.models.requests import Request

EDIT, ANSWER, WITHDRAW, APPEAL = "edit", "answer", "withdraw", "appeal"


class Unsent(models.Model):
    """Answers that one person typed on one page of a request and that are not part of it yet.

    They outlive a reload and a lost session, and are deleted once they are sent or the request moves. `page` is
    "edit" (values that another page's answer kept out of the draft), "answer", "withdraw" or "appeal". Nothing judges
    them, and nobody but `user` sees them.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="unsent")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=10)
    typed = models.JSONField(default=dict, help_text="Answers as typed, by name of the field.")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("request", "user", "page"), name="unsent_once_a_page")]

    def __str__(self):
        return f"unsent {self.page} of request {self.request_id}"
