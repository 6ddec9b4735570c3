"""The audit for staff, what of it may be published, and the tables that leave."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from osler.practice.shielding import RULE
from osler.web.accounts.access import StaffRequest, staff
from osler.web.accounts.policies import may
from osler.web.practice import auditing
from osler.web.practice.exporting import EXPORT, TABLES, table_export
from osler.web.practice.forms import WithinForm
from osler.web.practice.selectors import COUNTED, PUBLISHED

_WITHIN = 10
PURPOSES = {"audit": COUNTED, "publication": PUBLISHED}


@require_safe
@never_cache
@staff("audit.see")
def audit(request: StaffRequest) -> HttpResponseBase:
    """Those who agreed to be counted."""
    return _shown(request, "audit")


@require_safe
@never_cache
@staff("audit.see")
def publication(request: StaffRequest) -> HttpResponseBase:
    """Those who also agreed to publication: what a page may say, and what not."""
    return _shown(request, "publication")


def _shown(request: StaffRequest, purpose: str, *, problem: str = "") -> HttpResponse:
    form = WithinForm(request.GET if "within" in request.GET else None)
    within = form.cleaned_data["within"] if form.is_bound and form.is_valid() else _WITHIN
    shown = {
        "problem": problem,
        "told": auditing.dashboard(request.clinic, PURPOSES[purpose], within),
        "purpose": purpose,
        "rule": RULE,
        "form": form if form.is_bound else WithinForm(initial={"within": within}),
        "tables": TABLES,
        "may_export": may(request.user, EXPORT, request.clinic),
    }
    status = 422 if problem or (form.is_bound and form.errors) else 200
    return render(request, "practice/audit.html", shown, status=status)


@require_POST
@staff(EXPORT)
def export(request: StaffRequest) -> HttpResponseBase:
    """One table as a file; the trail says who took it."""
    purpose, table = request.POST.get("purpose", ""), request.POST.get("table", "")
    if purpose not in PURPOSES or table not in TABLES:
        raise Http404("no such table")
    purposes, who = PURPOSES[purpose], request.user
    try:
        content = table_export(table, purposes, clinic=request.clinic, user=who, now=timezone.now())
    except ValidationError as problem:
        return _shown(request, purpose, problem=" ".join(problem.messages))
    headers = {"Content-Disposition": f'attachment; filename="{table}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
