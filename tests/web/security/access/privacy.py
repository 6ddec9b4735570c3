"""Privacy."""

from django.core import signing
from django.utils import timezone

from osler.web.privacy.models import DataRequest
from tests.web.security.access import Access


def _token(clinic):
    request = DataRequest.objects.create(
        clinic=clinic, email="reader@site.example", made_at=timezone.now()
    )
    return {"token": signing.dumps(request.pk, salt="osler.privacy.request")}


ACCESS = {
    "privacy": Access("public"),
    "privacy-asked": Access("public"),
    "privacy-mine": Access("public", _token),
    "privacy-staff": Access("privacy.export"),
}
