"""The screen: one record, three buttons; and what one has decided."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from osler.core.wording import counted
from osler.records.model import Stage, Verdict
from osler.web.screening import selectors, services
from osler.web.screening.doors import at_desk
from osler.web.screening.plans import Words
from osler.web.screening.queueing import Filters
from osler.web.screening.seats import Seat, is_local
from osler.web.screening.services import Said

_A_PAGE = 50
_SKIPS = 200
_FILTERS = ("abstract", "language", "from", "to", "words")
_DONE = {"include": "Included", "exclude": "Excluded", "maybe": "Kept as maybe"}


@at_desk
def screen(request: HttpRequest, seat: Seat, stage: str = "title-abstract") -> HttpResponseBase:
    """The next record, or the one that the address names."""
    at = _stage(stage)
    filters = Filters.of(request.GET.dict())
    skipped = request.session.get(_skip_key(seat, at), [])
    shown = selectors.screen(seat, at, filters, key=request.GET.get("record", ""), skipped=skipped)
    library = shown.review.ledger.library
    context = {
        **frame(seat, "full-text" if at is Stage.FULL_TEXT else "screen"),
        "screen": shown,
        "stage": at.value,
        "filters": filters,
        "query": _query(request),
        "is_chosen": "record" in request.GET,
        "languages": sorted({r.language for r in library.records if r.language}),
        "words": shown.review.plan.words.get(seat.who, Words()),
        "is_address": selectors.is_address,
    }
    return render(request, "screening/screen.html", context)


@require_POST
@at_desk
def decide(request: HttpRequest, seat: Seat, stage: str) -> HttpResponseBase:
    """Keeps a vote, then shows the next record."""
    at, told = _stage(stage), request.POST
    key, verdict = told.get("record", ""), told.get("verdict", "")
    if verdict not in _DONE:
        raise Http404("no such verdict")
    said = Said(
        Verdict(verdict),
        told.get("reason", ""),
        told.get("note", ""),
        tuple(told.get("labels", "").split(",")),
    )
    try:
        services.decide(seat, key, at, said, now=timezone.now())
    except services.Refused as refused:
        messages.error(request, str(refused))
        return redirect(f"{_at(seat, at)}?{urlencode({'record': key})}")
    _unskip(request, seat, at, key)
    return _on(request, seat, at)


@require_POST
@at_desk
def undo(request: HttpRequest, seat: Seat, stage: str) -> HttpResponseBase:
    """Takes the last vote back and shows its record again."""
    at = _stage(stage)
    key = services.undo(seat, at, now=timezone.now())
    if not key:
        messages.info(request, "There is nothing to undo.")
        return _on(request, seat, at)
    messages.success(request, "Taken back: decide again, or skip it.")
    return redirect(f"{_at(seat, at)}?{urlencode({'record': key})}")


@require_POST
@at_desk
def skip(request: HttpRequest, seat: Seat, stage: str) -> HttpResponseBase:
    """Puts a record behind all others until one logs out; nothing is decided."""
    at, key = _stage(stage), request.POST.get("record", "")
    name = _skip_key(seat, at)
    before = [k for k in request.session.get(name, []) if k != key]
    request.session[name] = [*before, key][-_SKIPS:]
    return _on(request, seat, at)


@at_desk
def history(request: HttpRequest, seat: Seat) -> HttpResponse:
    """One's own votes, newest first, each with a link to change it."""
    review = seat.desk.review()
    pages = Paginator(selectors.last_of(review, seat.who), _A_PAGE)
    context = {
        **frame(seat, "history"),
        "shown": pages.get_page(request.GET.get("page")),
        "entries": review.ledger.library.by_key,
        "done": _DONE,
    }
    return render(request, "screening/history.html", context)


@at_desk
def search(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Records by their words, also those that are decided."""
    filters = Filters.of(request.GET.dict())
    rows = selectors.searched(seat, Stage.TITLE_ABSTRACT, filters.words, filters)
    shown = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    context = {
        **frame(seat, "search"),
        "filters": filters,
        "shown": shown,
        "told": counted(len(rows), "record"),
        "query": _query(request),
        "done": _DONE,
    }
    return render(request, "screening/search.html", context)


@require_POST
@at_desk
def words(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """One's own words to point out."""
    told = [
        tuple(dict.fromkeys(w for line in request.POST.get(name, "").splitlines()
                            for one in line.split(",") if (w := " ".join(one.split())[:100])))
        for name in ("in", "out")
    ]  # fmt: skip
    services.words_set(seat, Words(*told))
    messages.success(request, "Your words are kept.")
    return redirect("screening", slug=seat.slug)


@at_desk
def text(request: HttpRequest, seat: Seat) -> HttpResponseBase:
    """A full text that lies in the folder, to be saved; nothing outside of records/."""
    review = seat.desk.review()
    report = review.ledger.full_texts.get(request.GET.get("record", ""))
    link = report.link if report else ""
    records = (seat.folder / "records").resolve()
    path = (records / link.removeprefix("records/")).resolve()
    if not link or selectors.is_address(link) or not path.is_relative_to(records):
        raise services.Refused("The folder has no such PDF below records/.")
    if path.suffix.lower() != ".pdf" or not path.is_file():
        raise services.Refused("The folder has no such PDF below records/.")
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


def frame(seat: Seat, here: str) -> dict[str, object]:
    """What the head of every page needs."""
    review = seat.desk.review()
    return {
        "seat": seat,
        "here": here,
        "is_local": is_local(),
        "review": review,
        "problems": review.diagnostics,
        "conflict_count": sum(map(len, review.conflicts.values())),
        "look_count": sum(pair.judged is None for pair in review.look),
    }


def _stage(name: str) -> Stage:
    if name not in set(Stage):
        raise Http404("no such stage")
    return Stage(name)


def _at(seat: Seat, stage: Stage) -> str:
    if stage is Stage.TITLE_ABSTRACT:
        return reverse("screening", kwargs={"slug": seat.slug})
    return reverse("screening-stage", kwargs={"slug": seat.slug, "stage": stage.value})


def _query(request: HttpRequest) -> str:
    told = {name: request.GET[name] for name in _FILTERS if request.GET.get(name)}
    return urlencode(told)


def _on(request: HttpRequest, seat: Seat, stage: Stage) -> HttpResponse:
    query = _query(request)
    return redirect(f"{_at(seat, stage)}{'?' + query if query else ''}")


def _skip_key(seat: Seat, stage: Stage) -> str:
    return f"skipped {seat.slug} {stage.value}"


def _unskip(request: HttpRequest, seat: Seat, stage: Stage, key: str) -> None:
    skipped = request.session.get(_skip_key(seat, stage), [])
    if key in skipped:
        request.session[_skip_key(seat, stage)] = [k for k in skipped if k != key]
