"""Settings of every installation: one file, what differs comes from environment variables (see README.md)."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / ".data"))

DEMO = os.environ.get("DEMO") == "1"
DEBUG = os.environ.get("DEBUG") == "1"
# A demonstration is plain HTTP on 127.0.0.1; everything else stands behind HTTPS unless its network has none.
SECURE = not (DEMO or DEBUG or os.environ.get("PLAIN_HTTP") == "1")


def _number(name: str, default: int, least: int, most: int) -> int:
    """A whole number from the environment; ImproperlyConfigured for anything outside its bounds."""
    text = os.environ.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ImproperlyConfigured(f"{name}={text}: a whole number from {least} to {most} is wanted.")
    return int(text)


def _secret(variable: str) -> str:
    """A key of the installation ("" if none is set); a demonstration makes its own once and keeps it."""
    if (key := os.environ.get(variable)) or not DEMO:
        return key or ""
    path = DATA_DIR / variable.lower()
    if not path.exists():
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(60))
    return path.read_text()


def _database() -> dict:
    """Django's settings for the server that DATABASE_URL names (postgresql://user:password@host/name)."""
    if not (url := os.environ.get("DATABASE_URL")):
        raise ImproperlyConfigured("Set DATABASE_URL, or start through `make demo` or `make test`.")
    parts = conninfo_to_dict(url)
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{names[key]: value for key, value in parts.items() if key in names},
        "OPTIONS": {key: value for key, value in parts.items() if key not in names},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": True,
    }


if not (SECRET_KEY := _secret("SECRET_KEY")):
    raise ImproperlyConfigured("Set SECRET_KEY, or start through `make demo` or `make test`.")
DATABASES = {"default": _database()}
ALLOWED_HOSTS = ["127.0.0.1", "localhost"] if DEMO else os.environ.get("ALLOWED_HOSTS", "").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host and SECURE]

INSTALLED_APPS = [
    "organs.apps.LedgerAdminConfig",
    "organs.apps.OrgansConfig",  # before auth: its createsuperuser and changepassword leave audit events
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "treebeard",
    "django_filters",
    "django_htmx",  # for its static file alone
    "csp",
    "axes",
    "measures.apps.MeasuresConfig",
]

MIDDLEWARE = [
    # the first three stand before all that may answer by itself: every answer carries their headers
    "csp.middleware.CSPMiddleware",
    "organs.middleware.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "organs.middleware.OldBrowserMiddleware",
    "organs.middleware.PlainTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "measures.again.AgainMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "organs.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "organs.audit.AddressMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "organs.sessions.seconds_left",
                "measures.pages.waiting_bell",
            ],
        },
    },
]

# Leaders' pages, by what the data stands at (measures/pages.py): all workers share them, nobody else reads them.
CACHES = {
    "default": {
        "BACKEND": "organs.storage.PageCache",
        "LOCATION": DATA_DIR / "pages",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    }
}

AUTH_USER_MODEL = "organs.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "organs.signin.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "organs.passwords.GuessableValidator"},
    {"NAME": "organs.passwords.PersonalValidator"},
    {"NAME": "organs.passwords.ReuseValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Five wrong passwords lock one name from one address for a while; trying on meanwhile does not make it longer.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=_number("LOGIN_LOCK_MINUTES", 15, 1, 24 * 60))
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "organs.signin.locked_page"
AXES_USERNAME_CALLABLE = "organs.signin.counted_name"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # the audit trail has it, and nobody keeps statistics of who was online
AXES_VERBOSE = False

# The turn of the year sends a box to tick for each action of a county.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [BASE_DIR / "organs" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "Y年n月j日"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
HANDBOOK = BASE_DIR / "docs" / "手册.md"
STATICFILES_DIRS = [("handbook", HANDBOOK.parent / "图")]
MEDIA_ROOT = DATA_DIR / "files"
# What a piece of evidence may weigh, how many pixels a picture may have, and how many files one upload brings:
# together they keep a request well below the half minute after which its worker is taken for dead.
EVIDENCE_MAX_MB = int(os.environ.get("EVIDENCE_MAX_MB", "20"))
EVIDENCE_MAX_PIXELS = int(os.environ.get("EVIDENCE_MAX_PIXELS", "50000000"))
EVIDENCE_MAX_FILES = int(os.environ.get("EVIDENCE_MAX_FILES", "9"))
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "organs.storage.TransactionalStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Everything a page needs is served from this site; nothing is inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "organs.views.csrf_failure"

# How long one may stay signed in (organs/sessions.py); the stored session outlives both, to say why it ended.
SESSION_IDLE_MINUTES = _number("SESSION_IDLE_MINUTES", 30, 5, 24 * 60)
SESSION_MAX_HOURS = _number("SESSION_MAX_HOURS", 10, 1, 7 * 24)
SESSION_ENGINE = "organs.session_store"
SESSION_COOKIE_AGE = 2 * SESSION_MAX_HOURS * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Lax: a link in a message to a colleague opens the page; forms of other sites send no cookie.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # until the browser is closed
if SECURE:  # no other host of the domain may set cookies of these names
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_HSTS_SECONDS = _number("HSTS_SECONDS", 31_536_000, 0, 63_072_000) if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
BEHIND_PROXY = os.environ.get("BEHIND_PROXY") == "1"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Reminders by e-mail: only where a server is named.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = _number("EMAIL_PORT", 25, 1, 65535)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS") == "1"
EMAIL_USE_SSL = os.environ.get("EMAIL_USE_SSL") == "1"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or EMAIL_HOST_USER
SITE_URL = os.environ.get("SITE_URL", "").rstrip("/")

# Seals of the audit trail: the key and the file lie outside the database.
AUDIT_SEAL_KEY = _secret("AUDIT_SEAL_KEY")
AUDIT_SEAL_FILE = Path(os.environ.get("AUDIT_SEAL_FILE", DATA_DIR / "audit_seals.jsonl"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
