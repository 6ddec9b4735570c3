"""The part's entry in Django's list."""

from django.apps import AppConfig

from osler.web import menu


class PracticeConfig(AppConfig):
    name = "osler.web.practice"
    label = "practice"

    def ready(self) -> None:
        menu.register(
            menu.Entry(
                "Episodes",
                "practice-episodes",
                "episodes.see",
                "Courses of treatment under numbers; questionnaires by link or code.",
            ),
            order=30,
        )
        menu.register(
            menu.Entry(
                "Audit",
                "practice-audit",
                "audit.see",
                "What became of everybody who began, and what a page may say of it.",
            ),
            order=40,
        )
