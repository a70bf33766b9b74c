"""Settings: one mode and the environment decide everything; the defaults are safe.

`IVIG_MODE` is `demo` (the default: this machine only, made-up people), `production`, or `test`.
Nothing starts until every line that `environment.faults` names is corrected.
"""

import os
from hashlib import sha256
from pathlib import Path

import bootstrap_wrapper
import environ
import font_source_sans_pro
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from utilization import environment
from utilization.database import configured
from utilization.logs import logging_configuration

BASE_DIR = Path(__file__).resolve().parent.parent
# Each variable may be given in a file instead: see `environment.py`, which has them all.
if wrong := environment.faults(os.environ):
    raise ImproperlyConfigured("The settings keep this from starting:\n- " + "\n- ".join(wrong))
env = environ.Env()
env.ENVIRON = environment.read(os.environ)

MODE = env.str("IVIG_MODE", default="demo")
DEMO_PASSWORD = "demo-immune-globulin"

DEBUG = env.bool("DJANGO_DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default=environment.DEMO_SECRET_KEY)
# What a former key signed counts until it is taken from here: sessions and links outlive a new key.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEMO_DATA = env.bool("IVIG_DEMO_DATA", default=MODE == "demo")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
# Where links for passwords are sent from; without it they go by a letter that two people make.
MAIL_URL = env.str("IVIG_MAIL_URL", default="")
MAIL_FROM = env.str("IVIG_MAIL_FROM", default="")
# Where people come in, as a mail of notices names it.
SITE_ADDRESS = env.str("IVIG_ADDRESS", default="")

# --- Applications and the way in ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "utilization.apps.UtilizationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_ace",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

# Headers first, so that refusals of every later layer carry them; the sign-in lockout last, where it can replace
# any answer.
MIDDLEWARE = [
    "utilization.web.middleware.RequestLog",
    "utilization.web.middleware.FromAddress",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "utilization.web.middleware.NoStore",
    "utilization.web.middleware.KnownHost",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "utilization.web.middleware.ReadableInput",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "utilization.web.middleware.IdleTimeout",
    "utilization.web.middleware.SignedIn",
    "utilization.web.middleware.SiteClock",
    "utilization.web.policy.DeclaredPolicy",
    "allauth.account.middleware.AccountMiddleware",
    "utilization.web.middleware.Unavailable",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "utilization.urls"
WSGI_APPLICATION = "utilization.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["utilization.templatetags.bidi", "utilization.templatetags.mappings"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "utilization.web.navigation.frame",
            ],
        },
    },
]

# --- Data ---------------------------------------------------------------------------------------------------------
VAR_DIR = Path(env.str("IVIG_VAR", default=str(BASE_DIR / "var")))
DATABASES = {"default": configured(env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'ivig.sqlite3'}"))}
# The role that owns the tables, where pages work as another: see `management/database_roles.py`.
DATABASE_OWNER = configured(env.db("DATABASE_OWNER_URL")) if env.str("DATABASE_OWNER_URL", default="") else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURES_DIR = BASE_DIR / "fixtures"

TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend"
        if MODE == "test"
        else "django_tasks_db.DatabaseBackend",
    },
}

# In the memory of each server process: how often an address may still ask, of what the process has drawn from the
# limit that all share in the database (`web/public/rate_limit.py`), and nothing else.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}

# --- The sealed log ------------------------------------------------------------------------------------------------
# The sealer's key and what it signed last; the public keys that checks go by; where a witness answers, if there is one,
# and the notes that it keeps. A demo on another database has another log, so it has a seal of its own.
_OTHER = env.str("DATABASE_URL", default="") if MODE == "demo" else ""
_LOG = f"-{sha256(_OTHER.encode()).hexdigest()[:8]}" if _OTHER else ""
EVIDENCE_DIR = Path(env.str("IVIG_EVIDENCE", default=str(VAR_DIR / f"evidence{_LOG}")))
EVIDENCE_KEYS = Path(env.str("IVIG_EVIDENCE_KEYS", default=str(EVIDENCE_DIR / "keys.txt")))
WITNESS_DIR = Path(env.str("IVIG_WITNESS", default=str(VAR_DIR / f"witness{_LOG}")))
WITNESS_NOTES = Path(env.str("IVIG_WITNESS_NOTES", default=str(WITNESS_DIR / "cosigned.notes")))
WITNESS_URL = env.str("IVIG_WITNESS_URL", default="")

# --- The snapshot for analysts ---------------------------------------------------------------------------------------
# Whoever has this secret can undo the keys and the shifted days of every de-identified snapshot: it stays with the
# database, never with a snapshot.
SNAPSHOT_SECRET = Path(env.str("IVIG_SNAPSHOT_SECRET", default=str(VAR_DIR / "snapshot.secret")))

# --- Checks of drafts ----------------------------------------------------------------------------------------------
# One file a person, held while a check of theirs runs in a process of its own: see utilization/limited_process/.
CHECK_LOCKS = VAR_DIR / "checks"

# --- Exports --------------------------------------------------------------------------------------------------------
# What auditors asked for, kept for some days and handed out to them alone.
EXPORTS_DIR = VAR_DIR / "exports"

