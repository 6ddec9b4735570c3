"""Addresses of this part."""

from django.urls import URLPattern, URLResolver, path

from osler.web.privacy import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("privacy/", views.privacy, name="privacy"),
    path("privacy/asked/", views.asked, name="privacy-asked"),
    path("privacy/mine/<str:token>/", views.mine, name="privacy-mine"),
    path("staff/privacy/", views.staff_page, name="privacy-staff"),
]
