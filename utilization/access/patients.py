"""Which patients a person may read, and one of them fetched; every read is written down."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from utilization import access_log
from utilization.access.fetch import fetch
from utilization.access.membership import live, sites, sites_where
from utilization.access.requests import NOT_FILED, REVIEWERS
from utilization.models import Patient, Request
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission, Role

PATIENT_READERS = (Role.PRESCRIBER, *REVIEWERS, Role.AUDITOR)


MOST_RECENT = 10
"""Patients that are offered before anything is typed."""


def visible_patients(actor: Any) -> QuerySet[Patient]:
    """Every patient that `actor` may read: those of the sites where they prescribe, review or audit."""
    return Patient.objects.filter(site__in=sites_where(actor, PATIENT_READERS))


def fetch_patient(actor: Any, uid: Any, *, what: str, at: datetime, same_page: bool = False) -> Patient:
    """Get the patient with this `uid` and write the read down; all else as `fetch_request` does.

    A record that was merged into another gives the one that was kept.
    """
    patient = fetch(visible_patients(actor).select_related("site", "merged_into__site"), uid)
    if patient.merged_into is not None:
        patient = patient.merged_into
    if not (same_page and access_log.read_on_this_page(actor=actor, what=what, at=at, patient=patient)):
        access_log.record(actor=actor, what=what, at=at, reads=[(patient, None)])
    return patient


def records_of(patient: Patient) -> QuerySet[Patient]:
    """The record of `patient` and those merged into it: rows that never change, as authorizations, point to either."""
    return Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient))


def note_patients(actor: Any, patients: Iterable[Patient], *, what: str, at: datetime) -> None:
    """Write down that `actor` was shown these patients: each a read, once a working day."""
    shown = list(patients)
    known = access_log.patients_lately(actor=actor, what=what, at=at, patients=shown)
    access_log.record(
        actor=actor, what=what, at=at, reads=[(patient, None) for patient in shown if patient.pk not in known]
    )


def recent_patients(actor: Any, *, at: datetime) -> list[Patient]:
    """The patients whom `actor` added lately, or on whose requests `actor` or their department worked, latest first.

    At most `MOST_RECENT`, each written down as a read once a working day.
    """
    worked: list[tuple[datetime, int]] = []
    mine = Request.objects.filter(author=actor, status=Status.DRAFT, site__in=sites(actor, Permission.FILE))
    worked += mine.order_by("-updated_at").values_list("updated_at", "patient")[:MOST_RECENT]
    for held in live(actor).filter(role=Role.PRESCRIBER):
        for status in sorted(set(Status) - set(NOT_FILED)):
            # One status at a time: so the index by department, status and time gives the latest at once.
            rows = Request.objects.filter(department=held.department_id, status=status).order_by("-updated_at")
            worked += rows.values_list("updated_at", "patient")[:MOST_RECENT]
    added = visible_patients(actor).filter(created_by=actor, merged_into=None).order_by("-created_at")
    worked += added.values_list("created_at", "pk")[:MOST_RECENT]
    latest = list(dict.fromkeys(pk for _, pk in sorted(worked, reverse=True)))[:MOST_RECENT]
    seen = visible_patients(actor).select_related("site").in_bulk(latest)
    patients = [seen[pk] for pk in latest if pk in seen]
    note_patients(actor, patients, what="list", at=at)
    return patients
