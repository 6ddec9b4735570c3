"""Django's settings for ``osler screen`` alone: no accounts, no database, this machine only."""

import os
import secrets

from osler.web.settings import *  # noqa: F403

DEBUG = False
SECRET_KEY = secrets.token_urlsafe(50)
OSLER_SCREEN = {
    "folder": os.environ.get("OSLER_SCREEN_FOLDER", ""),
    "reviewer": os.environ.get("OSLER_SCREEN_REVIEWER", ""),
}
OSLER_NAME = "Osler"
# A page elsewhere that resolves its own name to 127.0.0.1 is refused.
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "osler.web.screening.local_urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "osler.web.screening.alone.nobody_logs_in",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "osler-screen", "osler-screen-form"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SECURE_HSTS_SECONDS = 0
SILENCED_SYSTEM_CHECKS = ["axes.W002"]
