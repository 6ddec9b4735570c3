"""Addresses of ``osler screen``."""

from django.urls import URLPattern, URLResolver, include, path

from osler.web.screening import alone, team_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", team_views.home, name="screening-home"),
    path("healthz", alone.health, name="health"),
    path("", include("osler.web.screening.urls")),
]

# The site's own pages for these ask the database for the clinic's name.
handler403 = handler404 = "osler.web.screening.alone.not_here"
handler500 = "osler.web.screening.alone.went_wrong"
