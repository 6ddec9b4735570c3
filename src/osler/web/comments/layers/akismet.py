"""Akismet, where the clinic has chosen it: off without a key.

What is sent is the text without addresses, numbers and names, and the site's address; never the
visitor's address, e-mail, name or browser. The protocol wants an address of the visitor: it gets
one that belongs to nobody.
"""

import re
from collections.abc import Callable
from contextlib import closing

import akismet
import httpx

from osler.web.comments.layers.finding import Finding
from osler.web.comments.limits import Limits

NOBODY = "127.0.0.1"
_TIMEOUT = 5.0
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_NUMBER = re.compile(r"\+?\d[\d\s/().-]{5,30}\d")

Connect = Callable[[], httpx.Client]


def _connect() -> httpx.Client:
    return httpx.Client(headers={"User-Agent": akismet.USER_AGENT}, timeout=_TIMEOUT)


def minimised(text: str) -> str:
    """A text without e-mail addresses and long numbers.

    Examples
    --------
    >>> minimised("Ring 01865 555 010 or write to a@b.example")
    'Ring (number) or write to (address)'
    """
    return _NUMBER.sub("(number)", _EMAIL.sub("(address)", text))


def judge_by_akismet(text: str, limits: Limits, connect: Connect = _connect) -> Finding:
    """What Akismet says; where it does not answer the comment is held, not lost."""
    if not (limits.akismet_key and limits.akismet_site):
        return Finding("akismet", "off", "not used: nothing is sent to Akismet")
    config = akismet.Config(key=limits.akismet_key, url=limits.akismet_site)
    try:
        with closing(connect()) as http:
            client = akismet.SyncClient(config=config, http_client=http)
            answer = client.comment_check(
                user_ip=NOBODY, comment_content=minimised(text), comment_type="comment"
            )
    except (akismet.AkismetError, httpx.HTTPError, ValueError) as error:
        return Finding("akismet", "hold", f"Akismet did not answer ({type(error).__name__})")
    if answer is akismet.CheckResponse.HAM:
        return Finding("akismet", "clean", "Akismet does not take it for spam")
    sure = ", and is sure of it" if answer is akismet.CheckResponse.DISCARD else ""
    return Finding("akismet", "hold", f"Akismet takes it for spam{sure}")
