"""Documents that could not be made, so that whoever waits for one learns why."""

from django.db import models

from utilization.models.requests import Request


class UnmadeDocument(models.Model):
    """Why the justification of a decided request could not be made when that was tried last; gone once it is made.

    `why` is a sentence for auditors and for who runs the server. It names no patient.
    """

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="unmade_document")
    why = models.CharField(max_length=300)
    tried_at = models.DateTimeField()

    def __str__(self):
        return f"no document of {self.request}"
