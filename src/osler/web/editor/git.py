"""As much of git as saving a page needs, by the program itself."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SECONDS = 30
# Nothing that the folder itself holds is run, and what is written is what was given.
_SAFE = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.autocrlf=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "commit.gpgSign=false"),
    *("-c", "gc.auto=0"),
)
_KEPT = ("PATH", "HOME", "LANG", "XDG_CONFIG_HOME")


class GitFailed(Exception):
    """Git did not do it; the message says why, in git's words."""


@dataclass(frozen=True)
class Person:
    """Who a commit is by."""

    name: str
    email: str


@dataclass(frozen=True)
class Change:
    """The last commit of a page."""

    by: str
    when: str
    words: str


SITE = Person("Osler site", "site@localhost")


def is_under_git(folder: Path) -> bool:
    """Whether a folder is in a repository, and git is there to ask."""
    try:
        return _git(folder, "rev-parse", "--is-inside-work-tree").strip() == "true"
    except GitFailed:
        return False


def commit(folder: Path, path: Path, message: str, by: Person) -> None:
    """Commits one file as it is on the disk, and nothing else of what may be staged."""
    name = path.relative_to(folder).as_posix()
    _git(folder, "add", "--", name)
    _git(folder, "commit", "--quiet", "--no-verify", "-m", message, "--only", "--", name, by=by)


def differs_from_last(folder: Path, path: Path) -> bool:
    """Whether a file is not what its last commit holds, or is in none."""
    name = path.relative_to(folder).as_posix()
    return bool(_git(folder, "status", "--porcelain", "--", name).strip())


def last_change(folder: Path, path: Path) -> Change | None:
    """Who committed a file last, when, and with which words; None where nobody did."""
    name = path.relative_to(folder).as_posix()
    try:
        told = _git(folder, "log", "-1", "--format=%an%x00%aI%x00%s", "--", name)
    except GitFailed:
        return None
    by, _, rest = told.rstrip("\n").partition("\0")
    when, _, words = rest.partition("\0")
    return Change(by, when, words) if by else None


def _git(folder: Path, *arguments: str, by: Person = SITE) -> str:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_AUTHOR_NAME": by.name,
        "GIT_AUTHOR_EMAIL": by.email,
        "GIT_COMMITTER_NAME": SITE.name,
        "GIT_COMMITTER_EMAIL": SITE.email,
    }
    try:
        done = subprocess.run(
            ["git", *_SAFE, "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=False,
        )
    except FileNotFoundError:
        raise GitFailed("git is not installed on the server") from None
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git took more than {SECONDS} seconds") from None
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()
        raise GitFailed(said.split("\n")[-1][:300] or f"git ended with {done.returncode}")
    return done.stdout.decode("utf-8", "replace")
