"""A reader as a program: leaves comments, confirms them, and remembers what was acknowledged.

For the test that kills the server, and for measuring. Speaks HTTP over one connection that it
keeps; whatever goes wrong on the way counts as not acknowledged.
"""

import http.client
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_STAMP = re.compile(r'name="stamp" value="([^"]+)"')
_LINK = re.compile(r"To: (\S+)\n.*?(/comments/mine/[^/\s]+/)", re.DOTALL)


def links_in(log: str) -> Mapping[str, str]:
    """By address, the path of the link to confirm: from what the console's mail backend wrote."""
    return dict(_LINK.findall(log))


@dataclass
class CommentClient:
    """``written`` and ``confirmed`` are the e-mail addresses of what the server said yes to."""

    address: str
    slug: str
    written: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    failed: int = 0
    _connection: http.client.HTTPConnection | None = None
    _token: str = ""
    _stamp: str = ""
    _cookie: str = ""

    def write(self, email: str, text: str) -> bool:
        """Sends a comment; whether the server has acknowledged it."""
        told = {"name": "A. Reader", "email": email, "text": text, "stamp": self._stamp}
        done = self._posted(f"/comments/write/{self.slug}/", told)
        self.written += [email] * done
        return done

    def confirm(self, email: str, path: str) -> bool:
        """Presses the button on the page behind the link in the mail."""
        done = self._posted(path, {"action": "confirm"})
        self.confirmed += [email] * done
        return done

    def is_up(self) -> bool:
        """Whether the server answers: it tells its address a moment before."""
        try:
            return self._ask("GET", f"/comments/write/{self.slug}/")[0] == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            self.close()

    def _posted(self, path: str, told: Mapping[str, str]) -> bool:
        try:
            if not self._token:
                self._open_form()
            told = {**told, "stamp": self._stamp} if "stamp" in told else told
            body = urlencode({**told, "csrfmiddlewaretoken": self._token})
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"csrftoken={self._cookie}",
            }
            status, _, _ = self._ask("POST", path, body, headers)
        except (OSError, http.client.HTTPException):
            self.close()
            status = 0
        self.failed += status != 302
        return status == 302

    def _open_form(self) -> None:
        """Once: the stamp holds for a day and the cookie longer."""
        _, text, cookie = self._ask("GET", f"/comments/write/{self.slug}/")
        token, stamp = _TOKEN.search(text), _STAMP.search(text)
        if token is None or stamp is None:
            raise http.client.HTTPException("no form")
        self._token, self._stamp = token.group(1), stamp.group(1)
        self._cookie = cookie.partition("csrftoken=")[2].partition(";")[0]

    def _ask(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=30)
        self._connection.request(method, path, body or None, dict(headers or {}))
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        return answer.status, text, answer.headers.get("Set-Cookie", "")

    def close(self) -> None:
        """Ends the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def emails(name: str) -> Iterator[str]:
    """Addresses without end, none twice for one name."""
    n = 0
    while True:
        yield f"{name}-{n}@site.example"
        n += 1
