"""Health and readiness say what is wrong, to a machine, without a sign-in and without a patient."""

import re

import pytest
from django.db import OperationalError
from django.test import Client

from tests.cast import a_request
from utilization.models import PackVersion
from utilization.rules.lifecycle import Status
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
        "moves": True,
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


def test_figures_are_for_who_brings_the_token(client: Client, settings, cast) -> None:
    request = a_request(cast, Status.PHARMACIST_REVIEW)
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "a token of the site"
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"authorization": "Bearer another"}).status_code == 401
    told = client.get("/metrics", headers={"authorization": "Bearer a token of the site"})
    lines = told.content.decode().splitlines()
    assert 'ivig_requests_open{status="pharmacist_review"} 1' in lines
    assert "ivig_requests_overdue 1" in lines
    # Each figure has its type before it, as the format asks, and none names anybody.
    figure = re.compile(r'^([a-z_]+)(\{[a-z_]+="[a-z_]+"\})? -?[0-9.e+]+$')
    typed: set[str] = set()
    for line in lines:
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        elif not line.startswith("#"):
            assert (match := figure.match(line)), line
            assert match[1] in typed
    assert request.patient.mrn not in told.content.decode()


def test_a_probe_asks_by_address_and_a_browser_by_name(client: Client, settings) -> None:
    settings.ALLOWED_HOSTS = ["ivig.hospital.example"]
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/account/sign-in/", headers={"host": "10.0.0.7:8000"}).status_code == 400
