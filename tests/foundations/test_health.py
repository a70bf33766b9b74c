"""Health and readiness say what is wrong, to a machine, without a sign-in and without a patient."""

import pytest
from django.db import OperationalError
from django.test import Client

from utilization.models import PackVersion
from utilization.web import health


def test_alive_needs_no_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"alive": True}


@pytest.mark.django_db
def test_not_ready_without_a_pack(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "ready": False,
        "database": True,
        "migrations": True,
        "pack": False,
        "unsealed_since": None,
    }


@pytest.mark.django_db
def test_ready_with_one(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(PackVersion.objects, "exists", lambda: True)
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["ready"] is True


def test_not_ready_without_a_database(client: Client, monkeypatch) -> None:
    def away(connection: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "MigrationExecutor", away)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] is False
