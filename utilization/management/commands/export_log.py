"""`manage.py export_log`: entries, reads of records and sign-ins as JSON lines, for a system that gathers logs."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from utilization.management.database_state import require_tables
from utilization.reports.log_stream import STREAMS, log_lines


class Command(BaseCommand):
    """Writes to standard output; whoever reads keeps `next` of the last line and gives it back as --after."""

    help = (
        "Write the event log, the reads of records and the sign-ins as JSON lines. Each line says `next`: give the "
        "last one back as --after to continue without a gap. Reads and sign-ins come once their batch is closed, four "
        "times an hour."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", type=int, default=0, metavar="NEXT", help="where to begin (default: 0)")
        parser.add_argument("--streams", default=",".join(STREAMS), help="which, with commas between (default: all)")
        parser.add_argument("--follow", type=float, metavar="SECONDS", help="continue, looking each SECONDS for more")

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        streams = tuple(name.strip() for name in options["streams"].split(","))
        if unknown := set(streams) - set(STREAMS):
            raise CommandError(f"There is no stream {', '.join(sorted(unknown))}. There are {', '.join(STREAMS)}.")
        if options["after"] < 0 or (options["follow"] is not None and options["follow"] <= 0):
            raise CommandError("--after is 0 or more, --follow more than 0.")
        place = options["after"]
        try:
            while True:
                for line in log_lines(place, streams):
                    self.stdout.write(line)
                    place = max(place, json.loads(line)["next"])
                self.stdout.flush()
                if options["follow"] is None:
                    return
                connections.close_all()
                time.sleep(options["follow"])
        except (BrokenPipeError, KeyboardInterrupt):
            # Whoever read went away; what it kept says where to go on.
            sys.exit(0)
