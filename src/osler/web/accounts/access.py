"""The door to the staff's side: logged in, second factor given, allowed at this clinic."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils.cache import add_never_cache_headers
from django_otp import user_has_device

from osler.web.accounts.models import Clinic, User
from osler.web.accounts.policies import require
from osler.web.accounts.selectors import clinic_of

P = ParamSpec("P")
STAFF = "/staff/"
OPEN = ("login", "logout", "invitation", "two-factor", "two-factor-enrol")
"""Names of addresses below ``/staff/`` that need no second factor: they lead to one."""


class StaffRequest(HttpRequest):
    """A request of somebody who may do what the view does, at ``clinic``."""

    user: User
    clinic: Clinic


View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
StaffView = Callable[Concatenate[StaffRequest, P], HttpResponseBase]


def staff(action: str) -> Callable[[StaffView[P]], View[P]]:
    """A view for those who may do ``action`` at their clinic; others are sent to the login or 403.

    The services ask again: this only keeps a page from being shown whose every button would
    be refused.
    """

    def decorate(view: StaffView[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            clinic = clinic_of(request)
            require(cast(User, request.user), action, clinic)
            staff_request = cast(StaffRequest, request)
            staff_request.clinic = clinic
            return view(staff_request, *args, **kwargs)

        return cast(View[P], login_required(checked))

    return decorate


class _Verified(Protocol):
    is_authenticated: bool

    def is_verified(self) -> bool: ...


def staff_gate(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Nobody who has a second factor, or needs one, gets below ``/staff/`` without giving it.

    What staff see is not kept by a browser or a proxy: it is gone with the logout.
    """

    def gate(request: HttpRequest) -> HttpResponseBase:
        if not is_staff_side(request):
            return answer(request)
        step = _next_step(request)
        response = answer(request) if step is None else redirect(step)
        add_never_cache_headers(response)
        return response

    return gate


def is_staff_side(request: HttpRequest) -> bool:
    """Whether the address is below ``/staff/``, wherever the site itself stands.

    Not ``request.path``: that begins with what the server calls the site's place, and a
    server may take this from a header.
    """
    return request.path_info.startswith(STAFF)


def _next_step(request: HttpRequest) -> str | None:
    if not request.user.is_authenticated or _name(request) in OPEN:
        return None
    if cast(_Verified, request.user).is_verified():
        return None
    if user_has_device(request.user):
        return resolve_url("two-factor")
    return resolve_url("two-factor-enrol") if settings.OSLER_TWO_FACTOR == "required" else None


def _name(request: HttpRequest) -> str | None:
    try:
        return resolve(request.path_info).url_name
    except Resolver404:
        return None
