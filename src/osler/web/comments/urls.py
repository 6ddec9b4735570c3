"""Addresses of this part."""

from django.urls import URLPattern, URLResolver, path

from osler.web.comments import staff_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("comments/write/<slug:slug>/", views.write, name="comments-write"),
    path("comments/sent/<slug:slug>/", views.sent, name="comments-sent"),
    path("comments/mine/<str:token>/", views.mine, name="comments-mine"),
    path("staff/comments/", staff_views.queue, name="comments-queue"),
    path("staff/comments/decide/", staff_views.decide, name="comments-decide"),
    path("staff/comments/undo/", staff_views.undo, name="comments-undo"),
    path("staff/comments/answer/<int:pk>/", staff_views.answer, name="comments-answer"),
    path(
        "staff/comments/answer/<int:pk>/remove/",
        staff_views.remove_answer,
        name="comments-answer-remove",
    ),
]
