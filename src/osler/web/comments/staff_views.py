"""The moderators' side."""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from osler.core.wording import counted
from osler.web.accounts.access import StaffRequest, staff
from osler.web.comments import moderation, selectors
from osler.web.comments.forms import ReplyForm
from osler.web.comments.models import Comment, State
from osler.web.comments.wording import html_of

_A_PAGE = 25
_DONE = {
    State.SHOWN: "now on the page",
    State.REFUSED: "not shown",
    State.SPAM: "marked as spam",
    State.HELD: "waiting again",
}

_LEFT = "{} left as before: changed, withdrawn or decided on by somebody else meanwhile."


@staff(moderation.MODERATE)
def queue(request: StaffRequest) -> HttpResponse:
    """One list, with what each layer says, and buttons for one or for many."""
    name = request.GET.get("list", "held")
    if name not in selectors.QUEUES:
        raise Http404("no such list")
    pages = Paginator(selectors.queue(request.clinic, name), _A_PAGE)
    shown = pages.get_page(request.GET.get("page"))
    context = {
        "name": name,
        "counts": selectors.counts(request.clinic),
        "rows": selectors.queued(list(shown.object_list)),
        "shown": shown,
        "html_of": html_of,
        "local": localtime,
    }
    return render(request, "comments/queue.html", context)


@require_POST
def decide(request: HttpRequest) -> HttpResponseBase:
    """One or many comments to a state."""
    return _decide(request)


@staff(moderation.MODERATE)
def _decide(request: StaffRequest) -> HttpResponse:
    state, chosen = _chosen(request.POST)
    changed = moderation.comments_decide(
        chosen,
        state,
        clinic=request.clinic,
        user=request.user,
        batch=uuid.uuid4(),
        now=timezone.now(),
    )
    messages.success(request, f"{counted(changed, 'comment')} {_DONE[state]}.")
    if changed < len(chosen):
        messages.warning(request, _LEFT.format(counted(len(chosen) - changed, "comment")))
    return _back(request)


def _chosen(told: QueryDict) -> tuple[State, list[str]]:
    """The state, and for which: a button beside one comment means that one, whatever is ticked."""
    for choice in moderation.CHOICES:
        if only := told.get(f"only_{choice.value}"):
            return choice, [str(only)]
    state = told.get("state", "")
    if state not in moderation.CHOICES:
        raise Http404("no such state")
    return State(str(state)), told.getlist("comment")


@require_POST
def undo(request: HttpRequest) -> HttpResponseBase:
    """Takes the last click back."""
    return _undo(request)


@staff(moderation.MODERATE)
def _undo(request: StaffRequest) -> HttpResponse:
    back = moderation.decisions_undo(clinic=request.clinic, user=request.user, now=timezone.now())
    told = f"{counted(back, 'comment')} put back." if back else "There was nothing to undo."
    messages.success(request, told)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("list", "held")
    known = name if name in selectors.QUEUES else "held"
    return redirect(f"{reverse('comments-queue')}?list={known}")


@staff(moderation.MODERATE)
def answer(request: StaffRequest, pk: int) -> HttpResponse:
    """One comment with its thread's neighbours, and the form for the clinic's answer."""
    comment = get_object_or_404(
        Comment.objects.select_related("page__folder__clinic", "parent"),
        pk=pk,
        clinic=request.clinic,
    )
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _answered(request, comment, form.cleaned_data["text"])
    context = {
        "row": selectors.queued([comment])[0],
        "form": form,
        "html_of": html_of,
        "local": localtime,
        "decisions": comment.decisions.select_related("user").order_by("-at", "-pk"),
        "answers": comment.replies.filter(by_clinic=True, state=State.SHOWN).order_by("pk"),
    }
    return render(request, "comments/answer.html", context)


def _answered(request: StaffRequest, comment: Comment, text: str) -> HttpResponse:
    moderation.reply_as_clinic(
        comment.page,
        comment,
        text,
        clinic=request.clinic,
        user=request.user,
        now=timezone.now(),
    )
    messages.success(request, "Your answer is on the page.")
    return redirect(reverse("comments-answer", args=[comment.pk]))


@require_POST
def remove_answer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Takes back an answer of the clinic's."""
    return _remove_answer(request, pk)


@staff(moderation.MODERATE)
def _remove_answer(request: StaffRequest, pk: int) -> HttpResponse:
    reply = get_object_or_404(
        Comment.objects.select_related("page__folder"),
        pk=pk,
        clinic=request.clinic,
        by_clinic=True,
    )
    moderation.reply_remove(reply, clinic=request.clinic, user=request.user, now=timezone.now())
    messages.success(request, "The answer was taken from the page.")
    to = reply.parent_id
    return redirect("comments-answer", pk=to) if to else redirect("comments-queue")
