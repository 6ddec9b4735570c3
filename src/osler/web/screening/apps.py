"""The part's entry in Django's list."""

from django.apps import AppConfig

from osler.web import menu


class ScreeningConfig(AppConfig):
    name = "osler.web.screening"
    label = "screening"

    def ready(self) -> None:
        menu.register(
            menu.Entry(
                "Screening",
                "screening-index",
                "records.screen",
                "Decide which records of a search come into a review.",
            ),
            order=40,
        )
