"""The part's entry in Django's list."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from osler.web import menu


class PagesConfig(AppConfig):
    name = "osler.web.pages"
    label = "pages"

    def ready(self) -> None:
        menu.register(
            menu.Entry(
                "Pages",
                "pages-folders",
                "pages.publish",
                "What is published, what the last check said; publish now.",
            ),
            order=10,
        )
        menu.register_foot("Privacy", "privacy")
        # What other parts put at the end of a page stands in their module of this name.
        autodiscover_modules("page_parts")
