"""How a request comes to a desk, and how what cannot be done is told."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from osler.core.diagnostics import DataError
from osler.web.accounts.access import StaffRequest, staff
from osler.web.screening.seats import ACTION, Seat, is_local, local_seat, seat_of
from osler.web.screening.services import Refused

DeskView = Callable[..., HttpResponseBase]
"""Takes request, seat, and what else the address holds."""


def at_desk(view: DeskView) -> DeskView:
    """A view for whoever works alone here, or for members who may screen.

    What the services refuse is shown on the page that the request came from.
    """

    def answered(request: HttpRequest, seat: Seat, **rest: str) -> HttpResponseBase:
        try:
            return view(request, seat, **rest)
        except Refused as refused:
            messages.error(request, str(refused))
        except DataError as error:
            for d in error.diagnostics:
                messages.error(request, f"{d.code}: {d.message}. {d.found}. {d.help}.")
        # Only a change is refused, so the screen itself can be shown.
        return redirect("screening", slug=seat.slug)

    @staff(ACTION)
    def as_member(request: StaffRequest, /, slug: str, **rest: str) -> HttpResponseBase:
        return answered(request, seat_of(request, slug), **rest)

    @wraps(view)
    def checked(request: HttpRequest, slug: str, **rest: str) -> HttpResponseBase:
        if is_local():
            return answered(request, local_seat(), **rest)
        return as_member(request, slug=slug, **rest)

    return checked
