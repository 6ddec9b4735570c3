"""The part's entry in Django's list."""

from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "osler.web.screening"
    label = "screening"
