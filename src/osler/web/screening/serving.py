"""The server of ``osler screen``, and the meeting of folder and site from the command line."""

from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.utils import timezone

from osler.web.pages.models import Folder
from osler.web.screening import syncing
from osler.web.screening.models import TeamReview
from osler.web.screening.seats import local_seat
from osler.web.screening.stores import FolderStore


class Server(ThreadingMixIn, WSGIServer):
    """A thread a request: a page that is slow to load holds no decision up."""

    daemon_threads = True

    def server_bind(self) -> None:
        """Without asking a name server who 127.0.0.1 is, which can take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what goes wrong is told by Django."""


def prepare() -> str:
    """Mends decisions.csv and lets the model begin; gives what was set aside, as text."""
    seat = local_seat()
    store = seat.desk.store
    torn = store.mend() if isinstance(store, FolderStore) else b""
    seat.desk.ranker(seat.desk.review())
    return torn.decode("utf-8", "replace")


def server(port: int) -> Server:
    """Listens on this machine alone."""
    made = Server(("127.0.0.1", port), _Quiet)
    made.set_app(get_wsgi_application())
    return made


def run(made: Server) -> None:
    """Serves until Ctrl-C."""
    try:
        made.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        made.server_close()


def synchronise(path: Path) -> tuple[str, ...] | None:
    """Folder and database told of each other; None where the site does not know the folder."""
    call_command("migrate", verbosity=0, interactive=False)
    folder = Folder.objects.filter(path=str(path)).first()
    if folder is None:
        return None
    store = FolderStore(path)
    store.mend()
    now = timezone.now()
    review = TeamReview.objects.filter(folder=folder).first()
    if review is not None:
        return syncing.meet(review, store, user=None, now=now)
    syncing.begin(folder, store=store, user=None, now=now)
    return tuple(store.read())
