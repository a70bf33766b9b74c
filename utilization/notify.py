"""Who is told that a request moved: listeners of the floors above, called in the transaction of the move.

The workflow must not know who prints or mails; the floors above it register here when the application starts:

    notify.listen(tasks.issue_when_decided)     # in AppConfig.ready

What a listener writes is there with the move or not at all, so that no process can die between a decision and the job
that prints it. Whatever is no row of the database a listener leaves to `transaction.on_commit`.
"""

import logging
from collections.abc import Callable

Listener = Callable[[str, int], None]
"""Called with the type of the event, as in the event log, and the primary key of the request."""

log = logging.getLogger(__name__)
_listeners: list[Listener] = []


def listen(listener: Listener) -> Listener:
    """Have `listener` called with every move; registering it again changes nothing. Returns it."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def forget(listener: Listener) -> None:
    """Call `listener` no more."""
    _listeners.remove(listener)


def moved(event_type: str, request_pk: int) -> None:
    """Tell every listener, within the transaction of the move."""
    for listener in tuple(_listeners):
        _tell(listener, event_type, request_pk)


def _tell(listener: Listener, event_type: str, request_pk: int) -> None:
    try:
        listener(event_type, request_pk)
    except Exception as failure:
        # The move stands: a listener that fails must not keep anybody from deciding. Whatever it does in the database
        # stands behind a savepoint (`jobs.task_queue.put`). Only the failure's class is logged, since its text may hold
        # what was typed.
        log.error("listener failed", extra={"event": event_type, "failure": type(failure).__name__})
