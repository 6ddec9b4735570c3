"""A folder is looked at again: when it changes, with a new day, and after what went wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from osler.web.accounts.models import Clinic
from osler.web.commands import watching
from osler.web.commands.watching import TRY_AGAIN, Watch
from osler.web.pages.models import Folder
from osler.web.pages.services import Outcome, Result

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_what_was_no_fault_of_the_files_is_tried_again(tmp_path, monkeypatch):
    clinic = Clinic.objects.create(slug="one", name="Clinic one")
    Folder.objects.create(slug="f", path=str(tmp_path), clinic=clinic)
    tried, said = [], []

    def publish(folder, *, user, now):
        tried.append(now)
        if len(tried) == 1:
            raise OSError("no space")
        return Outcome(Result.PUBLISHED, (), ())

    monkeypatch.setattr(watching, "publish_folder", publish)
    monkeypatch.setattr(watching.connection, "close", lambda: None)
    watch = Watch(tell=said.append)
    for later in (0, 1, 59, 60, 61, 200):
        watch.look(NOW + timedelta(seconds=later))
    assert tried == [NOW, NOW + TRY_AGAIN]
    assert "could not be published" in said[0]
