"""What a migration does to rows that are there."""

from importlib import import_module

import pytest
from django.apps import apps

from tests.cast import Cast
from utilization import access
from utilization.models import PatientKey


@pytest.mark.parametrize("chunk", [1, 500])
def test_patients_of_the_version_before_are_found_by_their_keys(cast: Cast, monkeypatch, chunk):
    cast.a_patient(mrn="0048-2217", name="O’Brien-Müller, José")
    kept = set(PatientKey.objects.values_list("patient", "site", "kind", "key", "former"))
    PatientKey.objects.all().delete()
    migration = import_module("utilization.migrations.0008_patients")
    monkeypatch.setattr(migration, "_CHUNK", chunk)
    migration.write_keys(apps, None)
    assert set(PatientKey.objects.values_list("patient", "site", "kind", "key", "former")) == kept
    keys = set(PatientKey.objects.filter(patient__mrn="0048-2217").values_list("key", flat=True))
    assert keys >= {"482217", "obrien", "muller", "mueller", "jose", "brienmuller"}
    assert [one.mrn for one in access.search_patients(cast["petra"], "jose obrien", at=cast.patient.created_at)] == [
        "0048-2217"
    ]
