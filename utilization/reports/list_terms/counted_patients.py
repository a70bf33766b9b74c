"""The patients that a number of the report counts, each once: by courses due, in the group with most of their grams."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from utilization.models import Site
from utilization.reports import due_courses
from utilization.reports.due_courses import days_of
from utilization.reports.list_terms.conditions import TermPlace, term_condition
from utilization.reports.list_terms.term import OF_PATIENTS, terms_of, value_of
from utilization.rules.utilization_report.groups import UNKNOWN, age_group, weight_band

_GRAMS_A_KILOGRAM = 1000
_OF_SUMMARY = ("department_id", "indication", "age_years", "kind", "dosing_weight_kg")


def patients_condition(site: Site, wanted: Mapping[str, Any], prefix: str) -> Q:
    """That the patient is one whom the terms of `wanted` choose; nothing where none does."""
    if not any(value_of(wanted, name) for name in OF_PATIENTS):
        return Q()
    return Q(**{f"{prefix}patient__in": _among(_patients(site, wanted))})


def _patients(site: Site, wanted: Mapping[str, Any]) -> list[int]:
    """Keys of the patients that a number counts: each once, in the group in which most of their grams are due; those
    who are new; those who get most."""
    since, until = days_of(value_of(wanted, "due"))
    dimension = value_of(wanted, "each") or "all"
    rows = due_courses.with_due(site, since, until).filter(_around(site, wanted, dimension))
    columns = ("patient_id", "due", "grams_per_course", "valid_from", "product",
               *(f"request__summary__{name}" for name in _OF_SUMMARY))  # fmt: skip
    sums: dict[int, dict[str, list[Any]]] = {}
    begun: dict[int, list[tuple[str, date]]] = {}
    for patient, due, grams, start, product, *about in rows.values_list(*columns):
        held = sums.setdefault(patient, {}).setdefault(_group(dimension, product, about), [0, 0])
        held[0] -= due * (grams or 0)
        held[1] -= due
        begun.setdefault(patient, []).append((about[1], start))
    patients = list(sums)
    if own := _own_group(wanted, dimension):
        patients = [key for key in patients if min(sums[key], key=lambda name: (sums[key][name], name)) == own]
    if value_of(wanted, "new"):
        had = _had_before(site, since)
        patients = [
            key for key in patients if any(start >= since and (key, code) not in had for code, start in begun[key])
        ]
    if percent := value_of(wanted, "top"):
        most = sorted(patients, key=lambda key: (sum(part[0] for part in sums[key].values()), key))
        patients = most[: -(-len(most) * int(percent) // 100)]
    return patients


def _group(dimension: str, product: str, about: Sequence[Any]) -> str:
    department, code, age, kind, weight = about
    if dimension == "age":
        return age_group(age)
    if dimension == "weight":
        return weight_band(None if weight is None else round(weight * _GRAMS_A_KILOGRAM))
    groups = {"department": str(department), "indication": code, "kind": kind, "product": product or UNKNOWN}
    return groups.get(dimension, "")


def _own_group(wanted: Mapping[str, Any], dimension: str) -> str:
    """The group of `dimension` that the list is narrowed to."""
    if dimension == "department":
        return str(wanted.get("department") or "")
    return value_of(wanted, dimension)


def _around(site: Site, wanted: Mapping[str, Any], dimension: str) -> Q:
    """What narrows the report that the patients are counted in: its filters, without the group counted in."""
    kept = Q()
    if wanted.get("department") and dimension != "department":
        kept &= Q(request__summary__department=wanted["department"])
    for term in terms_of(wanted):
        if term.name in ("indication", "kind", "age") and term.name != dimension:
            kept &= term_condition(term.name, TermPlace(site, term.value, "request__summary__", "request_id"))
    return kept


def _had_before(site: Site, since: date) -> set[tuple[int, str]]:
    """(patient, indication) of authorizations that began before `since` and were valid in the year before it."""
    earlier = due_courses.authorizations(site).filter(
        valid_from__lt=since, valid_to__gte=due_courses.year_before(since)
    )
    return set(earlier.values_list("patient_id", "request__summary__indication"))


def _among(keys: Sequence[int]) -> RawSQL:
    """The keys as rows of a query: one parameter, however many there are."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT value::bigint FROM json_array_elements_text(%s::json)", (json.dumps(keys),))
    return RawSQL("SELECT value FROM json_each(%s)", (json.dumps(keys),))
