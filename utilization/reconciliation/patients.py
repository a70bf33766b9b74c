"""Patients, and every change of who a patient is, as the entries tell them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from utilization import digests
from utilization.models import Patient, PatientChange
from utilization.reconciliation.comparison import NOT_COVERED, Expected, RowComparison, vouched
from utilization.reconciliation.entries import ToldEntry

PATIENT, CHANGE = "utilization_patient", "utilization_patientchange"
_KINDS = {
    "patient.corrected": PatientChange.CORRECTED,
    "patient.merged": PatientChange.MERGED,
    "patient.separated": PatientChange.SEPARATED,
    "patient.death_recorded": PatientChange.DEATH,
    "patient.death_taken_back": PatientChange.DEATH,
}
_UPDATED = ("updated_at", "updated_by_id")


@dataclass(slots=True)
class _Known:
    """One patient as told so far: the last entry and its site, the two digests, and columns that stand in entries."""

    seq: int
    site: str | None
    identity: Any
    measures: Any
    columns: dict[str, Any]
    died_on: str | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of a patient as told, with the uids of both records."""

    entry: ToldEntry
    patient: str
    other: str | None


@dataclass(slots=True)
class PatientReplay:
    """Follows all entries about patients. It holds some hundred bytes a patient, and as much a change."""

    patients: dict[str, _Known] = field(default_factory=dict)
    changes: dict[int, _Change] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)

    def take(self, entry: ToldEntry) -> None:
        """Follow one entry of the kind `patient.*`. Raises one of `FAULTS` where it makes no sense."""
        said = entry.data
        if entry.type in _KINDS:
            other = said.get("merged") or said.get("separated")
            self.changes[said["change"]] = _Change(entry, said["patient"], other)
        if entry.type == "patient.added":
            self.patients[said["patient"]] = _added(entry)
        elif entry.type in _STEPS:
            _STEPS[entry.type](self, entry, self.patients[said["patient"]])
            self.patients[said["patient"]].seq = entry.seq

    def _measured(self, entry: ToldEntry, patient: _Known) -> None:
        patient.measures = entry.data.get("measures")
        patient.columns |= dict(zip(_UPDATED, (entry.at, entry.actor), strict=True))

    def _corrected(self, entry: ToldEntry, patient: _Known) -> None:
        patient.identity = entry.data.get("identity")
        if {"date_of_birth", "sex"} & set(entry.data["fields"]):
            patient.columns |= {"corrected_at": entry.at, "corrected_by_id": entry.actor}

    def _merged(self, entry: ToldEntry, kept: _Known) -> None:
        away, into = entry.data["merged"], entry.data["patient"]
        other = self.patients[away]
        for uid in [away, *(uid for uid, led in self.merged.items() if led == away)]:
            self.merged[uid], self.patients[uid].seq = into, entry.seq
        kept.measures = entry.data.get("measures")
        kept.died_on = kept.died_on or other.died_on
        if entry.data.get("measures_taken_over", True):
            covered = "measures_taken_over" in entry.data
            kept.columns |= {name: other.columns[name] if covered else NOT_COVERED for name in _UPDATED}

    def _separated(self, entry: ToldEntry, kept: _Known) -> None:
        del self.merged[entry.data["separated"]]
        self.patients[entry.data["separated"]].seq = entry.seq

    def _death(self, entry: ToldEntry, patient: _Known) -> None:
        patient.died_on = entry.data["died_on"]

    def hold(self, comparison: RowComparison) -> None:
        """Hold the rows against what was told."""
        keys = {str(uid): key for uid, key in Patient.objects.values_list("uid", "pk").iterator()}
        expected = {uid: _expected(uid, known, self.merged.get(uid), keys) for uid, known in self.patients.items()}
        for rows in comparison.portions(PATIENT):
            comparison.hold(PATIENT, ("uid",), expected, rows)
        comparison.miss(PATIENT, expected)
        changes = {key: _expected_change(key, change, keys) for key, change in self.changes.items()}
        for rows in comparison.portions(CHANGE):
            comparison.hold(CHANGE, ("id",), changes, rows)
        comparison.miss(CHANGE, changes)


def _added(entry: ToldEntry) -> _Known:
    columns = {
        "site_id": entry.site_id, "created_at": entry.at, "created_by_id": entry.actor, "updated_at": entry.at,
        "updated_by_id": entry.actor, "corrected_at": None, "corrected_by_id": None,
    }  # fmt: skip
    return _Known(entry.seq, entry.site, entry.data.get("identity"), entry.data.get("measures"), columns)


def _expected(uid: str, known: _Known, merged_into: str | None, keys: Mapping[str, int]) -> Expected:
    identity = vouched(known.identity, *digests.PATIENT_IDENTITY)
    measures = vouched(known.measures, *digests.PATIENT_MEASURES)
    return Expected(
        known.columns
        | dict.fromkeys(digests.PATIENT_IDENTITY, identity)
        | dict.fromkeys(digests.PATIENT_MEASURES, measures)
        | {
            "uid": uid,
            "died_on": known.died_on,
            "merged_into_id": merged_into and keys.get(merged_into, -1),
        },
        known.seq,
        known.site,
    )


def _expected_change(key: int, change: _Change, keys: Mapping[str, int]) -> Expected:
    entry = change.entry
    columns = {
        "id": key, "patient_id": keys.get(change.patient, -1), "other_id": change.other and keys.get(change.other, -1),
        "kind": _KINDS[entry.type], "at": entry.at, "by_id": entry.actor,
    }  # fmt: skip
    whole = vouched(entry.data["sha256"], *digests.PATIENT_CHANGE)
    return Expected(columns | dict.fromkeys(digests.PATIENT_CHANGE, whole), entry.seq, entry.site)


_STEPS: Mapping[str, Callable[[PatientReplay, ToldEntry, _Known], None]] = {
    "patient.measured": PatientReplay._measured,
    "patient.corrected": PatientReplay._corrected,
    "patient.merged": PatientReplay._merged,
    "patient.separated": PatientReplay._separated,
    "patient.death_recorded": PatientReplay._death,
    "patient.death_taken_back": PatientReplay._death,
}
