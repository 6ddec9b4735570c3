"""The folder of a site, and Django set up on it. Nothing here imports Django by itself."""

import os
import secrets
from importlib import import_module
from pathlib import Path

SECRET = "secret-key"
ROWS = "site.sqlite3"
ADDRESS = "address"


class MissingSite(Exception):
    """There is no site in the folder that was named."""


def start(data: Path | None, *, may_be_new: bool) -> None:
    """Sets Django up for the site in ``data``; makes folder and secret key where they may be new.

    None sets it up on no site at all, with a database in memory: that is enough to show help.

    Raises
    ------
    MissingSite
        Where there is none and there has to be.
    ModuleNotFoundError
        Where the web part is not installed.
    OSError
        Where the folder cannot be read or written.
    """
    if data is None:
        os.environ.pop("OSLER_SITE", None)
    else:
        if not (data / SECRET).exists():
            if not may_be_new:
                raise MissingSite(
                    f"there is no site in {data}; start one with 'osler site FOLDER --data {data}'"
                )
            make_data_folder(data)
        os.environ["OSLER_SITE"] = str(data.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "osler.web.settings")
    import_module("django").setup()


def make_data_folder(data: Path) -> None:
    """The folder with its secret key, which nobody else on the machine can read."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(data / SECRET, "x", opener=_private, encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(64) + "\n")
    if not os.environ.get("DATABASE_URL"):
        # SQLite gives the files beside it the same rights.
        open(data / ROWS, "ab", opener=_private).close()


def write_address(address: str) -> None:
    """Remembers where the site answers, for the links that other commands print."""
    (_site() / ADDRESS).write_text(f"{address}\n", "utf-8")


def known_address() -> str:
    """Where the site answered last; "" where it never ran."""
    try:
        return (_site() / ADDRESS).read_text("utf-8").strip()
    except OSError:
        return ""


def _site() -> Path:
    return Path(os.environ["OSLER_SITE"])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
