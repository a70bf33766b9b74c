"""The documents before the judges from outside, all of them, where the suite has a choice of each kind.

    python -m bench.judges

Laid out and judged by veraPDF (PDF/A-3a and PDF/UA-1) and by outloud: every justification of the demo, drafts and
withdrawn ones among them, a request of each name in `tests/documents/test_names.py`, and one of each payload in
`tests/documents/payloads.py`, which then stands in every field. Ends with 1 where a judge found a fault. Needs a JDK
and some minutes.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

place = tempfile.TemporaryDirectory()
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ["DATABASE_URL"] = f"sqlite:///{Path(place.name) / 'bench.sqlite3'}"

import django

django.setup()

# ruff: noqa: E402 - Django must be set up before its models are used
from django.core.management import call_command
from django.test import override_settings

from bench import usage
from tests.documents.judges import outloud, vera
from tests.documents.payloads import PAYLOADS
from tests.documents.test_hostile import a_value_full_of
from tests.documents.test_judges import BY_ITS_LOOK
from tests.documents.test_names import NAMES, named
from utilization.documents.justification import render
from utilization.models import Request
from utilization.reports.frozen_justification import NothingFiled, frozen_value

Documents = Iterator[tuple[str, bytes]]


def of_the_demo() -> Documents:
    """Every justification that the demo gives."""
    call_command("migrate", verbosity=0)
    with override_settings(DEMO_DATA=True):
        call_command("load_demo", years=1, verbosity=0)
    for request in Request.objects.order_by("pk"):
        try:
            value = frozen_value(request)
        except NothingFiled:
            continue
        yield f"demo-{request.pk}-{request.status}", render(value)


def of_names() -> Documents:
    """A request of a patient of each name."""
    for number, name in enumerate(NAMES):
        yield f"name-{number}", render(named(name))


def of_payloads() -> Documents:
    """A request in which all says the same payload."""
    for number, payload in enumerate(PAYLOADS):
        yield f"hostile-{number}", render(a_value_full_of([payload])[0])


def main() -> int:
    """Print what each judge found, a line a file with a fault; 1 where there is one."""
    faults = 0
    for kind in (of_the_demo, of_names, of_payloads):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            for name, pdf in kind():
                (Path(folder) / f"{name}.pdf").write_bytes(pdf)
            pdfs = sorted(Path(folder).glob("*.pdf"))
            laid_out = time.perf_counter()
            told, heard = vera(pdfs), outloud(pdfs)
            ignored = BY_ITS_LOOK if kind is of_payloads else set()
            for name in told:
                if broken := sorted(told[name] | heard[name] - ignored):
                    faults += 1
                    print(f"{name}: {', '.join(broken)}")
            print(
                f"{kind.__name__}: {len(pdfs)} documents laid out in {laid_out - began:.0f} s, "
                f"judged in {time.perf_counter() - laid_out:.0f} s",
                flush=True,
            )
    return int(bool(faults))


if __name__ == "__main__":
    usage(__doc__)
    sys.exit(main())
