"""Who is told that a request moved: listeners of the floors above, called once the move is committed.

The workflow must not know who prints or mails; the floors above it register here when the application starts:

    notify.listen(tasks.issue_when_decided)     # in AppConfig.ready
"""

import logging
from collections.abc import Callable
from functools import partial

from django.db import transaction

Listener = Callable[[str, int], None]
"""Called with the type of the event, as in the event log, and the primary key of the request."""

log = logging.getLogger(__name__)
_listeners: list[Listener] = []


def listen(listener: Listener) -> Listener:
    """Have `listener` called after every committed move; registering it again changes nothing. Returns it."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def forget(listener: Listener) -> None:
    """Call `listener` no more."""
    _listeners.remove(listener)


def moved(event_type: str, request_pk: int) -> None:
    """Tell every listener once the surrounding transaction is committed; nobody hears of a move that is rolled back."""
    for listener in tuple(_listeners):
        transaction.on_commit(partial(_tell, listener, event_type, request_pk))


def _tell(listener: Listener, event_type: str, request_pk: int) -> None:
    try:
        listener(event_type, request_pk)
    except Exception as failure:
        # The move stands: a listener that fails must not turn a committed decision into an error page. Only the
        # failure's class is logged, since its text may hold what was typed.
        log.error("listener failed", extra={"event": event_type, "failure": type(failure).__name__})
