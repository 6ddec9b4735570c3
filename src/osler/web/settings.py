"""Django's settings, all of them from the environment; see docs/how-to/run-the-site.md.

A site keeps everything it writes in one folder, ``OSLER_SITE``: the secret key, the SQLite
database where no other is named, the style sheets. Without that variable nothing is
written: the database lives in memory, which is for tests and for ``--help``.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from osler.web import environment

SITE = Path(os.environ["OSLER_SITE"]) if "OSLER_SITE" in os.environ else None
DEBUG = os.environ.get("OSLER_DEBUG") == "1"
SECRET_KEY = environment.text("OSLER_SECRET_KEY") or (
    (SITE / "secret-key").read_text("utf-8").strip() if SITE else secrets.token_urlsafe(64)
)

# Where the public finds the site, as "https://clinic.example"; empty on one's own machine.
OSLER_URL = environment.public_address("OSLER_URL")
# Empty: as the first review folder's [site] says.
OSLER_NAME = environment.text("OSLER_NAME")
OSLER_DESCRIPTION = environment.text("OSLER_DESCRIPTION")
OSLER_CONTACT = environment.text("OSLER_CONTACT")
OSLER_CONTACT_EMAIL = environment.text("OSLER_CONTACT_EMAIL")
# How many proxies of one's own stand before the site; 0 where visitors reach it directly.
OSLER_PROXIES = environment.number("OSLER_PROXIES", 0)
_PUBLIC = urlsplit(OSLER_URL)
_HTTPS = _PUBLIC.scheme == "https"
# This machine always: a watchdog asks there.
ALLOWED_HOSTS = [
    *("127.0.0.1", "localhost", "[::1]"),
    *environment.listed("OSLER_HOSTS"),
    *([_PUBLIC.hostname] if _PUBLIC.hostname else []),
]
CSRF_TRUSTED_ORIGINS = [OSLER_URL] if OSLER_URL else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "osler.web.accounts",
    "osler.web.pages",
    "osler.web.comments",
    "osler.web.practice",
    "osler.web.editor",
    "osler.web.screening",
    "osler.web.privacy",
]
MIDDLEWARE = [
    "osler.web.durable.wait_for_the_disk",
    "osler.web.visitors.forget_the_visitor",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "osler.web.entry.refuse_the_impossible",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "osler.web.accounts.access.staff_gate",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "osler.web.pages.dressing.dress_public_pages",
    "axes.middleware.AxesMiddleware",
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
        "OPTIONS": {
            "environment": "osler.web.templating.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "osler.web.accounts.context.for_templates",
            ],
        },
    }
]

# WAL lets readers go on while one writes; FULL means that what was written stands on the disk
# (osler.web.durable tells how answers wait for it), and IMMEDIATE that a writer waits at the
# beginning and not in the middle.
DATABASES = {
    "default": environment.database(
        "DATABASE_URL", f"sqlite:///{SITE / 'site.sqlite3'}" if SITE else "sqlite://:memory:"
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False  # a file is there or it is not
    DATABASES["default"]["OPTIONS"] = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # how long an invitation holds
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "staff-home"
LOGOUT_REDIRECT_URL = "login"
# "required": below /staff/ nobody gets on without a second factor. "offered": who wants to.
OSLER_TWO_FACTOR = environment.choice(
    "OSLER_TWO_FACTOR", *(("required", "offered") if SITE else ("offered", "required"))
)
OTP_TOTP_ISSUER = OSLER_NAME or "Osler"

# Ten wrong passwords for one name from one place, then an hour's pause. The place is a hash
# that looks like an address and is forgotten with the day's salt; nothing else is kept of it.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 1
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "osler.web.visitors.hash_as_address"
AXES_CLIENT_STR_CALLABLE = "osler.web.visitors.nobody"
AXES_LOCKOUT_TEMPLATE = None
AXES_LOCKOUT_CALLABLE = "osler.web.accounts.views.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# What the browser is told. Sessions are for staff; a visitor gets a cookie only with a form.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "osler.web.pages.views.form_expired"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$"]  # a watchdog on this machine asks without HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if OSLER_PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
FILE_UPLOAD_HANDLERS: list[str] = ["osler.web.visitors.NoUploads"]

USE_TZ = True
TIME_ZONE = environment.time_zone("OSLER_TIME_ZONE", "Europe/London")
LANGUAGE_CODE = "en-gb"
STATIC_URL = "/static/"
STATICFILES_DIRS = [
    Path(__file__).parent / "static",
    Path(__file__).parent.parent / "publish" / "assets",
]
STATIC_ROOT = SITE / "static" if SITE else None
_COLLECTED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_AS_THEY_ARE = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": _COLLECTED if SITE and not DEBUG else _AS_THEY_ARE},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = SITE is None or DEBUG

# E-mail goes to the console until a server is named: smtp://name:password@host:587/?tls=1
_EMAIL = environment.mail_server("OSLER_EMAIL")
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if _EMAIL.scheme.startswith('smtp') else 'console'}"
    ".EmailBackend"
)
EMAIL_HOST, EMAIL_PORT = _EMAIL.hostname or "localhost", _EMAIL.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
    unquote(_EMAIL.username or ""),
    unquote(_EMAIL.password or ""),
)
EMAIL_USE_SSL = _EMAIL.scheme == "smtps"
EMAIL_USE_TLS = "tls=1" in _EMAIL.query
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.text("OSLER_EMAIL_FROM") or (
    OSLER_CONTACT_EMAIL or "webmaster@localhost"
)

OSLER_PRACTICE = {
    # A folder of further questionnaires, one TOML file each.
    "instruments": environment.text("OSLER_INSTRUMENTS"),
    "link_days": environment.number("OSLER_LINK_DAYS", 14),
    "remind_after_days": environment.number("OSLER_REMIND_AFTER_DAYS", 3),
    "reminders": environment.number("OSLER_REMINDERS", 2),
    "follow_up_weeks": environment.numbers("OSLER_FOLLOW_UP_WEEKS", "6"),
    "keep_address_days": environment.number("OSLER_KEEP_ADDRESS_DAYS", 30),
    "keep_episode_days": environment.number("OSLER_KEEP_EPISODE_DAYS", 8 * 365),
}
_AKISMET = environment.together("OSLER_AKISMET_KEY", "OSLER_AKISMET_SITE")
# Comments: "moderated" shows what a moderator let through, "clean" also what no layer holds.
OSLER_COMMENTS = {
    "show": environment.choice("OSLER_COMMENTS_SHOW", "moderated", "clean"),
    "per_hour": environment.number("OSLER_COMMENTS_PER_HOUR", 5),
    "refuse_per_hour": environment.number("OSLER_COMMENTS_REFUSE_PER_HOUR", 30),
    "edits_per_hour": environment.number("OSLER_COMMENTS_EDITS_PER_HOUR", 10),
    "held_words": environment.listed("OSLER_COMMENTS_HOLD"),
    "akismet_key": _AKISMET[0],
    "akismet_site": _AKISMET[1],
}
# The serving process deletes what is due, once a day at most, after it has answered somebody.
OSLER_RETENTION_CLOCK = SITE is not None

# What went wrong goes to the terminal or the journal; no addresses of visitors, and no keys.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"keys": {"()": "osler.web.logs.hiding_keys"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["keys"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    # Scanners ask for hosts that are not ours all day long; they get a 400.
    "loggers": {"django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
