"""Episodes of care: the practitioners' side."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import segno
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from osler.web import naming
from osler.web.accounts.access import StaffRequest, staff
from osler.web.accounts.policies import may
from osler.web.practice import asking, reminding, selectors, services
from osler.web.practice.forms import (
    AddressForm,
    AskForm,
    ConsentForm,
    EraseForm,
    NewEpisodeForm,
    TellForm,
)
from osler.web.practice.limits import limits
from osler.web.practice.links import token_of
from osler.web.practice.models import Answer, Contact, Episode, Invitation
from osler.web.practice.questionnaires import offered
from osler.web.practice.wording import wordings

SEE = "episodes.see"
_A_PAGE = 50


@require_safe
@never_cache
@staff(SEE)
def episodes(request: StaffRequest) -> HttpResponseBase:
    """Who still comes, or everybody."""
    everybody = request.GET.get("all") == "yes"
    rows = selectors.episodes_of(request.clinic, only_open=not everybody)
    page = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "everybody": everybody, "may_write": _may_write(request)}
    return render(request, "practice/episodes.html", shown)


@never_cache
@staff(services.WRITE)
def new(request: StaffRequest) -> HttpResponseBase:
    """A new episode, with the consents one by one."""
    by_link = "by_link" in request.POST
    first = {"started": f"{localdate():%Y-%m}"}
    form = NewEpisodeForm(request.POST or None, initial=first, by_link=by_link)
    if request.method == "POST" and form.is_valid():
        made = _opened(request, form.cleaned_data, by_link=by_link)
        messages.success(request, f"{made.code} is made. Write the number into your own list.")
        return redirect("practice-episode", number=made.number)
    shown = {
        "form": form,
        "wordings": wordings().values(),
        "agreed": set(form["consents"].value() or ()),
        "conditions": selectors.words_used(request.clinic, "condition"),
        "treatments": selectors.words_used(request.clinic, "treatment"),
    }
    return render(request, "practice/new.html", shown, status=422 if form.errors else 200)


def _opened(request: StaffRequest, told: dict[str, Any], *, by_link: bool) -> Episode:
    names = ("condition", "treatment", "started", "started_on", "email")
    opened = services.Opened(*(told[name] for name in names))
    clinic, user, now = request.clinic, request.user, timezone.now()
    if by_link:
        return services.episode_open_waiting(opened, clinic=clinic, user=user, now=now)
    consents = told["consents"]
    return services.episode_open(opened, consents=consents, clinic=clinic, user=user, now=now)


@require_safe
@never_cache
@staff(SEE)
def episode(request: StaffRequest, number: int) -> HttpResponseBase:
    """Everything about one episode."""
    return _shown(request, _episode(request, number))


@require_POST
@staff(services.WRITE)
def tell(request: StaffRequest, number: int) -> HttpResponseBase:
    row = _episode(request, number)
    form = TellForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, tell=form)
    told = services.Told(**form.cleaned_data)
    return _done(request, number, "Kept.", lambda more: services.episode_tell(number, told, **more))


@require_POST
@staff(services.WRITE)
def session(request: StaffRequest, number: int) -> HttpResponseBase:
    _episode(request, number)
    return _done(request, number, "One session more.", lambda m: services.session_add(number, **m))


@require_POST
@staff(services.WRITE)
def consent(request: StaffRequest, number: int) -> HttpResponseBase:
    """Given or taken back, for one purpose."""
    row, form = _episode(request, number), ConsentForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, problem="Say for which purpose.")
    purpose, give = form.cleaned_data["purpose"], form.cleaned_data["give"]
    act = services.consent_give if give else services.consent_revoke
    told = "Consent is kept." if give else "Consent is taken back."
    return _done(request, number, told, lambda more: act(number, purpose, **more))


@require_POST
@staff(services.WRITE)
def address(request: StaffRequest, number: int) -> HttpResponseBase:
    row, form = _episode(request, number), AddressForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, address=form)
    email = form.cleaned_data["email"]
    told = "The address is kept." if email else "The address is deleted."
    return _done(request, number, told, lambda m: services.address_keep(number, email, **m))


@require_POST
@staff(services.WRITE)
def ask(request: StaffRequest, number: int) -> HttpResponseBase:
    """A link to questionnaires; shown next, as text and as a code for the tablet."""
    row, form = _episode(request, number), _ask_form(request.POST)
    if not form.is_valid():
        return _shown(request, row, ask=form)
    made: list[Invitation] = []

    def act(more: dict[str, Any]) -> None:
        told = form.cleaned_data
        made.append(
            asking.invitation_make(
                number, told["instruments"], asks_consent=told["consent"], **more
            )
        )

    back = _done(request, number, "", act)
    return redirect("practice-link", number=number, pk=made[0].pk) if made else back


@require_POST
@staff(services.WRITE)
def erase(request: StaffRequest, number: int) -> HttpResponseBase:
    """Everything of one person, at their wish."""
    row, form = _episode(request, number), EraseForm(request.POST)
    if not form.is_valid() or form.cleaned_data["code"].strip().upper() != row.code:
        return _shown(request, row, problem=f"To erase it, type its number: {row.code}.")
    services.episode_erase(number, clinic=request.clinic, user=request.user, now=timezone.now())
    messages.success(request, f"{row.code} is erased.")
    return redirect("practice-episodes")


@require_safe
@never_cache
@staff(services.WRITE)
def link(request: StaffRequest, number: int, pk: int) -> HttpResponseBase:
    """One link, to copy, to send, or to hold a tablet's camera to."""
    row = _episode(request, number)
    invitation = get_object_or_404(Invitation, pk=pk, episode=row)
    path = reverse("practice-questions", args=[token_of(invitation.nonce)])
    shown = {
        "episode": row,
        "invitation": invitation,
        "names": _names(invitation),
        "is_open": _is_open(invitation),
        "address": naming.address(request, path),
        "qr": _qr(naming.address(request, path)),
        "can_mail": "reminders" in selectors.consents_in_force(row)
        and Contact.objects.filter(episode=row).exists(),
        "local": localtime,
    }
    return render(request, "practice/link.html", shown)


