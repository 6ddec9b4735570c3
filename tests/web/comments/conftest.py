"""A clinic with a published page, its staff, and comments on it."""

from datetime import UTC, datetime, timedelta

import pytest

from osler.web.accounts.models import Clinic, Membership, Role, User
from osler.web.comments import judging, services
from osler.web.comments.models import Comment
from osler.web.comments.signing import form_stamp
from osler.web.pages import parts
from osler.web.pages.models import Folder, Page, PublishedFile

NOW = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
HTML = b"""<!DOCTYPE html><html lang="en"><head><title>Sciatica</title></head><body>
<main><article><h1>Sciatica</h1></article></main></body></html>"""


def make_page(clinic, slug="sciatica"):
    folder, _ = Folder.objects.get_or_create(
        slug=f"{clinic.slug}-folder", defaults={"clinic": clinic, "path": f"/none/{clinic.slug}"}
    )
    page = Page.objects.create(
        folder=folder,
        slug=slug,
        title="Acupuncture for sciatica",
        file=f"pages/{slug}.md",
        html=HTML,
    )
    parts.refresh(page, now=NOW)
    return page


def make_user(clinic, role, **more):
    user = User.objects.create(username=f"{clinic.slug}-{role}", **more)
    Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


def written(text="Is a week of pain usual?", **more):
    told = {
        "name": "A. Reader",
        "email": "reader@site.example",
        "text": text,
        "stamp": form_stamp("sciatica", NOW - timedelta(minutes=2)),
    }
    return services.Written(**(told | more))


def write(page, text="Is a week of pain usual?", *, visitor="v" * 32, now=NOW, **more):
    """A comment as sent; unconfirmed."""
    pk = services.comment_write(
        page,
        written(text, **more),
        visitor=visitor,
        site="http://site.example",
        now=now,
    )
    return Comment.objects.get(pk=pk)


def confirmed(page, text="Is a week of pain usual?", *, now=NOW, **more):
    """A comment as its writer has confirmed it."""
    comment = write(page, text, now=now, **more)
    services.comment_confirm(comment, now=now)
    comment.refresh_from_db()
    return comment


def served(page):
    """The page's bytes as visitors get them."""
    return bytes(PublishedFile.objects.get(path=f"{page.slug}/index.html").content).decode()


@pytest.fixture(autouse=True)
def _quiet(settings):
    settings.OSLER_COMMENTS = {}
    judging._learnt.cache_clear()


@pytest.fixture
def clinic(db):
    return Clinic.objects.create(slug="one", name="Clinic one")


@pytest.fixture
def page(clinic):
    return make_page(clinic)


@pytest.fixture
def moderator(clinic):
    return make_user(clinic, Role.MODERATOR)
