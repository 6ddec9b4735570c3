"""The part's entry in Django's list."""

from django.apps import AppConfig

from osler.web import menu


class PracticeConfig(AppConfig):
    name = "osler.web.practice"
    label = "practice"

    def ready(self) -> None:
        menu.register(menu.Entry("Episodes", "practice-episodes", "episodes.see"), order=30)
        menu.register(menu.Entry("Audit", "practice-audit", "audit.see"), order=40)
