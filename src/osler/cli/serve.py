"""``osler serve``: build, show on this machine, build again on every change."""

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click

from osler.cli.build import report
from osler.cli.terminal import progress
from osler.publish.building import build_folder
from osler.review.folder import SUFFIXES

EPILOG = """\b
Examples:
  osler serve examples/sciatica
  osler serve --port 8010

Stop it with Ctrl-C.
"""
INTERVAL_SECONDS = 0.4


class _Handler(SimpleHTTPRequestHandler):
    """Static files, asked for anew each time; the site's own page where one is lost."""

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        lost = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not lost.is_file():
            super().send_error(code, message, explain)
            return
        content = lost.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        return


@click.command("serve", epilog=EPILOG, short_help="Show the pages, and build again on change.")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port on 127.0.0.1; 0 for any free.",
)
def serve_command(folder: Path, port: int) -> None:
    """Build FOLDER, serve it on 127.0.0.1, and build again when a file changes.

    Only this machine can see it. After a change, reload the page in the browser.
    """
    try:
        report(build_folder(folder, tell=progress), folder)
        server = open_server(folder / "build" / "site", port)
    except OSError as error:
        what = error.filename or folder
        click.echo(f"osler: cannot serve {what}: {error.strerror or error}", err=True)
        sys.exit(2)
    click.echo(f"Serving http://127.0.0.1:{server.server_address[1]}/ (stop with Ctrl-C)")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        watch(folder, lambda: _rebuild(folder), stop=lambda: False)
    except KeyboardInterrupt:
        click.echo("\nStopped.")
    finally:
        server.shutdown()
        server.server_close()


def open_server(site: Path, port: int) -> ThreadingHTTPServer:
    """A server for the files of ``site`` on 127.0.0.1; raises OSError where the port is taken."""
    site.mkdir(parents=True, exist_ok=True)
    return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(site)))


def watch(folder: Path, changed: Callable[[], None], stop: Callable[[], bool]) -> None:
    """Calls ``changed`` after each change in the folder's own files, until ``stop()`` is true.

    Looks at sizes and times every 0.4 s: a review folder has few files, and this works on
    every file system.
    """
    last = state(folder)
    while not stop():
        time.sleep(INTERVAL_SECONDS)
        now = state(folder)
        if now != last:
            last = now
            changed()


def state(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Name, size and time of every file that a review may hold."""
    found = set()
    for path in [*folder.glob("*"), *folder.glob("pages/*")]:
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue  # a log or an editor's swap file is not the folder's own
        try:
            stat = path.stat()
        except OSError:  # an editor's temporary file, gone again, or a link to nowhere
            continue
        if path.is_file():
            found.add((str(path), stat.st_size, stat.st_mtime_ns))
    return frozenset(found)


def _rebuild(folder: Path) -> None:
    try:
        report(build_folder(folder, tell=progress), folder)
    except OSError as error:
        what = error.filename or folder
        click.echo(f"osler: cannot build {what}: {error.strerror or error}", err=True)
