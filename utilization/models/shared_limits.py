"""What all server processes count together about people who are not signed in. Neither table grows beyond its places.

A place is what a keyed digest falls on, so that neither an address nor a name stands here.
"""

from django.db import models


class AskedInMinute(models.Model):
    """How often was `asked`, in the `minute` (since 1970), by the addresses whose digest falls on `place`."""

    place = models.PositiveIntegerField(primary_key=True)
    minute = models.BigIntegerField()
    asked = models.PositiveIntegerField()

    def __str__(self):
        return f"asked {self.asked} times in minute {self.minute}"


class PasswordTurn(models.Model):
    """One process checks a password of an account whose digest falls on `place`, at most `until` then."""

    place = models.PositiveIntegerField(primary_key=True)
    until = models.DateTimeField()

    def __str__(self):
        return f"turn until {self.until}"
