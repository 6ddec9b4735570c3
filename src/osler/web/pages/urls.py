"""Addresses of this part. Published pages are answered before Django; see ``serving``."""

from django.urls import URLPattern, URLResolver, path

from osler.web.pages import staff_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("search/", views.search, name="pages-search"),
    path("contact/", views.contact, name="pages-contact"),
    path("categories/<path:name>/", views.category, name="pages-category"),
    path("authors/<path:name>/", views.author, name="pages-author"),
    path("versions/<slug:slug>/", views.history, name="pages-history"),
    path(
        "versions/<slug:slug>/<int:first>-<int:second>/", views.comparison, name="pages-comparison"
    ),
    path("healthz", views.health, name="health"),
    path("staff/pages/", staff_views.folders, name="pages-folders"),
    path("staff/pages/<slug:slug>/publish/", staff_views.publish, name="pages-publish"),
    path("", views.published, {"path": ""}, name="pages-index"),
    path("<path:path>", views.published, name="pages-published"),
]