@require_POST
@staff(services.WRITE)
def mail(request: StaffRequest, number: int, pk: int) -> HttpResponseBase:
    """Sends the link to the episode's address."""
    get_object_or_404(Invitation, pk=pk, episode=_episode(request, number))

    def act(more: dict[str, Any]) -> None:
        absolute = _link(request)
        if not reminding.invitation_mail(pk, link=absolute, **more):
            raise ValidationError("The mail server did not take it. Please try again later.")

    return _done(request, number, "The link is sent.", act)


@require_POST
@staff(services.WRITE)
def revoke(request: StaffRequest, number: int, pk: int) -> HttpResponseBase:
    """The link no longer opens."""
    get_object_or_404(Invitation, pk=pk, episode=_episode(request, number))
    told = "The link no longer opens."
    return _done(request, number, told, lambda more: asking.invitation_revoke(pk, **more))


def _done(
    request: StaffRequest, number: int, told: str, act: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Does it as this user at this clinic; what is refused is said on the episode's page."""
    try:
        act({"clinic": request.clinic, "user": request.user, "now": timezone.now()})
    except ObjectDoesNotExist:
        raise Http404("no longer there") from None
    except ValidationError as problem:
        return _shown(request, _episode(request, number), problem=" ".join(problem.messages))
    if told:
        messages.success(request, told)
    return redirect("practice-episode", number=number)


def _episode(request: StaffRequest, number: int) -> Episode:
    return get_object_or_404(Episode, clinic=request.clinic, number=number)


def _shown(
    request: StaffRequest, row: Episode, *, problem: str = "", **forms: Form
) -> HttpResponse:
    """The episode's page, with the form that has to be corrected in its place."""
    contact = Contact.objects.filter(episode=row).first()
    told = {
        "sessions": row.sessions,
        "ended": row.ended,
        "recovered": row.recovered,
        "unwanted": row.unwanted,
    }
    in_force = selectors.consents_in_force(row)
    found = offered()
    shown = {
        "episode": row,
        "tell": TellForm(initial=told),
        "address": AddressForm(initial={"email": contact.email if contact else ""}),
        "ask": _ask_form(None),
        "too_early": asking.too_early(row, found.instruments),
        "problem": problem,
        "wordings": wordings().values(),
        "in_force": in_force,
        "waits_days": limits().link_days if services.is_waiting(row) else 0,
        "before": row.consents.filter(revoked_at__isnull=False),
        "invitations": _invitations(row),
        "diagnostics": found.diagnostics,
        "may_write": _may_write(request),
        "local": localtime,
    } | forms
    return render(request, "practice/episode.html", shown, status=422 if problem or forms else 200)


def _invitations(row: Episode) -> list[dict[str, object]]:
    answers: dict[int, list[Answer]] = {}
    for answer in Answer.objects.filter(invitation__episode=row):
        answers.setdefault(answer.invitation_id, []).append(answer)
    return [
        {
            "row": one,
            "names": _names(one),
            "answers": answers.get(one.pk, ()),
            "is_open": _is_open(one),
        }
        for one in row.invitations.order_by("-pk")
    ]


def _names(invitation: Invitation) -> list[str]:
    known = offered().instruments
    first = ["Consent"] if invitation.asks_consent else []
    return first + [known[k].name if k in known else k for k in invitation.instruments]


def _is_open(invitation: Invitation) -> bool:
    closed = invitation.answered_at or invitation.revoked_at
    return not closed and invitation.expires_at > timezone.now()


def _ask_form(told: Any) -> AskForm:
    return AskForm([(key, one.name) for key, one in offered().instruments.items()], told)


def _may_write(request: StaffRequest) -> bool:
    return may(request.user, services.WRITE, request.clinic)


def _link(request: StaffRequest) -> reminding.Link:
    return lambda name, token: naming.address(request, reverse(name, args=[token]))


def _qr(address: str) -> str:
    picture = BytesIO()
    segno.make(address, error="m").save(
        picture, kind="svg", xmldecl=False, svgns=True, scale=6, border=4, nl=False
    )
    return picture.getvalue().decode()
