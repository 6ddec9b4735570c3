"""Links to questionnaires: signed, and of random letters, so that an address tells nothing."""

import secrets

from django.core import signing

_SALT = "osler.practice.link"


def new_nonce() -> str:
    """128 random bits."""
    return secrets.token_urlsafe(16)


def token_of(nonce: str) -> str:
    """What stands in the address.

    Examples
    --------
    >>> nonce_of(token_of("abc")), nonce_of(token_of("abc") + "x"), nonce_of("")
    ('abc', None, None)
    """
    return signing.Signer(salt=_SALT).sign(nonce).replace(":", ".")


def nonce_of(token: str) -> str | None:
    """The random letters of a link; None where the link is not ours."""
    nonce, _, signature = token.partition(".")
    try:
        return signing.Signer(salt=_SALT).unsign(f"{nonce}:{signature}")
    except signing.BadSignature:
        return None
