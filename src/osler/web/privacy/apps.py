"""The part's entry in Django's list."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "osler.web.privacy"
    label = "privacy"
