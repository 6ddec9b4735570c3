"""The part's entry in Django's list."""

from django.apps import AppConfig


class EditorConfig(AppConfig):
    name = "osler.web.editor"
    label = "editor"
