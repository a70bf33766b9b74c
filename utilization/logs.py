"""What the product writes to its logs: one JSON object a line, and never a patient.

Nothing that a person typed may reach a log. So a request is logged by its route and not by its address, an error by
its class and the places it passed through and not by its message, and a library's line without its arguments.
"""

import logging
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

EventDict = MutableMapping[str, Any]


def places(trace: TracebackType | None) -> list[str]:
    """Return where an exception passed, innermost last, as `file:line function`; no values and no source lines."""
    frames = traceback.extract_tb(trace)
    return [f"{'/'.join(frame.filename.rsplit('/', 3)[1:])}:{frame.lineno} {frame.name}" for frame in frames[-12:]]


def without_message(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the exception's class and places: messages of databases and forms quote their input."""
    info = event.pop("exc_info", None)
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        event["error"] = f"{info[0].__module__}.{info[0].__qualname__}"
        event["at"] = places(info[2])
    return event


def without_arguments(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Keep the fixed text of another library's line and drop what it filled in."""
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["event"] = str(record.msg)
    return event


def logging_configuration(*, level: str) -> Mapping[str, Any]:
    """Configure structlog and return the `LOGGING` setting: everything of `level` and above, as JSON, to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(allow=()),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # A logger without any handler is not silent: Python then prints the message, values and traceback to stderr.
    quiet = {"handlers": ["nowhere"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, without_arguments],
                "processors": [
                    without_message,
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=True),
                ],
                "use_get_message": False,
            },
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # These say with addresses and messages in the text what the request log says without them.
            "django.request": quiet,
            "django.security": quiet,
            "django.server": quiet,
            "django": {"handlers": [], "propagate": True, "level": level},
            # Sign-in failures are kept in the database, for the auditor; not beside the address in a log.
            "axes": quiet,
            "weasyprint": quiet,
            "django_tasks_db": {"level": "ERROR"},
            "fontTools": {"level": "ERROR"},
        },
    }
