"""Settings from the environment. With none at all: SQLite under ./.data, this machine alone.

Every variable is told in README, section "Settings"; a test holds the two together.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.utils.translation import gettext_lazy as _

from tenfold import logs, turns

HERE = Path(__file__).resolve().parent


def _is_on(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in ("1", "true", "yes", "on")


def _secret_key(data: Path) -> str:
    """The environment's key, else one made on first use and kept beside the data, readable by its owner alone.

    It appears whole and once: processes that start together, or one killed in the middle, must not leave two or half.
    """
    if key := os.environ.get("TENFOLD_SECRET_KEY"):
        return key
    kept = data / "secret.key"
    if not kept.exists():
        data.mkdir(parents=True, exist_ok=True)
        unfinished = data / f"secret.key.{os.getpid()}"
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, kept)
        unfinished.unlink()
    return kept.read_text().strip()


# PostgreSQL's connections. A process that is frozen in the middle of a transaction must not keep its locks from the
# others; a server that has vanished without a word is given up in time.
SHARED_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15000,
}


def _databases(data: Path) -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL", "")
    if url:
        shared = dj_database_url.parse(url, conn_max_age=300, conn_health_checks=True)
        wishes = shared.setdefault("OPTIONS", {})
        for name, value in SHARED_OPTIONS.items():
            wishes.setdefault(name, value)
        wishes["options"] = f"{wishes.get('options', '')} -c idle_in_transaction_session_timeout=5000".strip()
        return {"default": shared}
    return {
        "default": {
            "ENGINE": "tenfold.base.sqlite",
            "NAME": str(data / "tenfold.sqlite3"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # Writers queue at BEGIN instead of failing in the middle; FULL because NORMAL loses answered
                # scans in a power cut. When the log is folded in: `tenfold.base.sqlite.folding`.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            "TEST": {"NAME": os.environ.get("TENFOLD_TEST_DATABASE")},
        }
    }


DATA_DIR = Path(os.environ.get("TENFOLD_DATA", ".data")).resolve()
SECRET_KEY = _secret_key(DATA_DIR)
DEBUG = _is_on("TENFOLD_DEBUG")

# The address people reach us by: it stands on every poster, so it must not be guessed from a request.
PUBLIC_URL = os.environ.get("TENFOLD_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
IS_TLS = _public.scheme == "https"
ALLOWED_HOSTS = [
    *{_public.hostname or "127.0.0.1", "127.0.0.1", "localhost", "[::1]"},
    *filter(None, os.environ.get("TENFOLD_ALLOWED_HOSTS", "").split(",")),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "tenfold",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tenfold.web.guard.Guard",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "tenfold.urls"
WSGI_APPLICATION = "tenfold.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
            "libraries": {"tenfold": "tenfold.web.tags"},
        },
    }
]

DATABASES = _databases(DATA_DIR)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "tenfold.Operator"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "console:login"
LOGIN_REDIRECT_URL = "console:home"
# Log-in is throttled by name and address together: one guesser cannot lock the owner out from elsewhere.
# What the log-in form calls the address; axes would look for the model's field, "email", and count nobody's failures.
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "tenfold.console.login.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

EMAIL_BACKEND = os.environ.get("TENFOLD_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_HOST = os.environ.get("TENFOLD_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("TENFOLD_EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("TENFOLD_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("TENFOLD_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = _is_on("TENFOLD_EMAIL_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("TENFOLD_EMAIL_FROM", "tenfold@localhost")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [HERE / "locale"]
FORMAT_MODULE_PATH = "tenfold.locale"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = DATA_DIR / "static"
# What is made in bulk: files of the data folder that nobody else on the machine reads, or an object store.
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
STORAGES = {
    "default": {
        "BACKEND": os.environ.get("TENFOLD_STORAGE", "django.core.files.storage.FileSystemStorage"),
        "OPTIONS": json.loads(os.environ.get("TENFOLD_STORAGE_OPTIONS", "{}")),
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_TLS
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "tenfold.web.front.csrf_failed"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if IS_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Who came by TLS once does so for a year. For this host alone: its neighbours in the domain are not ours.
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_TLS else 0
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 9 * 1024 * 1024

LOG_LEVEL = os.environ.get("TENFOLD_LOG_LEVEL", "INFO").upper()
LOGGING = logs.settings(LOG_LEVEL)
logs.set_up()

# Whether the door, and a page or worker that has SQLite's lock, goes before all others for a core, where Linux lets it.
# On the only one there is it could keep all others from it.
AHEAD = _is_on("TENFOLD_AHEAD", default=True) and turns.cores() > 1
# How long seats that a process has set aside for its next scans may lie unused before others get them (PostgreSQL).
LEASE_SECONDS = float(os.environ.get("TENFOLD_LEASE_SECONDS", "15"))

# Threads of a worker that look at screenshots, each with a process of its own; by default the cores less one. With 0
# people look at all of them.
REVIEWERS = int(asked) if (asked := os.environ.get("TENFOLD_REVIEWERS", "")) else None

# Metrics are answered to this machine, and to whoever brings the token ("Authorization: Bearer ..."), or not at all.
TENFOLD_METRICS = _is_on("TENFOLD_METRICS", default=True)
TENFOLD_METRICS_TOKEN = os.environ.get("TENFOLD_METRICS_TOKEN", "")
# Addresses or networks of our own proxies, by commas: only they may say for whom they ask.
TRUSTED_PROXIES = [
    part.strip() for part in os.environ.get("TENFOLD_TRUSTED_PROXIES", "").split(",") if part.strip()
]
# Phones without our cookie that may scan behind one address, at once and then a second (`edge.limits`); 0: no limit.
TENFOLD_ADDRESS_BURST = int(os.environ.get("TENFOLD_ADDRESS_BURST", "1000"))
TENFOLD_ADDRESS_RATE = float(os.environ.get("TENFOLD_ADDRESS_RATE", "20"))
