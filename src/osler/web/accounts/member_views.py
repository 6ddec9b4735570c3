"""Who works here: for owners."""

from collections.abc import Callable

import django_otp
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from osler.web.accounts import selectors, services
from osler.web.accounts.access import StaffRequest, staff
from osler.web.accounts.forms import ActiveForm, InviteForm, RolesForm
from osler.web.accounts.models import Membership, Role, User
from osler.web.naming import address

PER_PAGE = 50


@require_safe
@never_cache
@staff("members.manage")
def members(request: StaffRequest) -> HttpResponseBase:
    return _shown(request, InviteForm())


@require_POST
@staff("members.manage")
def invite(request: StaffRequest) -> HttpResponseBase:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _shown(request, form, status=422)
    try:
        user = services.invite(
            by=request.user, clinic=request.clinic, now=timezone.now(), **form.cleaned_data
        )
    except ValidationError as problem:
        form.add_error(None, problem.messages)
        return _shown(request, form, status=422)
    return _shown(request, InviteForm(), user, services.invitation_path(user))


@require_POST
@staff("members.manage")
def roles(request: StaffRequest, pk: int) -> HttpResponseBase:
    form, user = RolesForm(request.POST), _member(request, pk)
    if not form.is_valid():
        raise Http404("no such role")
    return _done(
        request,
        lambda: services.set_roles(
            by=request.user,
            clinic=request.clinic,
            user=user,
            roles=form.cleaned_data["roles"],
            now=timezone.now(),
        ),
    )


@require_POST
@staff("members.manage")
def active(request: StaffRequest, pk: int) -> HttpResponseBase:
    form, user = ActiveForm(request.POST), _member(request, pk)
    allowed = form.is_valid() and bool(form.cleaned_data["active"])
    return _done(
        request,
        lambda: services.set_active(
            by=request.user, clinic=request.clinic, user=user, active=allowed, now=timezone.now()
        ),
    )


@require_POST
@staff("members.manage")
def factor(request: StaffRequest, pk: int) -> HttpResponseBase:
    user = _member(request, pk)
    return _done(
        request,
        lambda: services.take_factor_away(
            by=request.user, clinic=request.clinic, user=user, now=timezone.now()
        ),
    )


@require_POST
@never_cache
@staff("members.manage")
def link(request: StaffRequest, pk: int) -> HttpResponseBase:
    user = _member(request, pk)
    try:
        path = services.new_link(
            by=request.user, clinic=request.clinic, user=user, now=timezone.now()
        )
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("members")
    return _shown(request, InviteForm(), user, path)


@require_safe
@staff("trail.see")
def trail(request: StaffRequest) -> HttpResponseBase:
    pages = Paginator(selectors.trail(request.clinic), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    return render(request, "accounts/trail.html", {"page": page})


def _done(request: StaffRequest, change: Callable[[], None]) -> HttpResponseBase:
    try:
        change()
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, "Done.")
    return redirect("members")


def _member(request: StaffRequest, pk: int) -> User:
    user = selectors.members(request.clinic).filter(pk=pk).first()
    if user is None:
        raise Http404("no such member")
    return user


def _shown(
    request: StaffRequest,
    form: InviteForm,
    user: User | None = None,
    path: str = "",
    status: int = 200,
) -> HttpResponseBase:
    rows = [
        {
            "user": one,
            "roles": sorted(
                Membership.objects.filter(user=one, clinic=request.clinic).values_list(
                    "role", flat=True
                )
            ),
            "has_device": django_otp.user_has_device(one),
        }
        for one in selectors.members(request.clinic)
    ]
    made = {"username": user.username, "address": address(request, path)} if user else {}
    shown = {"rows": rows, "form": form, "roles": Role, "link": made}
    return render(request, "accounts/members.html", shown, status=status)
