"""The end of every session of a person, at once and on the server: whenever a way into the account is taken away.

A session carries a hash of the password and of `User.sessions_ended`, which is held against them with every page.
"""

from django.db.models import F

from utilization.models import User


def end_sessions(user: User) -> None:
    """End every session of `user`, in the transaction of the act that asks for it.

    Whoever does this to their own account keeps the session in which they do it, which the page begins anew.
    """
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])
