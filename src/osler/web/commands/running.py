"""``osler site run``: Granian serves, and this process looks after the folders."""

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import click
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.text import slugify

from osler.core.wording import counted
from osler.web.accounts.models import Clinic, User
from osler.web.commands.starting import write_address
from osler.web.commands.watching import Watch
from osler.web.comments.postman import POSTMAN
from osler.web.naming import SiteName
from osler.web.pages.models import Folder
from osler.web.pages.services import add_folder

EPILOG = """\b
Examples:
  osler site examples/sciatica
  osler site run reviews/* --host 0.0.0.0 --port 8000 --workers 4
  osler site --data /srv/clinic             the folders that it knows already

Stop it with Ctrl-C. Behind Caddy or nginx: docs/how-to/run-the-site.md.
"""

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


@click.command("run", epilog=EPILOG)
@click.argument(
    "folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(path_type=Path, file_okay=False)
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 for any free.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=2 * (os.cpu_count() or 1),
    show_default="two a core",
    help="Processes that answer, each one request at a time.",
)
@click.option("--clinic", default="Clinic", show_default=True, help="Name of a new site's clinic.")
@click.option("--debug", is_flag=True, help="For developers: reload code, show errors. Never live.")
def run(
    folders: tuple[Path, ...], host: str, port: int, workers: int, clinic: str, debug: bool
) -> None:
    """Publish FOLDERs and serve them, until it is stopped.

    Folders stay known: the next time they need not be named. The folder of the site is
    given by --data DIR.
    """
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        click.echo(f"osler: there is no folder {missing[0]}", err=True)
        sys.exit(2)
    if problem := _cannot_listen(host, port):
        click.echo(f"osler: cannot listen on {host}, port {port}: {problem}", err=True)
        click.echo("  Is a site running there already? Choose another: --port 8001", err=True)
        sys.exit(2)
    prepare()
    POSTMAN.begin()
    owner = the_clinic(clinic)
    for folder in folders:
        add_folder(folder.resolve(), owner)
    watch = Watch(tell=click.echo)
    watch.look(timezone.now())
    port = port or _free_port(host)
    write_address(_address(host, port))
    server = _serve(host, port, workers, debug=debug)
    if not _listens(server, host, port):
        click.echo("osler: the server did not start; see above", err=True)
        _end(server)
        sys.exit(2)
    _introduce(host, port)
    sys.exit(_look_after(server, watch))


def prepare() -> None:
    """Tables up to date, style sheets in their place."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False, clear=False)


def the_clinic(name: str) -> Clinic:
    """The clinic of the site; made where there is none yet."""
    first = Clinic.objects.order_by("pk").first()
    if first is not None:
        return first
    return Clinic.objects.create(slug=slugify(name)[:50] or "clinic", name=name[:200])


def _address(host: str, port: int) -> str:
    shown = "localhost" if host in ("0.0.0.0", "::") else host
    shown = f"[{shown}]" if ":" in shown else shown
    return settings.OSLER_URL or f"http://{shown}:{port}"


def _introduce(host: str, port: int) -> None:
    pages = counted(sum(f.pages.filter(is_live=True).count() for f in Folder.objects.all()), "page")
    address = _address(host, port)
    click.echo(f"{SiteName().name}: {pages} at {address}/ (staff: {address}/staff/)")
    if not User.objects.exists():
        data = f" --data {settings.SITE}" if settings.SITE else ""
        click.echo(f"No user yet. Make the first:  osler site user add NAME --role owner{data}")
    if not settings.OSLER_PROXIES and not _is_here(host):
        click.echo(_NO_PROXY.format(host=host))
    click.echo("Stop with Ctrl-C.")


_NO_PROXY = """\
Warning: {host} can be reached from other machines, and no proxy of yours stands before the site.
  Whoever sends a form a byte a minute holds up one of its processes; a few such senders stop it.
  For the public: put Caddy or nginx before it (deploy/Caddyfile, deploy/nginx.conf), listen on
  127.0.0.1, and set OSLER_PROXIES=1. On your own network alone, nothing has to be done."""


def _is_here(host: str) -> bool:
    """Whether only this machine reaches a host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name: it may be anybody's
        return False


def _serve(host: str, port: int, workers: int, *, debug: bool) -> "subprocess.Popen[bytes]":
    """The server in a process of its own."""
    command = [
        *(sys.executable, "-m", "osler.web.server", "--host", host, "--port", str(port)),
        *("--workers", str(1 if debug else workers)),
    ]
    more = {"OSLER_DEBUG": "1"} if debug else {}
    return subprocess.Popen([*command, "--reload"] if debug else command, env=os.environ | more)


def _cannot_listen(host: str, port: int) -> str:
    """Why not, in the system's words; "" where it can.

    Granian would share a port with another server, and visitors would get now one, now the other.
    """
    if not port:
        return ""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _listens(server: "subprocess.Popen[bytes]", host: str, port: int) -> bool:
    """Waits until somebody answers; False where the server ended or took too long."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    end = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection((here, port), timeout=1.0).close()
        except OSError:
            time.sleep(0.05)
        else:
            return server.poll() is None
    return False


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _look_after(server: "subprocess.Popen[bytes]", watch: Watch) -> int:
    """Publishes what changes until told to stop, or until the server has ended."""
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not stopping and server.poll() is None:
        watch.look(timezone.now())
        time.sleep(1.0)
    if server.poll() is not None:
        click.echo("osler: the server has ended; see above", err=True)
        return 2
    _end(server)
    click.echo("\nStopped.")
    return 0


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.bind((host, 0))
        return int(trial.getsockname()[1])
