"""What staff see of publishing: each folder, its last check, and a button."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from osler.web.accounts.access import StaffRequest, staff
from osler.web.accounts.policies import may
from osler.web.pages import selectors
from osler.web.pages.models import Folder, Page
from osler.web.pages.services import Result, publish_folder

_SAID = {
    Result.PUBLISHED: "Published.",
    Result.UNCHANGED: "Nothing has changed: what is published is what the folder says.",
    Result.REFUSED: "Not published: a page has errors. What was published stays.",
    Result.CHANGED_MEANWHILE: "Somebody saved while the check ran. Please try again.",
}


class ReasonForm(forms.Form):
    """Why pages are published although the check found errors; empty where it found none."""

    reason = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Reason for publishing with errors",
        help_text="It is kept with the version and in the audit trail.",
    )


@require_safe
@staff("pages.publish")
def folders(request: StaffRequest) -> HttpResponseBase:
    rows = [
        {
            "folder": folder,
            "pages": Page.objects.filter(folder=folder, is_live=True).defer("html", "text"),
            "errors": [d for d in folder.last_check if d["severity"] == "error"],
            "form": ReasonForm(auto_id=f"id_{folder.slug}_%s"),
        }
        for folder in selectors.folders_of(request.clinic)
    ]
    override = may(request.user, "pages.publish_with_errors", request.clinic)
    return render(request, "pages/folders.html", {"rows": rows, "override": override})


@require_POST
@staff("pages.publish")
def publish(request: StaffRequest, slug: str) -> HttpResponseBase:
    folder = Folder.objects.filter(slug=slug, clinic=request.clinic).first()
    if folder is None:
        raise Http404("no such folder")
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    outcome = publish_folder(folder, user=request.user, now=timezone.now(), reason=reason)
    messages.info(request, _SAID[outcome.result])
    return redirect("pages-folders")
