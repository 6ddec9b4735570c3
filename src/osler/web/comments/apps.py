"""The part's entry in Django's list."""

from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished


class CommentsConfig(AppConfig):
    name = "osler.web.comments"
    label = "comments"

    def ready(self) -> None:
        # Models can be imported only once Django has read the list of apps.
        from osler.web import menu  # noqa: PLC0415
        from osler.web.comments.part import CSS, comments_part  # noqa: PLC0415
        from osler.web.comments.postman import look  # noqa: PLC0415
        from osler.web.pages import parts  # noqa: PLC0415

        parts.register("comments", comments_part, order=50, css=CSS)
        menu.register(
            menu.Entry(
                "Comments",
                "comments-queue",
                "comments.moderate",
                "What readers wrote: show it or not, answer it.",
            ),
            order=20,
        )
        if settings.SITE is not None:
            request_finished.connect(look, dispatch_uid="osler.mails")
