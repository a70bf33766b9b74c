"""Whether this database is a copy for training: made from a backup, and nothing goes out of it."""

from django.core.cache import cache
from django.db import models

_KEY, _SECONDS = "training-copy", 60


class TrainingCopy(models.Model):
    """The one row that a restored copy has and no other database: when it was made, and of which moment it is."""

    made_at = models.DateTimeField()
    backed_up_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_training_copy")]

    def __str__(self):
        return f"copy of {self.backed_up_at:%Y-%m-%d %H:%M}"


def training_copy() -> TrainingCopy | None:
    """What this database says of itself; asked at most once a minute in each process."""
    kept = cache.get(_KEY)
    if kept is None:
        kept = (TrainingCopy.objects.filter(pk=1).first(),)
        cache.set(_KEY, kept, _SECONDS)
    return kept[0]
