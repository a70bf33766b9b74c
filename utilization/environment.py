"""The variables that the product reads, as one table, and what is wrong with those that are set.

`settings.py` reads them through `read`; `faults` and `unknown` are what `manage.py doctor` and a start report. Each may
be given in a file instead, named by the same variable with `_FILE` behind: `SECRET_KEY_FILE=/run/credentials/key`.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

# Public on purpose: it protects nothing but made-up people on one machine, and production refuses it.
DEMO_SECRET_KEY = "demo-only-key-that-everyone-can-read-so-it-protects-nobody-0123456789"
MODES = ("demo", "production", "test")
LEAST_KEY = 50
"""Characters of a secret key."""
PREFIX, IN_FILE = "IVIG_", "_FILE"
_TRUE = ("true", "on", "ok", "y", "yes", "1")
_FALSE = ("false", "off", "n", "no", "0", "")
_NEW_KEY = "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"


class Notation(StrEnum):
    """How a variable is written."""

    TEXT = "text"
    FLAG = "true or false"
    NUMBER = "a whole number above 0"
    NAMES = "names with commas between"
    DATABASE = "the address of a database"
    WEB = "an address that begins with https://"
    MAIL = "the address of a mail server"


QUOTED = (Notation.DATABASE, Notation.MAIL)
POSTGRESQL = ("postgres", "postgresql", "psql", "pgsql")


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable. `default` says in words what holds where it is not set; `production` marks what must be set there,
    `secret` what is never shown."""

    name: str
    says: str
    default: str
    example: str = ""
    kind: Notation = Notation.TEXT
    secret: bool = False
    production: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("IVIG_MODE", "`demo`, `production` or `test`", "`demo`", "production", production=True),
    Setting(
        "SECRET_KEY", "a long random text that signs sessions and links", "a public one in the demo", "", secret=True,
        production=True,
    ),
    Setting(
        "SECRET_KEY_FALLBACKS", "former secret keys, while what they signed still counts", "none", "",
        kind=Notation.NAMES, secret=True,
    ),
    Setting(
        "ALLOWED_HOSTS", "names that the site answers to", "this machine", "ivig.hospital.example", kind=Notation.NAMES,
        production=True,
    ),
    Setting(
        "CSRF_TRUSTED_ORIGINS", "other addresses whose forms are taken, with `https://`", "none",
        "https://ivig.hospital.example", kind=Notation.NAMES,
    ),
    Setting(
        "DATABASE_URL", "the database that pages and jobs work on; in production with the role `ivig_app`",
        "`ivig.sqlite3` in `IVIG_VAR`", "postgres://ivig_app:password@127.0.0.1:5432/ivig", kind=Notation.DATABASE,
        secret=True, production=True,
    ),
    Setting(
        "DATABASE_OWNER_URL",
        "the same database with the role that owns its tables, for `prepare`, `restore` and `drill`; in a file apart, "
        "`/etc/ivig/owner.env`",
        "`DATABASE_URL`", "postgres://ivig_owner:password@127.0.0.1:5432/ivig", kind=Notation.DATABASE, secret=True,
    ),
    Setting("IVIG_VAR", "folder for the SQLite file and collected files", "`var/`", "/var/lib/ivig", production=True),
    Setting(
        "IVIG_EVIDENCE", "folder of the sealer's key", "`evidence/` in `IVIG_VAR`", "/var/lib/ivig-seal",
    ),
    Setting(
        "IVIG_EVIDENCE_KEYS", "file of the public keys that checks go by", "`keys.txt` in `IVIG_EVIDENCE`",
        "/etc/ivig/keys.txt",
    ),
    Setting("IVIG_WITNESS", "folder of a witness's key and records", "`witness/` in `IVIG_VAR`"),
    Setting("IVIG_WITNESS_URL", "address of the witness that cosigns", "none", "http://127.0.0.1:8091"),
    Setting(
        "IVIG_WITNESS_NOTES", "the notes that the witness keeps, where the web server can read them",
        "`cosigned.notes` in `IVIG_WITNESS`", "/var/lib/ivig-witness/cosigned.notes",
    ),
    Setting(
        "IVIG_SNAPSHOT_SECRET",
        "file with the secret of the keys and days of de-identified snapshots; made where there is none, never to be "
        "handed on",
        "`snapshot.secret` in `IVIG_VAR`", "/etc/ivig/snapshot.secret",
    ),
    Setting("IVIG_DEMO_DATA", "demo people and data", "on in demo mode only", kind=Notation.FLAG),
    Setting(
        "IVIG_MAIL_URL", "mail server for links for passwords and for notices; without, two people make a letter",
        "none", "smtp+tls://user:password@mail.hospital.example:587", kind=Notation.MAIL, secret=True,
    ),
    Setting(
        "IVIG_MAIL_FROM", "sender of that mail, for every hospital; each may set another name, none another address",
        "none", "ivig@hospital.example",
    ),
    Setting(
        "IVIG_ADDRESS",
        "the product's own address, which mail leads back to",
        "none; mail then names no address",
        "https://ivig.hospital.example",
        kind=Notation.WEB,
    ),
    Setting("IVIG_IDLE_MINUTES", "minutes after which an idle session ends", "`15`", kind=Notation.NUMBER),
    Setting("IVIG_SIGNED_IN_HOURS", "hours after which every session ends", "`12`", kind=Notation.NUMBER),
    Setting(
        "IVIG_OIDC_ISSUER",
        "the hospital's identity provider (OpenID Connect), as it writes itself; its answers come to "
        "`/account/sign-on/back/`",
        "none", "https://login.hospital.example", kind=Notation.WEB,
    ),
    Setting("IVIG_OIDC_CLIENT_ID", "this server's name at the identity provider", "none", "ivig"),
    Setting("IVIG_OIDC_CLIENT_SECRET", "this server's secret at the identity provider", "none", secret=True),
    Setting("IVIG_OIDC_NAME", "what people call the identity provider", "`single sign-on`"),
    Setting(
        "IVIG_OIDC_PROMPT", "`login` asks for the password there at each sign-in; empty believes its session", "`login`"
    ),
    Setting("IVIG_TLS_REDIRECT", "send browsers to https", "on in production", kind=Notation.FLAG),
    Setting(
        "IVIG_BEHIND_PROXY", "believe a proxy that says that https was spoken, and from which address a request came",
        "off", "true", kind=Notation.FLAG,
    ),
    Setting(
        "IVIG_HSTS_SUBDOMAINS",
        "bind browsers to https on every host below this name; only for a site that owns them all", "off",
        kind=Notation.FLAG,
    ),
    Setting("IVIG_HSTS_PRELOAD", "the same for good, in browsers' own lists", "off", kind=Notation.FLAG),
    Setting("IVIG_METRICS_TOKEN", "what a monitoring system brings to `/metrics`, else not there", "none",
            secret=True),
    Setting("IVIG_LOG_LEVEL", "least level that is logged, as JSON lines", "`INFO` in production"),
    Setting("DJANGO_DEBUG", "error pages with what was typed; never in production", "off", kind=Notation.FLAG),
)  # fmt: skip
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}
NEVER_EMPTY = frozenset({
    "DATABASE_URL", "IVIG_VAR", "IVIG_EVIDENCE", "IVIG_EVIDENCE_KEYS", "IVIG_WITNESS", "IVIG_WITNESS_NOTES",
    "IVIG_SNAPSHOT_SECRET",
})  # fmt: skip
"""Set to nothing, these would be another database, or the folder that the product happens to be started in."""
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def read(environ: Mapping[str, str]) -> dict[str, str]:
    """What is set of the table, by name: as the variable says, or as the file does that `…_FILE` names.

    A file that cannot be read counts as nothing set; `faults` says so.
    """
    values = {name: environ[name] for name in BY_NAME if name in environ}
    for name, path in _files(environ).items():
        text = _text(path)
        if text is not None:
            values[name] = text
    return values


