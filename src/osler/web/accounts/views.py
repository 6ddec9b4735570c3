"""Logging in and out, the second factor, one's own account."""

from io import BytesIO
from typing import Any, cast

import django_otp
import segno
from django.contrib.auth import logout as log_out
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_decode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from osler.web.accounts import selectors, services
from osler.web.accounts.access import StaffRequest, staff
from osler.web.accounts.forms import AnyTokenForm, ClinicForm, TokenForm
from osler.web.accounts.models import Membership, User
from osler.web.naming import SiteName


class Login(LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = False
    # Django's view gives a "site" of its own, whose name is the host that was asked for.
    extra_context = {"site": SiteName()}  # noqa: RUF012 - as Django's class declares it


class PasswordChange(PasswordChangeView):
    template_name = "accounts/form.html"
    success_url = reverse_lazy("account")
    extra_context = {  # noqa: RUF012 - as Django's class declares it
        "title": "Change your password",
        "lede": "",
        "button": "Change it",
        "links": [("Your account", "account")],
    }


@require_POST
def logout(request: HttpRequest) -> HttpResponseBase:
    log_out(request)
    return redirect("login")


def locked_out(request: HttpRequest, *told: Any, **more: Any) -> HttpResponse:
    """Said by django-axes after too many wrong passwords."""
    return render(request, "accounts/locked_out.html", {}, status=429)


@never_cache
def invitation(request: HttpRequest, user: str, token: str) -> HttpResponseBase:
    """The link with which somebody chooses a password."""
    person = _invited(user)
    if person is None or not default_token_generator.check_token(person, token):
        return render(request, "accounts/link_spent.html", {}, status=410)
    form = SetPasswordForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = str(form.cleaned_data["new_password1"])
        services.choose_password(user=person, password=password, now=timezone.now())
        return redirect("login")
    shown = {
        "title": "Choose a password",
        "lede": f"for {person.username}",
        "button": "Keep it",
        "form": form,
        "links": (),
    }
    return render(request, "accounts/form.html", shown)


def _invited(coded: str) -> User | None:
    try:
        pk = int(urlsafe_base64_decode(coded))
    except ValueError:
        return None
    return User.objects.filter(pk=pk, is_active=True).first() if pk < 2**63 else None


@never_cache
@login_required
def two_factor(request: HttpRequest) -> HttpResponseBase:
    """The second step of logging in."""
    user = cast(User, request.user)
    form = AnyTokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = django_otp.match_token(user, form.cleaned_data["token"])
        if device is not None:
            django_otp.login(request, device)
            return redirect(_next(request))
        form.add_error("token", "This number is not right, or it was used already.")
    shown = {"title": "Second factor", "lede": "", "button": "Go on", "form": form, "links": ()}
    return render(request, "accounts/form.html", shown)


@never_cache
@login_required
def two_factor_enrol(request: HttpRequest) -> HttpResponseBase:
    """A key for an app, as a picture and as text; switched on by the first right number."""
    user = cast(User, request.user)
    if django_otp.user_has_device(user):
        return redirect("account")
    device = TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").first()
    device = device or TOTPDevice.objects.create(user=user, name="app", confirmed=False)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device.verify_token(form.cleaned_data["token"]):
            codes = services.confirm_factor(user=user, device=device, now=timezone.now())
            django_otp.login(request, device)
            return render(request, "accounts/codes.html", {"codes": codes})
        form.add_error("token", "This is not the number that the app shows for this key.")
    picture = BytesIO()
    segno.make(device.config_url, error="m").save(
        picture, kind="svg", xmldecl=False, svgns=True, scale=5, border=4, nl=False
    )
    shown = {"form": form, "qr": picture.getvalue().decode(), "key": _readable(device)}
    return render(request, "accounts/enrol.html", shown)


def _readable(device: TOTPDevice) -> str:
    key = str(device.config_url).partition("secret=")[2].partition("&")[0]
    return " ".join(key[i : i + 4] for i in range(0, len(key), 4))


@require_POST
@login_required
def two_factor_codes(request: HttpRequest) -> HttpResponseBase:
    user = cast(User, request.user)
    if not django_otp.user_has_device(user):
        raise Http404("no second factor")
    codes = services.new_codes(user=user, now=timezone.now())
    return render(request, "accounts/codes.html", {"codes": codes})


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    hosts = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(wanted, hosts, require_https=request.is_secure())
    return wanted if safe else reverse("staff-home")


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponseBase:
    user = cast(User, request.user)
    shown = {
        "memberships": Membership.objects.filter(user=user).select_related("clinic"),
        "has_device": django_otp.user_has_device(user),
        "codes_left": StaticToken.objects.filter(device__user=user).count(),
    }
    return render(request, "accounts/account.html", shown)


@require_safe
@staff("staff.enter")
def home(request: StaffRequest) -> HttpResponseBase:
    return render(request, "accounts/home.html", {"clinics": selectors.clinics_of(request.user)})


@require_POST
@staff("staff.enter")
def choose_clinic(request: StaffRequest) -> HttpResponseBase:
    form = ClinicForm(request.POST)
    slugs = {clinic.slug for clinic in selectors.clinics_of(request.user)}
    if not form.is_valid() or form.cleaned_data["clinic"] not in slugs:
        raise Http404("no such clinic")
    request.session[selectors.CHOSEN] = form.cleaned_data["clinic"]
    return redirect("staff-home")
