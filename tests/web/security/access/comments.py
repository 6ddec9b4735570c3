"""Comments."""

from django.utils import timezone

from osler.web.comments.models import Comment, State
from osler.web.comments.signing import form_stamp, writer_token
from tests.web.security.access import Access
from tests.web.security.access.pages import _page


def _comment(clinic, **more):
    now = timezone.now()
    told = {"state": State.HELD, "name": "A. Reader", "text": "Words.", "written_at": now}
    return Comment.objects.create(
        clinic=clinic, page=_page(clinic), **(told | {"changed_at": now} | more)
    )


def _slug(clinic):
    return {"slug": _page(clinic).slug}


def _filled(clinic):
    return {
        "name": "A. Reader",
        "email": f"{clinic.slug}@site.example",
        "text": "Words.",
        "stamp": form_stamp(_page(clinic).slug, timezone.now()),
    }


ACCESS = {
    "comments-write": Access("public", _slug, "POST", _filled),
    "comments-sent": Access("public", _slug),
    "comments-mine": Access("public", lambda c: {"token": writer_token(_comment(c).pk)}),
    "comments-queue": Access("comments.moderate"),
    "comments-decide": Access(
        "comments.moderate",
        None,
        "POST",
        lambda c: {"state": "shown", "comment": [_comment(c).version]},
    ),
    "comments-undo": Access("comments.moderate", None, "POST"),
    "comments-answer": Access("comments.moderate", lambda c: {"pk": _comment(c).pk}),
    "comments-answer-remove": Access(
        "comments.moderate",
        lambda c: {"pk": _comment(c, by_clinic=True, state=State.SHOWN).pk},
        "POST",
    ),
}
