"""Addresses of this part."""

from django.urls import URLPattern, URLResolver, path

from osler.web.screening import team_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("screening/", team_views.index, name="screening-index"),
    path("screening/<slug:slug>/begin/", team_views.begin, name="screening-begin"),
    path("screening/<slug:slug>/", views.screen, name="screening"),
    path("screening/<slug:slug>/history/", views.history, name="screening-history"),
    path("screening/<slug:slug>/search/", views.search, name="screening-search"),
    path("screening/<slug:slug>/words/", views.words, name="screening-words"),
    path("screening/<slug:slug>/text/", views.text, name="screening-text"),
    path("screening/<slug:slug>/progress/", team_views.progress, name="screening-progress"),
    path("screening/<slug:slug>/sample/", team_views.sample, name="screening-sample"),
    path(
        "screening/<slug:slug>/certificate/", team_views.certificate, name="screening-certificate"
    ),
    path("screening/<slug:slug>/conflicts/", team_views.conflicts, name="screening-conflicts"),
    path("screening/<slug:slug>/settle/", team_views.settle, name="screening-settle"),
    path("screening/<slug:slug>/texts/", team_views.texts, name="screening-texts"),
    path("screening/<slug:slug>/report/", team_views.report, name="screening-report"),
    path("screening/<slug:slug>/pairs/", team_views.pairs, name="screening-pairs"),
    path("screening/<slug:slug>/judge/", team_views.judge, name="screening-judge"),
    path("screening/<slug:slug>/team/", team_views.team, name="screening-team"),
    path("screening/<slug:slug>/share/", team_views.share, name="screening-share"),
    path("screening/<slug:slug>/leave/", team_views.leave, name="screening-leave"),
    path("screening/<slug:slug>/calibrate/", team_views.calibrate, name="screening-calibrate"),
    path("screening/<slug:slug>/<slug:stage>/", views.screen, name="screening-stage"),
    path("screening/<slug:slug>/<slug:stage>/decide/", views.decide, name="screening-decide"),
    path("screening/<slug:slug>/<slug:stage>/undo/", views.undo, name="screening-undo"),
    path("screening/<slug:slug>/<slug:stage>/skip/", views.skip, name="screening-skip"),
]
