"""The part's entry in Django's list."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "osler.web.pages"
    label = "pages"
