"""Episodes, questionnaires, audit."""

from datetime import timedelta

from django.utils import timezone

from osler.web.practice.links import new_nonce, token_of
from osler.web.practice.models import Consent, Episode, Invitation
from osler.web.practice.wording import wordings
from tests.web.security.access import Access


def _episode(clinic):
    now = timezone.now()
    made, is_new = Episode.objects.get_or_create(
        clinic=clinic,
        number=17,
        defaults={"condition": "sciatica", "started": "2026-01", "changed_at": now},
    )
    for purpose, words in wordings().items() if is_new else ():
        told = {"version": words.version, "wording": words.text, "given_at": now}
        Consent.objects.create(episode=made, purpose=purpose, **told)
    return made


def _invitation(clinic, **more):
    now = timezone.now()
    return Invitation.objects.create(
        episode=_episode(clinic),
        nonce=new_nonce(),
        instruments=["pain-nrs"],
        session=0,
        made_at=now,
        expires_at=now + timedelta(days=1),
        **more,
    )


def _number(clinic):
    return {"number": _episode(clinic).number}


def _link(clinic):
    made = _invitation(clinic)
    return {"number": made.episode.number, "pk": made.pk}


def _token(clinic):
    return {"token": token_of(_invitation(clinic).nonce)}


def _consent_token(clinic):
    return {"token": token_of(_invitation(clinic, asks_consent=True).nonce)}


EXPORT = {"purpose": "audit", "table": "practice.csv"}


def _write(name, **data):
    return {name: Access("episodes.write", _number, "POST", data)}


ACCESS = {
    "practice-received": Access("public"),
    "practice-agreed": Access("public"),
    "practice-declined": Access("public"),
    "practice-agree": Access("public", _consent_token),
    "practice-questions": Access("public", _token),
    "practice-stop": Access("public", _token),
    "practice-episodes": Access("episodes.see"),
    "practice-new": Access("episodes.write"),
    "practice-episode": Access("episodes.see", _number),
    **_write("practice-tell", sessions=1, ended="continues", recovered="no", unwanted="none"),
    **_write("practice-session"),
    **_write("practice-consent", purpose="audit"),
    **_write("practice-address", email="patient@site.example"),
    **_write("practice-ask", instruments=["pain-nrs"]),
    **_write("practice-erase", code="E017"),
    "practice-link": Access("episodes.write", _link),
    "practice-link-mail": Access("episodes.write", _link, "POST"),
    "practice-link-revoke": Access("episodes.write", _link, "POST"),
    "practice-audit": Access("audit.see"),
    "practice-publication": Access("audit.see"),
    "practice-export": Access("audit.export", None, "POST", EXPORT),
}
