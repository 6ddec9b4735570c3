"""The reader's side, in plain HTML forms."""

from collections.abc import Mapping
from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from osler.web.comments import services
from osler.web.comments.forms import CommentForm, EditForm
from osler.web.comments.limits import limits
from osler.web.comments.models import Comment, State
from osler.web.comments.signing import comment_of, form_stamp, writer_token
from osler.web.comments.wording import html_of
from osler.web.pages.models import Page
from osler.web.pages.selectors import remembered_page
from osler.web.visitors import daily_hash


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """The form on its own page, for a page or in answer to a comment on it."""
    page = remembered_page(slug)
    if request.method == "POST":
        return _sent(request, page)
    parent = _parent(page, request.GET.get("to", ""))
    initial = {"stamp": form_stamp(page.slug, timezone.now())}
    form = CommentForm(initial=initial | ({"parent": parent.pk} if parent else {}))
    return _form_page(request, page, form, parent)


def _sent(request: HttpRequest, page: Page) -> HttpResponse:
    form = CommentForm(request.POST)
    parent = _parent(page, request.POST.get("parent", ""))
    if not form.is_valid():
        return _form_page(request, page, form, parent, status=422)
    now = timezone.now()
    filled = form.cleaned_data
    written = services.Written(
        filled["name"], filled["email"], filled["text"], filled["stamp"], filled["website"], parent
    )
    try:
        services.comment_write(
            page,
            written,
            visitor=daily_hash(request, now),
            site=settings.OSLER_URL or request.build_absolute_uri("/").rstrip("/"),
            now=now,
        )
    except services.TooMany:
        form.add_error(None, _TOO_MANY)
        return _form_page(request, page, form, parent, status=429)
    return redirect("comments-sent", slug=page.slug)


_TOO_MANY = (
    "Too many comments have come from your connection, or with this e-mail address, and none of "
    "this was kept. Please confirm those that wait for you, or try again later."
)


def _parent(page: Page, told: str) -> Comment | None:
    """The comment to be answered; None where it is not, or no longer, on the page."""
    if not told.isdecimal() or len(told) > 18:
        return None
    return Comment.objects.filter(pk=int(told), page=page, state=State.SHOWN).first()


def _form_page(
    request: HttpRequest, page: Page, form: CommentForm, parent: Comment | None, status: int = 200
) -> HttpResponse:
    context = {"page": page, "form": form, "parent": parent, "html_of": html_of}
    return render(request, "comments/write.html", context, status=status)


def sent(request: HttpRequest, slug: str) -> HttpResponse:
    """What comes next. Does not tell whose comment it was."""
    context = {"page": remembered_page(slug), "hours": limits().keep_unconfirmed_hours}
    return render(request, "comments/sent.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest, token: str) -> HttpResponse:
    """The writer's page: confirm, change, withdraw.

    Looking at it changes nothing: programs that read mail follow links, but press no buttons.
    """
    comment = _by_token(token)
    if request.method == "POST":
        return _changed(request, comment, request.POST)
    return _mine_page(request, comment, EditForm(initial=_initial(comment)))


def _initial(comment: Comment) -> dict[str, str]:
    return {"name": comment.name, "text": comment.text}


def _by_token(token: str) -> Comment:
    pk = comment_of(token)
    if pk is None:
        raise Http404("not a link of ours")
    comment = Comment.objects.select_related("page__folder", "clinic").filter(pk=pk).first()
    if comment is None or comment.by_clinic:
        raise Http404("no comment here")
    return comment


def _changed(request: HttpRequest, comment: Comment, told: Mapping[str, str]) -> HttpResponse:
    now = timezone.now()
    action = told.get("action", "")
    if action == "confirm":
        services.comment_confirm(comment, now=now)
    elif action == "withdraw":
        services.comment_withdraw(comment, now=now)
    elif action == "edit":
        form = EditForm(cast(dict[str, str], told))
        if not form.is_valid():
            return _mine_page(request, comment, form, status=422)
        filled = form.cleaned_data
        try:
            services.comment_edit(comment, name=filled["name"], text=filled["text"], now=now)
        except services.TooMany:
            form.add_error(None, _TOO_OFTEN)
            return _mine_page(request, comment, form, status=429)
    return redirect("comments-mine", token=writer_token(comment.pk))


_TOO_OFTEN = (
    "This comment has been changed very often within the hour, and this change was not kept. "
    "Please try again in an hour."
)


def _mine_page(
    request: HttpRequest, comment: Comment, form: EditForm, status: int = 200
) -> HttpResponse:
    context = {"comment": comment, "page": comment.page, "form": form, "html_of": html_of}
    return render(request, "comments/mine.html", context | {"hours": _hours()}, status=status)


def _hours() -> int:
    return limits().keep_unconfirmed_hours
