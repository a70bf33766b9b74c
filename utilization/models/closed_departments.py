"""Which departments are closed."""

from django.conf import settings
from django.db import models

from utilization.models.site import Department


class ClosedDepartment(models.Model):
    """A department that takes no people and no requests any more; it keeps what was filed for it.

    It is closed once nobody has a role in it and nothing of it is in review, which triggers hold, and once no denial
    of it may be appealed, which the door asks. An appeal is taken where a site lengthens its days for one afterwards.
    Reopening deletes the row; the log has both.
    """

    department = models.OneToOneField(Department, on_delete=models.PROTECT, related_name="closing")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self):
        return f"{self.department}, closed"
