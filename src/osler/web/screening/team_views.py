"""Besides the screen: how far it is, who does what, conflicts, full texts, duplicates."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from osler.core.diagnostics import DataError
from osler.core.wording import counted
from osler.records.duplicates.model import Judgement, LinkKind, Opinion
from osler.records.model import Stage, Verdict
from osler.records.reports import Retrieval
from osler.records.screening.sharing import without_enough
from osler.web.accounts import selectors as accounts
from osler.web.accounts.access import StaffRequest, staff
from osler.web.accounts.policies import may
from osler.web.pages.models import Folder
from osler.web.screening import plans, selectors, services, syncing
from osler.web.screening.doors import at_desk
from osler.web.screening.drawing import draw
from osler.web.screening.seats import ACTION, Seat, is_local
from osler.web.screening.services import Refused, Said
from osler.web.screening.views import frame


@staff(ACTION)
def index(request: StaffRequest) -> HttpResponse:
    """The clinic's folders: those that a team screens, and those that it could."""
    folders = Folder.objects.filter(clinic=request.clinic, is_removed=False)
    context = {"folders": folders.select_related("screening").order_by("slug")}
    return render(request, "screening/index.html", context)


@require_POST
def begin(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A team screens a folder from now on, or folder and site are brought together again."""
    return _begin(request, slug)


@staff(ACTION)
def _begin(request: StaffRequest, slug: str) -> HttpResponse:
    folder = get_object_or_404(Folder, slug=slug, clinic=request.clinic)
    store = syncing.folder_store(folder)
    if not store.read():
        messages.error(request, "This folder has no records yet: add a search first.")
        return redirect("screening-index")
    try:
        syncing.begin(folder, store=store, user=request.user, now=timezone.now())
    except DataError as error:
        for d in error.diagnostics:
            messages.error(request, f"{d.code}: {d.message}. {d.found}. {d.help}.")
        return redirect("screening-index")
    messages.success(request, "The folder and the site say the same now.")
    return redirect("screening", slug=slug)


@at_desk
def progress(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The curve of finds, whether it may stop, samples, agreement."""
    review = seat.desk.review()
    now = timezone.now()
    context = {
        **frame(seat, "progress"),
        "curve_of": draw(review.curve, len(review.keys)),
        "certificate": services.certificate(review, today=services.when(now)[:10]),
        "samples": {kind: selectors.sampled(review, kind) for kind in plans.KINDS},
        "pools": {kind: len(services.pool_of(review, kind)) for kind in plans.KINDS},
        "agreement": selectors.agreed(review, Stage.TITLE_ABSTRACT),
        "votes": selectors.votes_by(review),
        "full_texts": len(review.full_texts),
    }
    return render(request, "screening/progress.html", context)


@require_POST
@at_desk
def sample(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Draws a random sample."""
    kind = request.POST.get("kind", "")
    if kind not in plans.KINDS:
        raise Http404("no such sample")
    size = services.sample_draw(seat, kind, _number(request, "size"), now=timezone.now())
    messages.success(request, f"{counted(size, 'record')} drawn: they come next on the screen.")
    return redirect("screening-progress", slug=seat.slug)


@require_POST
@at_desk
def certificate(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Writes the certificate."""
    made = services.certificate_write(seat, now=timezone.now())
    messages.success(request, f"Written to records/certificate.toml: {made}.")
    return redirect("screening-progress", slug=seat.slug)


@at_desk
def conflicts(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Where reviewers differ, for those whose own vote can no longer be swayed."""
    told = {stage: selectors.disagreements(seat, stage) for stage in Stage}
    context = {
        **frame(seat, "conflicts"),
        "rows": [(stage.value, row) for stage, (rows, _) in told.items() for row in rows],
        "unseen": sum(hidden for _, hidden in told.values()),
    }
    return render(request, "screening/conflicts.html", context)


@require_POST
@at_desk
def settle(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Ends a conflict."""
    told = request.POST
    stage, verdict = told.get("stage", ""), told.get("verdict", "")
    if stage not in set(Stage) or verdict not in set(Verdict):
        raise Http404("no such stage or verdict")
    said = Said(Verdict(verdict), told.get("reason", ""), told.get("note", ""))
    try:
        services.settle(seat, told.get("record", ""), Stage(stage), said, now=timezone.now())
        messages.success(request, "Settled.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("screening-conflicts", slug=seat.slug)


@at_desk
def texts(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Full texts: which were got, where they lie."""
    review = seat.desk.review()
    stage = Stage.FULL_TEXT
    rows = [
        (
            review.ledger.library.by_key[key],
            review.ledger.full_texts.get(key),
            review.own(key, stage, seat.who),
        )
        for key in review.full_texts
    ]
    context = {
        **frame(seat, "texts"),
        "rows": rows,
        "statuses": [status.value for status in Retrieval],
        "is_address": selectors.is_address,
    }
    return render(request, "screening/texts.html", context)


@require_POST
@at_desk
def report(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """What is known of one full text."""
    told = {name: request.POST.get(name, "") for name in ("record", "status", "link", "note")}
    key = told.pop("record")
    try:
        services.report(seat, key, **told, now=timezone.now())
        messages.success(request, "Kept.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("screening-texts", slug=seat.slug)


@at_desk
def pairs(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Pairs that may be duplicates, with what speaks for and against."""
    review = seat.desk.review()
    parts = {part.key: part for e in review.ledger.library.entries for part in e.parts}
    owner, by_key = review.ledger.library.owner, review.ledger.library.by_key
    rows = [
        (pair, *((parts.get(key) or by_key[owner[key]].record) for key in pair.keys))
        for pair in sorted(review.look, key=lambda p: p.judged is not None)
    ]
    context = {**frame(seat, "pairs"), "rows": rows, "kinds": [kind.value for kind in LinkKind]}
    return render(request, "screening/pairs.html", context)


@require_POST
@at_desk
def judge(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Merge, keep apart, link, or open again."""
    told = request.POST
    opinion, kind = told.get("opinion", ""), told.get("kind", "")
    if opinion not in set(Opinion) or (kind and kind not in set(LinkKind)):
        raise Http404("no such opinion")
    keys = (told.get("first", ""), told.get("second", ""))
    linked = LinkKind(kind) if kind and opinion == Opinion.LINKED else None
    made = Judgement(*keys, Opinion(opinion), "", "", linked, told.get("note", ""))
    try:
        services.judge(seat, made, now=timezone.now())
        messages.success(request, f"Kept: {opinion}.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("screening-pairs", slug=seat.slug)


@at_desk
def team(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Who screens what share; the calibration round."""
    review = seat.desk.review()
    context = {
        **frame(seat, "team"),
        "members": _members(seat),
        "shares": selectors.shares_of(review),
        "votes": selectors.votes_by(review),
        "round": selectors.calibrated(review),
        "too_few": len(without_enough(review.shares, review.needed)) if review.shares else 0,
        "unread": len(services.pool_of(review, plans.UNREAD)),
    }
    return render(request, "screening/team.html", context)


@require_POST
@at_desk
def share(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Shares the records out."""
    weights = {}
    for who in _members(seat):
        try:
            weight = float(request.POST.get(f"weight {who}", "0") or 0)
        except ValueError:
            raise Refused(f"The part of {who} is not a number.") from None
        if weight:
            weights[who] = weight
    services.team_set(seat, weights, now=timezone.now())
    messages.success(request, "The records are shared out.")
    return redirect("screening-team", slug=seat.slug)


@require_POST
@at_desk
def leave(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Somebody stops; the others take over what is open."""
    services.reviewer_left(seat, request.POST.get("who", ""), now=timezone.now())
    messages.success(request, "What they had still to screen went to the others.")
    return redirect("screening-team", slug=seat.slug)


@require_POST
@at_desk
def calibrate(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """Begins or ends a calibration round."""
    services.calibration_begin(seat, _number(request, "size"), now=timezone.now())
    return redirect("screening-team", slug=seat.slug)


def _members(seat: Seat) -> list[str]:
    if seat.clinic is None:
        told = seat.desk.review().ledger.criteria.reviewers
        return list(dict.fromkeys((*told, seat.who)))
    every = accounts.members(seat.clinic)
    return [user.username for user in every if may(user, ACTION, seat.clinic)]


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "").strip() or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise Refused("Write a whole number.")
    return int(text)


def home(request: HttpRequest) -> HttpResponse:
    """The address of ``osler screen``."""
    if not is_local():
        raise Http404("only on one's own machine")
    return cast(HttpResponse, redirect(reverse("screening", kwargs={"slug": "here"})))
