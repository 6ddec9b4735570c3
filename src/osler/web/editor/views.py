"""The editor over HTTP."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csp.constants import NONCE, SELF
from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from osler.core.diagnostics import Diagnostic
from osler.web.accounts.access import StaffRequest, staff
from osler.web.accounts.policies import may
from osler.web.editor import git, selectors
from osler.web.editor.checking import findings_in, has_errors, show_text
from osler.web.editor.files import NoSuchPage, blob_hash
from osler.web.editor.findings import as_data
from osler.web.editor.forms import NewPageForm, PageForm
from osler.web.editor.services import NOT_UNDER_GIT, Conflict, NotSaved, page_new, page_save
from osler.web.pages.models import Folder
from osler.web.pages.services import Result, publish_folder

_SAID = {
    Result.PUBLISHED: "Saved and published.",
    Result.UNCHANGED: "Saved. What is published is what the folder says.",
    Result.REFUSED: "Saved, but not published: a page of the folder has errors.",
    Result.CHANGED_MEANWHILE: "Saved. Somebody else saved while the check ran: publish again.",
}


@require_safe
@staff("pages.edit")
def pages(request: StaffRequest) -> HttpResponseBase:
    shown = {"rows": selectors.folder_rows(request.clinic), "form": NewPageForm()}
    return render(request, "editor/pages.html", shown)


@require_POST
@staff("pages.edit")
def new(request: StaffRequest, folder: str) -> HttpResponseBase:
    at = selectors.folder_at(request.clinic, folder)
    form = NewPageForm(request.POST)
    if form.is_valid():
        name, title = form.cleaned_data["name"], form.cleaned_data["title"]
        try:
            page_new(at, name, title, user=request.user, now=timezone.now())
        except NoSuchPage:
            form.add_error("name", "There is a page at this address already.")
        except NotSaved as why:
            form.add_error(None, f"Not saved: {why}.")
        else:
            return redirect("editor-page", at.slug, name)
    shown = {"rows": selectors.folder_rows(request.clinic), "form": form}
    return render(request, "editor/pages.html", shown, status=400)


@csp_update({"style-src": [NONCE], "frame-src": [SELF]})  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
@staff("pages.edit")
def page(request: StaffRequest, folder: str, name: str) -> HttpResponseBase:
    """GET opens a page; POST checks, saves or publishes what was written."""
    at = selectors.folder_at(request.clinic, folder)
    _, content = selectors.page_content(at, name)
    if request.method != "POST":
        text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
        return _shown(request, at, name, PageForm({"text": text, "base": blob_hash(content)}))
    form = PageForm(request.POST)
    wanted = request.POST.get("do", "check")
    if not form.is_valid() or wanted not in ("save", "publish"):
        return _shown(request, at, name, form, status=200 if form.is_valid() else 400)
    return _save(request, at, name, form, publish=wanted == "publish")


def _save(
    request: StaffRequest, folder: Folder, name: str, form: PageForm, *, publish: bool
) -> HttpResponseBase:
    data = form.cleaned_data
    try:
        done = page_save(
            folder,
            name,
            data["text"],
            base=data["base"],
            note=data["note"],
            user=request.user,
            now=timezone.now(),
        )
    except NotSaved as why:
        form.add_error(None, f"Not saved: {why}.")
        return _shown(request, folder, name, form, status=409)
    if isinstance(done, Conflict):
        form = PageForm({**form.cleaned_data, "base": done.base})
        form.is_valid()
        return _shown(request, folder, name, form, conflict=done, status=409)
    if publish:
        outcome = publish_folder(
            folder, user=request.user, now=timezone.now(), reason=data["reason"]
        )
        messages.info(request, _SAID[outcome.result])
    else:
        messages.success(request, "Saved." if done.changed else "Nothing had changed.")
    return redirect("editor-page", folder.slug, name)


def _shown(
    request: StaffRequest,
    folder: Folder,
    name: str,
    form: PageForm,
    *,
    conflict: Conflict | None = None,
    status: int = 200,
) -> HttpResponse:
    text = _lines(form.data.get("text", ""))
    found, problem = _found(folder, name, text)
    root = Path(folder.path)
    path = root / "pages" / f"{name}.md"
    shown: dict[str, Any] = {
        "folder": folder,
        "name": name,
        "form": form,
        "found": found,
        "problem": problem,
        "errors": has_errors(found),
        "override": may(request.user, "pages.publish_with_errors", folder.clinic),
        "is_under_git": git.is_under_git(root),
        "last": git.last_change(root, path),
        "conflict": conflict,
        "nonce": getattr(request, "csp_nonce", ""),
        "how": NOT_UNDER_GIT,
    }
    return render(request, "editor/page.html", shown, status=status)


def _found(folder: Folder, name: str, text: str) -> tuple[Sequence[Diagnostic], str]:
    try:
        return findings_in(Path(folder.path), f"pages/{name}.md", text, timezone.localdate()), ""
    except OSError as error:
        return (), f"The folder cannot be read: {error.strerror or error}."


@require_POST
@staff("pages.edit")
def check(request: StaffRequest, folder: str, name: str) -> HttpResponseBase:
    """What the checker says of a text, for the page that is open; nothing is written."""
    at = selectors.folder_at(request.clinic, folder)
    selectors.page_content(at, name)
    text = _lines(request.POST.get("text", ""))
    found, problem = _found(at, name, text)
    return JsonResponse({"findings": as_data(found, text), "problem": problem})


@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF], "form-action": ["'none'"], "sandbox": [""]})  # type: ignore[arg-type]
@require_POST
@staff("pages.edit")
def preview(request: StaffRequest, folder: str, name: str) -> HttpResponseBase:
    """The page as readers would see it, in a frame that can do nothing."""
    at = selectors.folder_at(request.clinic, folder)
    selectors.page_content(at, name)
    text = _lines(request.POST.get("text", ""))
    try:
        made = show_text(Path(at.path), f"pages/{name}.md", text, timezone.localdate())
    except OSError as error:
        return render(request, "editor/no_preview.html", {"found": (), "problem": str(error)})
    if made.html:
        return HttpResponse(made.html)
    return render(request, "editor/no_preview.html", {"found": made.diagnostics, "problem": ""})


def _lines(text: object) -> str:
    return str(text).replace("\r\n", "\n").replace("\r", "\n")
