"""What this part keeps about people."""

from datetime import datetime

from osler.web.accounts.models import Clinic
from osler.web.privacy.keeping import Kept, Person, delete
from osler.web.privacy.models import DataRequest
from osler.web.privacy.services import REQUEST_HOLDS

KEPT = (
    Kept(
        model="privacy.DataRequest",
        fields=("email",),
        what="The e-mail address with which somebody asked what is kept about them",
        why="to send the link, and to know for which address it is",
        basis="legal obligation (answering such requests)",
        period=lambda: REQUEST_HOLDS,
        counted_from="the request",
        due=lambda cutoff: DataRequest.objects.filter(made_at__lt=cutoff),
        end=delete,
    ),
)
NOT_PERSONAL = {"privacy.RetentionRun": ("day", "ended")}


def _export(email: str, clinic: Clinic) -> list[dict[str, object]]:
    made = DataRequest.objects.filter(clinic=clinic, email=email.strip().lower()).order_by("pk")
    return [{"asked": row.made_at.isoformat(), "email": row.email} for row in made]


def _erase(email: str, clinic: Clinic, now: datetime) -> int:
    return delete(DataRequest.objects.filter(clinic=clinic, email=email.strip().lower()), now)


PERSON = Person(export=_export, erase=_erase)
