"""Addresses of this part."""

from django.urls import URLPattern, URLResolver, path

from osler.web.editor import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("edit/", views.pages, name="editor-pages"),
    path("edit/<slug:folder>/", views.new, name="editor-new"),
    path("edit/<slug:folder>/<str:name>/", views.page, name="editor-page"),
    path("edit/<slug:folder>/<str:name>/check/", views.check, name="editor-check"),
    path("edit/<slug:folder>/<str:name>/preview/", views.preview, name="editor-preview"),
]
