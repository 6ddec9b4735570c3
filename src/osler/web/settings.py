"""Django's settings, all of them from the environment; see docs/how-to/run-the-site.md.

A site keeps everything it writes in one folder, ``OSLER_SITE``: the secret key, the SQLite
database where no other is named, the published pages. Without that variable nothing is
written: the database lives in memory, which is for tests and for ``--help``.
"""

import os
from pathlib import Path

import dj_database_url

SITE = Path(os.environ["OSLER_SITE"]) if "OSLER_SITE" in os.environ else None
DEBUG = False
SECRET_KEY = os.environ.get("OSLER_SECRET_KEY", "") or (
    (SITE / "secret-key").read_text("utf-8").strip() if SITE else "only in memory, for no site"
)
ALLOWED_HOSTS = os.environ.get("OSLER_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "osler.web.accounts",
    "osler.web.pages",
    "osler.web.comments",
    "osler.web.practice",
    "osler.web.editor",
    "osler.web.screening",
    "osler.web.privacy",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "osler.web.urls"
WSGI_APPLICATION = "osler.web.wsgi.application"
# The same engine and the same files as the static build.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [
            Path(__file__).parent / "templates",
            Path(__file__).parent.parent / "publish" / "templates",
        ],
        "OPTIONS": {"environment": "osler.web.templating.environment"},
    }
]

# WAL lets readers go on while one writes; FULL means that what was acknowledged stands on the
# disk, and IMMEDIATE that a writer waits at the beginning and not in the middle.
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL")
        or (f"sqlite:///{SITE / 'site.sqlite3'}" if SITE else "sqlite://:memory:"),
        conn_max_age=60,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "login"
USE_TZ = True
TIME_ZONE = os.environ.get("OSLER_TIME_ZONE", "Europe/London")
LANGUAGE_CODE = "en-gb"
STATIC_URL = "/static/"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
