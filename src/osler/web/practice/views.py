"""Questionnaires for patients: plain HTML forms, no account, no script, big enough for a thumb."""

from collections.abc import Collection, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from osler.practice.instruments import Instrument
from osler.web.practice import agreeing, asking
from osler.web.practice.agreeing import Incomplete, Unread
from osler.web.practice.asking import Asked, Spent
from osler.web.practice.filling import Unanswered, parse_filled, questions
from osler.web.practice.links import nonce_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def questionnaire(request: HttpRequest, token: str) -> HttpResponse:
    """One questionnaire after another; each is kept when the person goes on."""
    try:
        asked = asking.asked(token, timezone.now())
        if asked.invitation.awaits_consent or not asked.instruments:
            return redirect("practice-agree", token=token)
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
        "agreement": _agreement_address(asked, request),
    }
    # Always 200: Django writes the address of anything else into the log, and this one is a key.
    return render(request, "practice/questions.html", context)


def _agreement_address(asked: Asked, request: HttpRequest) -> str:
    """Where what was agreed to by this link can be changed; "" where it asked for nothing."""
    return f"{request.path}agree/" if asked.invitation.asks_consent else ""


def _readable(instrument: Instrument, sent: Mapping[str, str]) -> Mapping[str, float]:
    """What of a form that is given back can be shown again."""
    found: dict[str, float] = {}
    for item in instrument.items:
        told = sent.get(f"a-{item.key}", "")
        if told.isascii() and told.isdecimal() and len(told) < 10:
            found[item.key] = float(told)
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody agrees to, by their own hand, before any question; later to change it."""
    try:
        if request.method == "POST":
            return _chosen(request, token)
        return _agreement(request, token)
    except Spent:  # or it asks for no consent: then its questions are there
        return redirect("practice-questions", token=token)


def _chosen(request: HttpRequest, token: str) -> HttpResponse:
    now, ticked = timezone.now(), request.POST.getlist("agreed")
    if request.POST.get("action") == "decline":
        agreeing.record_decline(token, now=now)
        return redirect("practice-declined")
    try:
        asked = agreeing.choices_keep(token, ticked, now=now)
    except Unread:
        return _agreement(request, token, problem=_UNREAD, ticked=())
    except Incomplete:
        return _agreement(request, token, problem=_INCOMPLETE, ticked=ticked)
    if asked.instruments:
        return redirect("practice-questions", token=token)
    return redirect("practice-agreed")


_UNREAD = "The words have changed since you opened this page. Please read them and tick again."
_INCOMPLETE = (
    "Nothing is kept yet. The other choices need the first one: without a record there is nothing "
    "to count, to publish or to remind you of. Tick it, or say that you do not agree to a record."
)


def _agreement(
    request: HttpRequest, token: str, *, problem: str = "", ticked: Collection[str] | None = None
) -> HttpResponse:
    asked, words = agreeing.offered(token, timezone.now())
    in_force = agreeing.agreed_to(asked.invitation.episode)
    now = {key for key, one in words.items() if one.purpose in in_force}
    context = {
        "words": words,
        "ticked": now if ticked is None else set(ticked),
        "problem": problem,
        "has_agreed": bool(in_force),
        "asks_more": bool(asked.instruments),
        "clinic_name": asked.invitation.episode.clinic.name,
        "until": timezone.localtime(asked.invitation.expires_at),
    }
    return render(request, "practice/agree.html", context)


@require_safe
def agreed(request: HttpRequest) -> HttpResponse:
    """The choices are kept. Does not tell whose they were."""
    return render(request, "practice/agreed.html", {})


@require_safe
def declined(request: HttpRequest) -> HttpResponse:
    """There is no record, or it is used no longer. Does not tell whose."""
    return render(request, "practice/declined.html", {})


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
