"""The part's entry in Django's list."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "osler.web.accounts"
    label = "accounts"
