"""The part's entry in Django's list."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "osler.web.practice"
    label = "practice"
