"""Questionnaires for patients: plain HTML forms, no account, no script, big enough for a thumb."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from osler.practice.instruments import Instrument
from osler.web.practice import asking
from osler.web.practice.asking import Asked, Spent
from osler.web.practice.filling import Unanswered, parse_filled, questions
from osler.web.practice.links import nonce_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def questionnaire(request: HttpRequest, token: str) -> HttpResponse:
    """One questionnaire after another; each is kept when the person goes on."""
    try:
        asked = asking.asked(token, timezone.now())
        if request.method == "POST":
            return _filled_in(request, token, asked)
    except Spent:
        return render(request, "practice/spent.html", {}, status=410)
    return _form(request, asked, _place(request, asked))


def _filled_in(request: HttpRequest, token: str, asked: Asked) -> HttpResponse:
    keys = [one.key for one in asked.instruments]
    key, action = request.POST.get("part", ""), request.POST.get("action", "")
    if key not in keys or action not in ("next", "back", "skip"):
        return _form(request, asked, _place(request, asked))
    place = keys.index(key)
    instrument = asked.instruments[place]
    try:
        filled = None if action == "skip" else parse_filled(instrument, request.POST)
    except Unanswered as missing:
        if action == "back":
            return _to(token, place - 1)
        return _form(request, asked, place, missing=missing, sent=request.POST)
    now = timezone.now()
    asked = asking.draft_keep(token, key, filled, now=now)
    if action == "back":
        return _to(token, place - 1)
    if place + 1 < len(keys):
        return _to(token, place + 1)
    undone = _undone(asked)
    if undone is not None:
        return _to(token, undone)
    asking.answers_send(token, now=now)
    return redirect("practice-received")


def _to(token: str, place: int) -> HttpResponse:
    address = reverse("practice-questions", args=[token])
    return redirect(f"{address}?part={max(0, place) + 1}")


def _undone(asked: Asked) -> int | None:
    every = enumerate(asked.instruments)
    return next((n for n, one in every if not asking.is_filled_in(asked, one)), None)


def _place(request: HttpRequest, asked: Asked) -> int:
    """The part that the address names; else the first that is not filled in, else the last."""
    undone, last = _undone(asked), len(asked.instruments) - 1
    furthest = last if undone is None else undone
    told = request.GET.get("part", "")
    if told.isascii() and told.isdecimal() and len(told) < 4:
        return min(max(int(told) - 1, 0), furthest)
    return furthest


def _form(
    request: HttpRequest,
    asked: Asked,
    place: int,
    *,
    missing: Unanswered | None = None,
    sent: Mapping[str, str] | None = None,
) -> HttpResponse:
    instrument = asked.instruments[place]
    kept = asked.invitation.draft.get(instrument.key) or {}
    context = {
        "instrument": instrument,
        "questions": questions(instrument, kept if sent is None else _readable(instrument, sent)),
        "missing": missing.names if missing else frozenset(),
        "number": place + 1,
        "of": len(asked.instruments),
        "was_kept": bool(asked.invitation.draft),
        "clinic_name": asked.invitation.episode.clinic.name,
        "until": timezone.localtime(asked.invitation.expires_at),
    }
    # Always 200: Django writes the address of anything else into the log, and this one is a key.
    return render(request, "practice/questions.html", context)


def _readable(instrument: Instrument, sent: Mapping[str, str]) -> Mapping[str, float]:
    """What of a form that is given back can be shown again."""
    found: dict[str, float] = {}
    for item in instrument.items:
        told = sent.get(f"a-{item.key}", "")
        if told.isascii() and told.isdecimal() and len(told) < 10:
            found[item.key] = float(told)
    return found


@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """The answers are kept. Does not tell whose they were."""
    return render(request, "practice/received.html", {})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more e-mails. Looking at it changes nothing: programs that read mail follow links."""
    if nonce_of(token) is None:
        return render(request, "practice/spent.html", {}, status=410)
    if request.method == "POST":
        try:
            asking.reminders_stop(token, now=timezone.now())
        except Spent:
            return render(request, "practice/spent.html", {}, status=410)
    return render(request, "practice/stop.html", {"stopped": request.method == "POST"})
