"""Patients found by MRN, birth date or names, along the index of their folded keys."""

from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q

from utilization import access_log
from utilization.access.membership import sites_where
from utilization.access.patients import PATIENT_READERS, note_patients
from utilization.models import Patient, PatientKey, Site
from utilization.rules.identity import Search, Wanted, Way, bare_mrn, mrn_key, order_key, read_search

MAX_FOUND = 25
"""Patients that one search shows at most."""
MAX_TYPED = 120
"""Characters of a search that count."""


def search_patients(actor: Any, text: str, *, at: datetime, same_page: bool = False) -> list[Patient]:
    """The first `MAX_FOUND` patients whose MRN, birth date or names `text` may mean (`rules.identity.read_search`).

    The words of a name count in any order and from their beginnings, however they are spelt; earlier names and MRNs
    count too. Each patient shown is written down as a read, with `same_page` once while the page stays open.
    """
    if "\0" in text:
        return []
    wanted = read_search(text[:MAX_TYPED])
    sites = sorted(set(sites_where(actor, PATIENT_READERS).values_list("site", flat=True)))
    keys = {pk for site in sites for pk in _found_at(site, wanted)}
    bare, key = bare_mrn(text), mrn_key(text)
    # The very MRN first, then one that is the same but for its leading zeros, before those that only begin so.
    patients = sorted(
        Patient.objects.filter(pk__in=keys).select_related("site"),
        key=lambda patient: (
            bare_mrn(patient.mrn) != bare,
            mrn_key(patient.mrn) != key,
            order_key(patient.name),
            patient.pk,
        ),
    )[:MAX_FOUND]
    if same_page:
        note_patients(actor, patients, what="search", at=at)
    else:
        access_log.record(actor=actor, what="search", at=at, reads=[(patient, None) for patient in patients])
    return patients


def _found_at(site: int, wanted: Search) -> set[int]:
    """Keys of at most `MAX_FOUND` patients of a site for each way in which `wanted` may be meant."""
    keys: set[int] = set()
    if wanted.mrn:
        keys.update(_walk(site, PatientKey.MRN, (wanted.mrn,), ()))
    for way in wanted.names:
        keys.update(_walk(site, PatientKey.NAME, way, wanted.days))
    if wanted.days and not wanted.names:
        born = Patient.objects.filter(site=site, date_of_birth__in=wanted.days, merged_into=None)
        keys.update(born.order_by("date_of_birth", "pk").values_list("pk", flat=True)[:MAX_FOUND])
    return keys


def _walk(site: int, kind: str, way: Way, days: tuple[date, ...]) -> list[int]:
    """Patients who have every key of `way`, and one of the birth `days` if any: read along the index of the keys.

    The longest word leads, from its beginning on, so that no more is read than begins with it.
    """
    lead, *others = sorted(way, key=lambda word: -word.size)
    rows = PatientKey.objects.filter(_begins(lead), site=site, kind=kind)
    for other in others:
        rows = rows.filter(Exists(PatientKey.objects.filter(_begins(other), patient=OuterRef("patient"), kind=kind)))
    if days:
        rows = rows.filter(patient__date_of_birth__in=days)
    keys: dict[int, None] = {}
    after: tuple[str, int] | None = None
    while len(keys) < MAX_FOUND:
        # One patient may have several keys that begin alike, so the walk continues until enough are found.
        rest = rows.filter(Q(key__gt=after[0]) | Q(key=after[0], patient__gt=after[1])) if after else rows
        part = list(rest.order_by("key", "patient").values_list("key", "patient")[: 4 * MAX_FOUND])
        keys.update(dict.fromkeys(patient for _, patient in part))
        if len(part) < 4 * MAX_FOUND:
            break
        after = part[-1]
    return list(keys)[:MAX_FOUND]


def _begins(wanted: Wanted) -> Q:
    if wanted.whole:
        return Q(key__in=wanted.texts)
    # As a range, which both databases read along the index; LIKE is one on neither.
    ranges = [Q(key__gte=text, key__lt=text + "\U0010ffff") for text in wanted.texts]
    return reduce(or_, ranges)


def by_mrn(site: Site, mrn: str) -> list[Patient]:
    """Patients of `site` with this MRN, whatever spaces, hyphens and leading zeros; the one that has it to the letter
    now comes first. No actor is asked and nothing is written down: that is the caller's part."""
    key, bare = mrn_key(mrn), bare_mrn(mrn)
    rows = PatientKey.objects.filter(site=site, kind=PatientKey.MRN, key=key).select_related("patient__site")
    records = sorted(rows, key=lambda row: (bare_mrn(row.patient.mrn) != bare, row.former, row.patient_id))
    return [row.patient for row in records]
