"""The table of variables: what is read, what is wrong, and what nothing reads."""

import re
from pathlib import Path

import pytest

from utilization import environment

ROOT = Path(__file__).resolve().parents[2]
SAFE = {
    "IVIG_MODE": "production",
    "SECRET_KEY": "0123456789abcdef" * 4,
    "ALLOWED_HOSTS": "ivig.hospital.example",
}

BROKEN: tuple[tuple[dict[str, str], str], ...] = (
    ({"IVIG_MODE": "prod"}, "IVIG_MODE"),
    ({"SECRET_KEY": "ten letters"}, "SECRET_KEY"),
    ({"SECRET_KEY_FILE": "/nowhere/key"}, "SECRET_KEY_FILE"),
    ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS"),
    ({"DATABASE_URL": "mysql://user@host/ivig"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres"}, "DATABASE_URL"),
    ({"DATABASE_OWNER_URL": "http://host/"}, "DATABASE_OWNER_URL"),
    ({"DATABASE_URL": "postgres://[::1/ivig"}, "DATABASE_URL"),
    ({"DATABASE_URL": ""}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres://ivig_app:pa/ss@host/ivig"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres://ivig_app:12/ss@host/ivig"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres://ivig_app:pa?ss@host/ivig"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres://ivig_app@host:port/ivig"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres://ivig_app@host"}, "DATABASE_URL"),
    ({"IVIG_MAIL_URL": "smtp://mail.example:port", "IVIG_MAIL_FROM": "a@b.example"}, "IVIG_MAIL_URL"),
    ({"IVIG_MAIL_URL": "smtp+tls://u:p#q@h:587", "IVIG_MAIL_FROM": "a@b.example"}, "IVIG_MAIL_URL"),
    ({"IVIG_VAR": ""}, "IVIG_VAR"),
    ({"IVIG_IDLE_MINUTES": "9" * 5000}, "IVIG_IDLE_MINUTES"),
    ({"IVIG_IDLE_MINUTES": "a quarter"}, "IVIG_IDLE_MINUTES"),
    ({"IVIG_IDLE_MINUTES": "0"}, "IVIG_IDLE_MINUTES"),
    ({"IVIG_SIGNED_IN_HOURS": "-3"}, "IVIG_SIGNED_IN_HOURS"),
    ({"IVIG_SIGNED_IN_HOURS": "١٢"}, "IVIG_SIGNED_IN_HOURS"),
    ({"IVIG_BEHIND_PROXY": "maybe"}, "IVIG_BEHIND_PROXY"),
    ({"IVIG_TLS_REDIRECT": "ja"}, "IVIG_TLS_REDIRECT"),
    ({"IVIG_LOG_LEVEL": "loud"}, "IVIG_LOG_LEVEL"),
    ({"IVIG_OIDC_ISSUER": "http://login.hospital.example"}, "IVIG_OIDC_ISSUER"),
    ({"IVIG_OIDC_ISSUER": "https://login.hospital.example"}, "IVIG_OIDC_CLIENT_ID"),
    ({"IVIG_MAIL_URL": "mail.hospital.example", "IVIG_MAIL_FROM": "a@b.example"}, "IVIG_MAIL_URL"),
    ({"IVIG_MAIL_FROM": "a@b.example"}, "IVIG_MAIL_URL"),
    ({"DJANGO_DEBUG": "yes"}, "DJANGO_DEBUG"),
    ({"IVIG_DEMO_DATA": "on"}, "IVIG_DEMO_DATA"),
)


@pytest.mark.parametrize(("wrong", "named"), BROKEN)
def test_each_broken_environment_is_named_with_what_puts_it_right(wrong: dict[str, str], named: str) -> None:
    faults = environment.faults({**SAFE, **wrong})
    assert any(named in fault for fault in faults), faults
    # Every sentence ends in something to do.
    assert all(re.search(r"\b(Set|Unset|Correct|set)\b", fault) for fault in faults)


def test_nothing_is_said_of_an_environment_that_is_right() -> None:
    assert environment.faults(SAFE) == []
    assert environment.unknown(SAFE) == {}
    for right in ("postgres://ivig:p%2Fa#s@host:5432/ivig", "postgres:///ivig", "sqlite:////srv/a@b/x"):
        assert environment.faults({**SAFE, "DATABASE_URL": right}) == []


def test_a_fault_never_repeats_a_secret() -> None:
    secret = "mysql://ivig:hunter2@host/ivig"
    assert "hunter2" not in " ".join(environment.faults({**SAFE, "DATABASE_URL": secret, "IVIG_MAIL_URL": secret}))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("IVIG_BEHIND_PROXI", "IVIG_BEHIND_PROXY"),
        ("ivig_mode", "IVIG_MODE"),
        ("IVIG_MAILURL", "IVIG_MAIL_URL"),
        ("IVIG_OIDC_CLIENT_SECRET_FLIE", "IVIG_OIDC_CLIENT_SECRET_FILE"),
        ("IVIG_ZZZZZZZZ", None),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest(typed: str, meant: str | None) -> None:
    assert environment.unknown({**SAFE, typed: "true", "PATH": "/bin"}) == {typed: meant}


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 64 + "\n")
    given = {"SECRET_KEY_FILE": str(key), "SECRET_KEY": "from the environment"}
    assert environment.read(given)["SECRET_KEY"] == "k" * 64
    assert environment.origin("SECRET_KEY", given) == f"the file {key}"


def test_the_settings_read_what_the_table_names_and_nothing_else() -> None:
    text = (ROOT / "utilization" / "settings.py").read_text()
    read = set(re.findall(r'\benv\.\w+\("([A-Z_]+)"', text))
    assert read == set(environment.BY_NAME)
    # Nobody else asks the environment for a variable of ours.
    others = [
        path for path in (ROOT / "utilization").rglob("*.py") if path.name not in ("environment.py", "settings.py")
    ]
    assert not [
        path for path in others if re.search(r'environ(\.get\(|\[)"(IVIG_|DATABASE_|SECRET_)', path.read_text())
    ]
