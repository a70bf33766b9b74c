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
        "disk": True,
        "worker": True,
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


@pytest.mark.django_db
def test_not_ready_where_the_disk_is_full_or_the_database_is_of_a_later_version(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(health, "free_bytes", lambda: 10_000_000)
    assert client.get("/readyz").json()["disk"] is False
    monkeypatch.setattr(health, "newer_migrations", lambda executor: ["utilization.9999_later"])
    assert client.get("/readyz").json()["migrations"] is False


def test_a_probe_asks_by_address_and_a_browser_by_name(client: Client, settings) -> None:
    settings.ALLOWED_HOSTS = ["ivig.hospital.example"]
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/account/sign-in/", headers={"host": "10.0.0.7:8000"}).status_code == 400
