"""What is kept, for everybody to read; one's own data by a link; the same for owners."""

import json
import logging
import smtplib
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from osler.core.wording import counted
from osler.web.accounts.access import StaffRequest, staff
from osler.web.accounts.models import Clinic
from osler.web.comments.limits import limits
from osler.web.naming import address
from osler.web.privacy import services
from osler.web.privacy.forms import PersonForm, RequestForm
from osler.web.privacy.keeping import all_kept, in_words
from osler.web.privacy.models import DataRequest, RetentionRun
from osler.web.visitors import daily_hash

_log = logging.getLogger(__name__)
_NOT_SENT = "We could not send an e-mail to this address. Please check it, or try again later."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, why and how long, made from what the retention clock itself reads."""
    form = RequestForm(request.POST or None, initial={"clinic": Clinic.objects.first()})
    status = 200
    if request.method == "POST":
        if form.is_valid() and _asked(request, form):
            return redirect("privacy-asked")
        status = 422
    context = {
        "form": form,
        "clinics": Clinic.objects.count(),
        "kept": [(kept, in_words(kept.period())) for kept in all_kept() if kept.fields],
        "akismet": bool(limits().akismet_key and limits().akismet_site),
        "contact": getattr(settings, "OSLER_CONTACT_EMAIL", ""),
    }
    return render(request, "privacy/privacy.html", context, status=status)


def _asked(request: HttpRequest, form: RequestForm) -> bool:
    filled = form.cleaned_data
    try:
        services.request_make(
            filled["email"],
            clinic=filled["clinic"],
            link=lambda token: address(request, reverse("privacy-mine", args=[token])),
            now=(now := timezone.now()),
            visitor=daily_hash(request, now),
        )
    except (OSError, smtplib.SMTPException) as error:
        _log.error("no link to somebody's data sent (%s)", type(error).__name__)
        form.add_error(None, _NOT_SENT)
        return False
    return True


def asked(request: HttpRequest) -> HttpResponse:
    """The same for everybody: who asks for another's address learns nothing."""
    return render(request, "privacy/asked.html", {})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """One's own data: to read, to download, to erase."""
    now = timezone.now()
    asked_for = services.request_of(token, now)
    if asked_for is None:
        raise Http404("no such request, or too old")
    if request.method == "POST":
        count = services.erase_own(asked_for, now=now)
        return render(request, "privacy/erased.html", {"count": count})
    if "download" in request.GET:
        return _download(services.exported(asked_for.email, asked_for.clinic), now)
    return _own_page(request, asked_for)


def _own_page(request: HttpRequest, asked_for: DataRequest) -> HttpResponse:
    found = services.exported(asked_for.email, asked_for.clinic)
    context = {"found": found, "asked_for": asked_for}
    return render(request, "privacy/mine.html", context)


def _as_text(thing: object) -> str:
    return json.dumps(thing, ensure_ascii=False, indent=1, sort_keys=True)


def _download(found: services.Export, now: datetime) -> HttpResponse:
    response = HttpResponse(_as_text(found), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="my-data-{now:%Y-%m-%d}.json"'
    return response


@staff("privacy.export")
def staff_page(request: StaffRequest) -> HttpResponse:
    """For an owner: one person's data, and what the clock has ended."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _for_owner(request, form.cleaned_data["email"])
    context = {"form": form, "runs": RetentionRun.objects.order_by("-day")[:14]}
    return render(request, "privacy/staff.html", context)


def _for_owner(request: StaffRequest, email: str) -> HttpResponse:
    now = timezone.now()
    if request.POST.get("action") == "erase":
        count = services.erase_for_owner(email, clinic=request.clinic, user=request.user, now=now)
        messages.success(request, f"{counted(count, 'thing')} erased.")
        return redirect("privacy-staff")
    found = services.export_for_owner(email, clinic=request.clinic, user=request.user, now=now)
    return _download(found, now)
