"""Addresses of this part, below ``/staff/``."""

from django.urls import URLPattern, URLResolver, path

from osler.web.accounts import member_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="staff-home"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.logout, name="logout"),
    path("invitation/<str:user>/<str:token>/", views.invitation, name="invitation"),
    path("two-factor/", views.two_factor, name="two-factor"),
    path("two-factor/new/", views.two_factor_enrol, name="two-factor-enrol"),
    path("two-factor/codes/", views.two_factor_codes, name="two-factor-codes"),
    path("account/", views.account, name="account"),
    path("account/password/", views.PasswordChange.as_view(), name="password-change"),
    path("clinic/", views.choose_clinic, name="choose-clinic"),
    path("members/", member_views.members, name="members"),
    path("members/invite/", member_views.invite, name="member-invite"),
    path("members/<int:pk>/roles/", member_views.roles, name="member-roles"),
    path("members/<int:pk>/active/", member_views.active, name="member-active"),
    path("members/<int:pk>/link/", member_views.link, name="member-link"),
    path("members/<int:pk>/factor/", member_views.factor, name="member-factor"),
    path("trail/", member_views.trail, name="trail"),
]
