"""The part's entry in Django's list."""

from django.apps import AppConfig

from osler.web import menu


class AccountsConfig(AppConfig):
    name = "osler.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        menu.register(
            menu.Entry(
                "Members",
                "members",
                "members.manage",
                "Who works here, what they may do, new password links.",
            ),
            order=80,
        )
        menu.register(
            menu.Entry("Audit trail", "trail", "trail.see", "Who did what and when."),
            order=90,
        )
