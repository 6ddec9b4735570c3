"""Who may see what: one entry for every address, one module for every part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from osler.web.accounts.models import Clinic


@dataclass(frozen=True)
class Access:
    """Who gets on at one address.

    ``who`` is "public", "member" (anybody who may log in) or an action of the policies;
    ``kwargs`` makes what the address needs at a clinic and gives its arguments; ``data``
    is what is sent where ``method`` is POST.
    """

    who: str
    kwargs: Callable[[Clinic], Mapping[str, object]] | None = None
    method: str = "GET"
    data: Mapping[str, object] | Callable[[Clinic], Mapping[str, object]] = field(
        default_factory=dict
    )
