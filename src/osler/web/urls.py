"""Which address goes to which part. Staff work below ``/staff/``, all else is public."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/", include("osler.web.accounts.urls")),
    path("staff/", include("osler.web.editor.urls")),
    path("staff/", include("osler.web.screening.urls")),
    path("", include("osler.web.privacy.urls")),
    path("", include("osler.web.practice.urls")),
    path("", include("osler.web.comments.urls")),
    path("", include("osler.web.pages.urls")),
]
