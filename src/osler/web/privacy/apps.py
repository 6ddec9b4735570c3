"""The part's entry in Django's list."""

from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished


class PrivacyConfig(AppConfig):
    name = "osler.web.privacy"
    label = "privacy"

    def ready(self) -> None:
        # Models can be imported only once Django has read the list of apps.
        from osler.web import menu  # noqa: PLC0415
        from osler.web.privacy.clock import look  # noqa: PLC0415

        menu.register(
            menu.Entry(
                "Privacy",
                "privacy-staff",
                "privacy.export",
                "One person's data: give it out, erase it; what the clock has deleted.",
            ),
            order=80,
        )
        if getattr(settings, "OSLER_RETENTION_CLOCK", False):
            request_finished.connect(look, dispatch_uid="osler.retention")
