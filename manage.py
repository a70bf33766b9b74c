#!/usr/bin/env python3
"""Runs one management command of the product."""

import os
import sys
from pathlib import Path
from typing import NoReturn


def main() -> None:
    """Run the command named on the command line; `python manage.py help` lists them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "utilization.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(f"The libraries are not there for this Python. {_way()}")
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import InterfaceError, OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # Each line says what to set; a traceback above it would hide that.
        _end(str(error))
    except (OperationalError, InterfaceError) as error:
        # A worker that is started while the database is stopped meets this each time: no fault of the code.
        from utilization.web.errors import means_unavailable

        if "--traceback" in sys.argv or not means_unavailable(error):
            raise
        first = str(error).strip().partition("\n")[0]
        _end(f"The database does not answer as it should: {first}\nmanage.py doctor says what is to be done.")


def _end(why: str) -> NoReturn:
    print(why, file=sys.stderr)  # noqa: T201 - nothing else of the product is there yet
    sys.exit(2)


def _way() -> str:
    """How this copy of the product is run: a release has its libraries beside it, a checkout gets them by `./run`."""
    here = Path(__file__).resolve().parent
    if (here / "run").exists():
        return "Run ./run once, then use .venv/bin/python manage.py."
    return f"Run {here}/deploy/manage.sh as root, or {here}/.venv/bin/python manage.py in that folder."


if __name__ == "__main__":
    main()
