"""What the site is called: of the settings, else as its first review folder says."""

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest, path: str) -> str:
    """The whole address of a path: below the site's own, whatever host the request named."""
    return f"{settings.OSLER_URL}{path}" if settings.OSLER_URL else request.build_absolute_uri(path)


class SiteName:
    """What the public templates ask of ``site``; looked up each time, so that it is never old."""

    @property
    def name(self) -> str:
        return self._told("site_name", "OSLER_NAME") or "Osler"

    @property
    def language(self) -> str:
        return self._told("site_language", "") or "en"

    @property
    def description(self) -> str:
        return self._told("site_description", "OSLER_DESCRIPTION")

    @property
    def url(self) -> str:
        return str(settings.OSLER_URL)

    def _told(self, field: str, setting: str) -> str:
        own = str(getattr(settings, setting, "")) if setting else ""
        if own:
            return own
        folders = apps.get_model("pages", "Folder").objects.exclude(**{field: ""})
        return str(folders.order_by("pk").values_list(field, flat=True).first() or "")
