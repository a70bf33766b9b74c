"""Production refuses to start unsafe, and names the line that puts it right."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.patience import PATIENCE
from utilization.models import User
from utilization.web.account.demo import demo_people

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG")
SAFE = {
    "IVIG_MODE": "production",
    "SECRET_KEY": "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "ivig.hospital.example",
    "DATABASE_URL": "sqlite:///:memory:",
}


def check_deploy(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("COV")}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_production_put_right_is_clean() -> None:
    result = check_deploy(**SAFE)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


HSTS = """
from django.conf import settings
print(settings.SECURE_HSTS_SECONDS > 0, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD)
"""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "True False False"),
        ({"IVIG_HSTS_SUBDOMAINS": "true"}, "True True False"),
        ({"IVIG_HSTS_SUBDOMAINS": "true", "IVIG_HSTS_PRELOAD": "true"}, "True True True"),
    ],
)
def test_browsers_are_bound_to_https_on_this_name_alone_unless_more_is_asked_for(
    asked: dict[str, str], said: str
) -> None:
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "utilization.settings", **SAFE, **asked}
    answer = subprocess.run(
        [sys.executable, "-c", HSTS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert answer.stdout.strip() == said


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"SECRET_KEY": ""}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "Set SECRET_KEY"),
        (
            {"SECRET_KEY": "demo-only-key-that-everyone-can-read-so-it-protects-nobody-0123456789"},
            "Set SECRET_KEY",
        ),
        ({"IVIG_DEMO_DATA": "true"}, "Unset IVIG_DEMO_DATA"),
        ({"DJANGO_DEBUG": "true"}, "Unset DJANGO_DEBUG"),
        ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "Set ALLOWED_HOSTS"),
        ({"IVIG_MODE": "prod"}, "Set it to demo, production or test"),
    ],
)
def test_an_unsafe_setting_stops_the_start(wrong: dict[str, str], named: str) -> None:
    result = check_deploy(**{**SAFE, **wrong})
    assert result.returncode != 0
    assert named in result.stderr


def test_all_faults_are_named_at_once() -> None:
    result = check_deploy(IVIG_MODE="production", DJANGO_DEBUG="true", IVIG_DEMO_DATA="true")
    for name in ("SECRET_KEY", "DJANGO_DEBUG", "IVIG_DEMO_DATA", "ALLOWED_HOSTS"):
        assert f"- {name}" in result.stderr


def test_production_does_not_open_a_database_that_was_a_demo(db, settings, tmp_path) -> None:
    settings.MODE, settings.VAR_DIR = "production", tmp_path
    username = demo_people()[0].username
    User.objects.create_user(username, "a@hospital.example", settings.DEMO_PASSWORD, full_name="A Demo Person")
    with pytest.raises(CommandError, match=username):
        call_command("prepare")


def test_production_opens_where_a_namesake_has_a_password_of_their_own(db, settings, tmp_path) -> None:
    settings.MODE, settings.VAR_DIR, settings.STATIC_ROOT = "production", tmp_path, tmp_path / "static"
    User.objects.create_user(demo_people()[0].username, "a@hospital.example", "their own", full_name="A Namesake")
    call_command("prepare")
