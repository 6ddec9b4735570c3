"""The part's entry in Django's list."""

from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "osler.web.comments"
    label = "comments"