# --- People -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "utilization.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = (
    # Argon2 is slow by design; a suite that signs in thousands of times cannot afford it.
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if MODE == "test"
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "utilization.web.account.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_FORMS = {
    "login": "utilization.web.account.forms.SignInForm",
    "change_password": "utilization.web.account.forms.NewPasswordForm",
    "reset_password_from_key": "utilization.web.account.forms.FirstPasswordForm",
}
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
# Wrong passwords are counted once, by axes, in the database that all server processes share. A second counter would
# hide tries from the first one.
ACCOUNT_RATE_LIMITS = False

# A passkey counts only where its owner unlocked it, by finger, face or PIN.
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_ADAPTER = "utilization.web.account.factor_adapter.FactorAdapter"
MFA_TOTP_ISSUER = "IVIG utilization review"
MFA_WEBAUTHN_USER_VERIFICATION = "required"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
# By account and address together: a stranger who guesses elsewhere closes nobody's door.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Wrong passwords for one account from all addresses together, after which its door is closed to every address.
MOST_WRONG_FROM_ANYWHERE = 50
AXES_HANDLER = "utilization.web.account.lockout.SignInLockout"
AXES_CLIENT_IP_CALLABLE = "utilization.web.account.lockout.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "utilization.web.account.lockout.account_name"
AXES_LOCKOUT_CALLABLE = "utilization.web.account.lockout.locked_out"
AXES_VERBOSE = False
# What is typed as a name may be a password. Who signed in is kept in the sign-in log, and only there.
AXES_SENSITIVE_PARAMETERS = ["login", "next"]
AXES_DISABLE_ACCESS_LOG = True
# A hospital's desks share one outside address: locking that address would lock out the ward. Browsers are told to keep
# to https on this name alone unless a site asks for more (see IVIG_HSTS_SUBDOMAINS).
SILENCED_SYSTEM_CHECKS = ["axes.W006", "security.W005", "security.W021"]

# --- Single sign-on -----------------------------------------------------------------------------------------------
# The hospital's identity provider by its issuer, exactly as it writes itself. The secret lies in a file of its own.
SINGLE_SIGN_ON: dict[str, str] | None = None
if issuer := env.str("IVIG_OIDC_ISSUER", default=""):
    SINGLE_SIGN_ON = {
        "issuer": issuer,
        "client_id": env.str("IVIG_OIDC_CLIENT_ID"),
        "secret": env.str("IVIG_OIDC_CLIENT_SECRET"),
        "name": env.str("IVIG_OIDC_NAME", default="single sign-on"),
    }
# On a shared screen, whoever comes next must not be signed in by a session that the provider still has.
SIGN_ON_PROMPT = env.str("IVIG_OIDC_PROMPT", default="login")

IDLE_MINUTES = env.int("IVIG_IDLE_MINUTES", default=15)
SIGNED_IN_HOURS = env.int("IVIG_SIGNED_IN_HOURS", default=12)
SESSION_COOKIE_AGE = SIGNED_IN_HOURS * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "utilization.web.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# --- What a browser may do with our pages -------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Bootstrap's own style sheet draws its form marks from data: images.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    },
}
# No page of ours needs any of a browser's devices or abilities but passkeys.
PERMISSIONS_POLICY: dict[str, str | list[str]] = {
    "accelerometer": [],
    "autoplay": [],
    "browsing-topics": [],
    "camera": [],
    "display-capture": [],
    "encrypted-media": [],
    "fullscreen": [],
    "geolocation": [],
    "gyroscope": [],
    "hid": [],
    "idle-detection": [],
    "magnetometer": [],
    "microphone": [],
    "midi": [],
    "payment": [],
    "picture-in-picture": [],
    # Passkeys, on our own pages alone.
    "publickey-credentials-create": "self",
    "publickey-credentials-get": "self",
    "screen-wake-lock": [],
    "serial": [],
    "usb": [],
    "xr-spatial-tracking": [],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# Without it there is no page of figures.
METRICS_TOKEN = env.str("IVIG_METRICS_TOKEN", default="")
BEHIND_PROXY = env.bool("IVIG_BEHIND_PROXY", default=False)
if MODE == "production":
    SECURE_SSL_REDIRECT = env.bool("IVIG_TLS_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    # Both bind names that are not this product's: the hospital's other hosts, and every browser for months. Only a
    # site that owns the whole name asks for them.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("IVIG_HSTS_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = env.bool("IVIG_HSTS_PRELOAD", default=False)
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# A form holds at most some dozens of answers of at most 4,000 characters; 4 MB lets an over-long text reach its own
# field's error message, and anything larger is refused unread.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# One file at a time, and at few addresses alone; the handler refuses it everywhere else.
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_HANDLERS = ["utilization.web.uploads.OneBoundedFile"]

# --- Words, times and numbers -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files served to browsers -------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    ("bootstrap", bootstrap_wrapper.get_bootstrap_dir()),
    ("fonts", font_source_sans_pro.font_directory),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # The test server serves by finders, which know no hashed names.
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if MODE == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
# Fonts hardly shrink and maps are for people with developer tools: compressing them is most of a first start's work.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "otf", "map", "txt")
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if MAIL_URL:
    globals().update(env.email_url("IVIG_MAIL_URL"))
    if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
        EMAIL_BACKEND = "utilization.jobs.mail_server.MailServer"
# Whoever waits for a page waits for the mail server too.
EMAIL_TIMEOUT = 10
# In the demo the terminal is for the address and the accounts; production logs every request.
LOGGING = logging_configuration(level=env.str("IVIG_LOG_LEVEL", default="INFO" if MODE == "production" else "WARNING"))
LOGGING_CONFIG = "logging.config.dictConfig"
