"""The hospital that both hosts serve: readers, writers, patients to file for, and requests that wait.

Run on a host, with the settings of production: `python -m bench.hosts.hospital READERS WRITERS PATIENTS REQUESTS`.
Prints what the people need to know as JSON.
"""

import json
import os
import sys
from datetime import timedelta
from typing import Any

import django


def main(readers: int, writers: int, patients: int, requests: int) -> None:
    """Make all of it, and print it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "utilization.settings"
    django.setup()
    from django.utils import timezone

    from tests.cast import PASSWORD
    from tests.reconciliation.history import Hospital
    from utilization.rules.roles import Role

    cast = Hospital()
    half = writers // 2
    kinds = {"prescriber": Role.PRESCRIBER, "pharmacist": Role.PHARMACIST, "auditor": Role.AUDITOR}
    people = [(f"doctor{place}", "prescriber") for place in range(half)]
    people += [(f"pharmacist{place}", "pharmacist") for place in range(writers - half)]
    people += [(f"reader{place}", ("prescriber", "prescriber", "pharmacist", "auditor")[place % 4])
               for place in range(readers)]  # fmt: skip
    _hire(cast, [(name, kinds[kind]) for name, kind in people])
    at = timezone.now()
    to_file_for = [
        cast.a_patient(by="doctor0", at=at, mrn=f"F-{place:05d}", name=_name(place), date_of_birth=_born(place))
        for place in range(patients)
    ]
    filed = _requests(cast, requests)
    print(json.dumps({
        "password": PASSWORD,
        "people": [{"username": name, "kind": kind, "name": f"{name.title()} Bench"} for name, kind in people],
        "patients": [{"uid": str(patient.uid), "mrn": patient.mrn} for patient in to_file_for],
        "requests": [{"uid": str(request.uid), "number": request.number} for request in filed],
    }))  # fmt: skip


def _hire(cast: Any, people: list[tuple[str, Any]]) -> None:
    """People of North, invited and confirmed by the doors, all with the one password of the tests, hashed once."""
    from tests.cast import AT
    from utilization import workflow
    from utilization.models import User
    from utilization.rules.roles import Role

    head, at = cast["head.north"], AT - timedelta(days=30)
    neurology = cast.north.departments.get(name="Neurology")
    for name, role in people:
        person = workflow.NewPerson(name, f"{name}@hospital.example", f"{name.title()} Bench", "MD")
        where = neurology if role == Role.PRESCRIBER else None
        cast.people[name], _ = workflow.invite(
            by=head, at=at, site=cast.north, person=person, role=role, department=where
        )
        workflow.account_confirmation.confirm(cast[name], by=cast["audrey"], at=at)
    User.objects.filter(username__in=[name for name, _ in people]).update(password=cast["petra"].password)
    for name, _ in people:
        cast[name].refresh_from_db()


def _name(place: int) -> str:
    given = ("Ada", "Bela", "Cleo", "Dora", "Emil", "Fritz", "Gino", "Hana", "Ivo", "Jana")
    return f"{given[place % 10]} {''.join(chr(97 + int(digit)) for digit in str(place)).title()}son"


def _born(place: int) -> Any:
    from datetime import date

    return date(1950, 1, 1) + timedelta(days=17 * place)


def _requests(cast: Any, count: int) -> list[Any]:
    """Requests that wait for a pharmacist, filed some hours ago."""
    from django.utils import timezone

    from tests.cast import a_request

    made = []
    for place in range(count):
        at = timezone.now() - timedelta(hours=30 - place % 24)
        patient = cast.a_patient(
            by="doctor1", at=at, mrn=f"Q-{place:05d}", name=_name(place), date_of_birth=_born(place)
        )
        made.append(a_request(cast, at=at, by=f"doctor{place % 4}", patient=patient))
    return made


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
