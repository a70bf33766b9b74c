#!/usr/bin/env python3
"""Runs one management command of the product."""

import os
import sys


def main() -> None:
    """Run the command named on the command line; `python manage.py help` lists them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "utilization.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("The libraries are not there for this Python. Run ./run once, then use .venv/bin/python manage.py.")
    from django.core.exceptions import ImproperlyConfigured

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # Each line says what to set; a traceback above it would hide that.
        print(error, file=sys.stderr)  # noqa: T201 - nothing else of the product is there yet
        sys.exit(2)


if __name__ == "__main__":
    main()
