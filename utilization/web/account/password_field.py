"""The password typed again under a signature, and when choosing a new one."""

import hashlib
from datetime import datetime

from django.http import HttpRequest

from utilization import workflow
from utilization.models import User


def presence(request: HttpRequest, password: object, *, at: datetime) -> workflow.Presence:
    """Proof that whoever asks typed their own password; to be had before the act that it signs, outside a transaction.

    Wrong ones count within this session and for this person, and not at the door: see `workflow.presence`. The page
    is answered by its own view, which shows the words and keeps what was typed. Raises workflow.Invalid on password.
    """
    assert isinstance(request.user, User)
    return workflow.prove(request.user, password, at=at, session=session_digest(request))


def session_digest(request: HttpRequest) -> str:
    """The session of `request` by a digest of its key: the key itself opens the session and is kept nowhere else."""
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()