def origin(name: str, environ: Mapping[str, str]) -> str:
    """Where the value of the variable `name` comes from, in words."""
    if path := _files(environ).get(name):
        return f"the file {path}"
    return "the environment" if name in environ else f"the default: {BY_NAME[name].default}"


def unknown(environ: Mapping[str, str]) -> dict[str, str | None]:
    """By name, each variable that begins as ours do and that nothing reads, with the nearest that something does."""
    known = [*BY_NAME, *(name + IN_FILE for name in BY_NAME)]
    strangers = sorted(name for name in environ if name.upper().startswith(PREFIX) and name not in known)
    return {name: next(iter(difflib.get_close_matches(name.upper(), known, 1)), None) for name in strangers}


def faults(environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the variables, each a sentence with the line that puts it right; empty where nothing is."""
    values = read(environ)
    mode = values.get("IVIG_MODE", "demo")
    wrong = [f"{name}{IN_FILE} names {path}, which cannot be read. Correct it, or set {name}."
             for name, path in _files(environ).items() if _text(path) is None]  # fmt: skip
    if mode not in MODES:
        wrong.append(f"IVIG_MODE is {mode!r}. Set it to demo, production or test.")
    wrong += [fault for name, value in values.items() if (fault := _misspelt(BY_NAME[name], value))]
    wrong += _sign_on(values)
    return wrong + (_production(values) if mode == "production" else [])


def is_on(text: str) -> bool:
    """Whether a flag is set to true, however that is spelt."""
    return text.strip().lower() in _TRUE


def _files(environ: Mapping[str, str]) -> dict[str, Path]:
    return {name: Path(environ[name + IN_FILE]) for name in BY_NAME if environ.get(name + IN_FILE)}


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _misspelt(setting: Setting, value: str) -> str | None:
    """What is wrong with how a value is written, or None. A secret is not repeated."""
    if setting.name in NEVER_EMPTY and not value.strip():
        return f"{setting.name} is set to nothing. Unset {setting.name}, or set it to {setting.example or 'a path'}."
    shown = "what it holds" if setting.secret else repr(value[:60])
    match setting.kind:
        case Notation.FLAG:
            right = value.strip().lower() in (*_TRUE, *_FALSE)
        case Notation.NUMBER:
            right = value.strip().isascii() and value.strip().isdigit() and len(value) < 10 and 0 < int(value) < 100_000
        case Notation.WEB:
            right = not value or value.startswith(("https://", "http://localhost", "http://127.0.0.1"))
        case Notation.DATABASE:
            # A # in the password of a database is read as it stands.
            scheme = _scheme(address := value.replace("#", "%23"))
            named = scheme == "sqlite" or (scheme in POSTGRESQL and urlsplit(address).path.strip("/") != "")
            right = not value or named
        case Notation.MAIL:
            right = not value or _scheme(value) in ("smtp", "smtp+tls", "smtps", "smtp+ssl", "consolemail", "filemail")
        case _:
            right = setting.name != "IVIG_LOG_LEVEL" or value.upper() in LOG_LEVELS
    if right:
        return None
    wanted = " or ".join(LOG_LEVELS) if setting.name == "IVIG_LOG_LEVEL" else setting.kind.value
    example = f", for instance {setting.example}" if setting.example else ""
    quoted = " In a password write / as %2F, ? as %3F, # as %23, @ as %40, % as %25." if setting.kind in QUOTED else ""
    return f"{setting.name}: {shown} is not {wanted}. Set {setting.name} to {wanted}{example}.{quoted}"


def _scheme(address: str) -> str:
    """How an address begins; empty where it cannot be taken apart, as with a password that holds a slash."""
    try:
        parts = urlsplit(address)
        whole = parts.port is None or parts.port > 0
    except ValueError:
        return ""
    return parts.scheme if whole and (parts.scheme == "sqlite" or "@" not in parts.path) else ""


def _sign_on(values: Mapping[str, str]) -> list[str]:
    if not values.get("IVIG_OIDC_ISSUER"):
        return []
    needed = ("IVIG_OIDC_CLIENT_ID", "IVIG_OIDC_CLIENT_SECRET")
    return [
        f"IVIG_OIDC_ISSUER is set and {name} is not. Set {name}, or {name}{IN_FILE} to a file that holds it."
        for name in needed
        if not values.get(name)
    ]


def _production(values: Mapping[str, str]) -> list[str]:
    """Every setting that production may not run with."""
    wrong = []
    key = values.get("SECRET_KEY", "")
    if key in ("", DEMO_SECRET_KEY) or len(key) < LEAST_KEY:
        wrong.append(
            f"SECRET_KEY is missing, the demo key, or shorter than {LEAST_KEY} characters. Set SECRET_KEY to the "
            f"output of: {_NEW_KEY}"
        )
    if is_on(values.get("IVIG_DEMO_DATA", "")):
        wrong.append("IVIG_DEMO_DATA is on: demo accounts have a public password. Unset IVIG_DEMO_DATA.")
    if is_on(values.get("DJANGO_DEBUG", "")):
        wrong.append("DJANGO_DEBUG is on: error pages would show patient data. Unset DJANGO_DEBUG.")
    hosts = [host.strip() for host in values.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if not hosts or "*" in hosts:
        wrong.append("ALLOWED_HOSTS does not name this site. Set ALLOWED_HOSTS=ivig.hospital.example")
    if bool(values.get("IVIG_MAIL_URL")) != bool(values.get("IVIG_MAIL_FROM")):
        wrong.append(
            "Mail needs both: set IVIG_MAIL_URL=smtp+tls://user:password@mail.hospital.example:587 and "
            "IVIG_MAIL_FROM=ivig@hospital.example, or neither."
        )
    return wrong
