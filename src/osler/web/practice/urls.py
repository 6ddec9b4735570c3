"""Addresses of this part."""

from django.urls import URLPattern, URLResolver, path

from osler.web.practice import audit_views, staff_views, views

_EPISODE = "staff/practice/<int:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("questions/received/", views.received, name="practice-received"),
    path("questions/agreed/", views.agreed, name="practice-agreed"),
    path("questions/declined/", views.declined, name="practice-declined"),
    path("questions/<str:token>/", views.questionnaire, name="practice-questions"),
    path("questions/<str:token>/agree/", views.agree, name="practice-agree"),
    path("questions/<str:token>/stop/", views.stop, name="practice-stop"),
    path("staff/practice/", staff_views.episodes, name="practice-episodes"),
    path("staff/practice/new/", staff_views.new, name="practice-new"),
    path(_EPISODE, staff_views.episode, name="practice-episode"),
    path(f"{_EPISODE}tell/", staff_views.tell, name="practice-tell"),
    path(f"{_EPISODE}session/", staff_views.session, name="practice-session"),
    path(f"{_EPISODE}consent/", staff_views.consent, name="practice-consent"),
    path(f"{_EPISODE}address/", staff_views.address, name="practice-address"),
    path(f"{_EPISODE}ask/", staff_views.ask, name="practice-ask"),
    path(f"{_EPISODE}erase/", staff_views.erase, name="practice-erase"),
    path(f"{_EPISODE}link/<int:pk>/", staff_views.link, name="practice-link"),
    path(f"{_EPISODE}link/<int:pk>/mail/", staff_views.mail, name="practice-link-mail"),
    path(f"{_EPISODE}link/<int:pk>/revoke/", staff_views.revoke, name="practice-link-revoke"),
    path("staff/audit/", audit_views.audit, name="practice-audit"),
    path("staff/audit/publication/", audit_views.publication, name="practice-publication"),
    path("staff/audit/export/", audit_views.export, name="practice-export"),
]
