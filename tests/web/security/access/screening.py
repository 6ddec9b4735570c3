"""Screening."""

from django.utils import timezone

from osler.web.screening.models import StoredFile, TeamReview
from tests.web.screening.library import CRITERIA
from tests.web.security.access import Access
from tests.web.security.access.pages import _folder

SCREEN = "records.screen"
LIBRARY = b'{"key": "a-1", "title": "A trial"}\n{"key": "b-2", "title": "Another"}\n'


def _review(clinic):
    folder = _folder(clinic)
    review, is_new = TeamReview.objects.get_or_create(
        folder=folder, defaults={"begun_at": timezone.now()}
    )
    if is_new:
        files = {
            "records/library.jsonl": LIBRARY,
            "records/criteria.toml": CRITERIA.format(needed=1).encode(),
            "records/reports.csv": b"record,status,link\na-1,retrieved,pdf/a.pdf\n",
        }
        for name, content in files.items():
            StoredFile.objects.create(review=review, name=name, content=content)
    return {"slug": folder.slug}


def _at_stage(clinic):
    return {**_review(clinic), "stage": "title-abstract"}


def _post(kwargs=_review, **data):
    return Access(SCREEN, kwargs, "POST", data)


ACCESS = {
    "screening-index": Access(SCREEN),
    "screening-begin": Access(SCREEN, _review, "POST"),
    "screening": Access(SCREEN, _review),
    "screening-stage": Access(SCREEN, _at_stage),
    "screening-history": Access(SCREEN, _review),
    "screening-search": Access(SCREEN, _review),
    "screening-progress": Access(SCREEN, _review),
    "screening-conflicts": Access(SCREEN, _review),
    "screening-texts": Access(SCREEN, _review),
    "screening-pairs": Access(SCREEN, _review),
    "screening-team": Access(SCREEN, _review),
    "screening-text": Access(SCREEN, _review, data={"record": "a-1"}),
    "screening-words": _post(**{"in": "leg", "out": ""}),
    "screening-sample": _post(kind="unread"),
    "screening-certificate": _post(),
    "screening-settle": _post(record="a-1", stage="full-text", verdict="include"),
    "screening-report": _post(record="a-1", status="sought"),
    "screening-judge": _post(first="a-1", second="b-2", opinion="apart"),
    "screening-share": _post(),
    "screening-leave": _post(who="jo"),
    "screening-calibrate": _post(size="0"),
    "screening-decide": _post(_at_stage, record="a-1", verdict="include"),
    "screening-undo": _post(_at_stage),
    "screening-skip": _post(_at_stage, record="a-1"),
}
