"""The part's entry in Django's list."""

from django.apps import AppConfig

from osler.web import menu


class EditorConfig(AppConfig):
    name = "osler.web.editor"
    label = "editor"

    def ready(self) -> None:
        menu.register(
            menu.Entry(
                "Edit",
                "editor-pages",
                "pages.edit",
                "Write in the browser, with the checker's findings beside the text.",
            ),
            order=11,
        )
