"""How many links a comment has."""

from osler.core.wording import counted
from osler.web.comments.layers.finding import Finding
from osler.web.comments.limits import Limits
from osler.web.comments.wording import links_in


def judge_links(text: str, name: str, limits: Limits) -> Finding:
    """One link is common in an honest comment; in a name there is none.

    Examples
    --------
    >>> judge_links("see https://a.example", "A. Author", Limits()).verdict
    'clean'
    >>> judge_links("hello", "www.pills.example", Limits()).reason
    'a link in the name'
    """
    if links_in(name):
        return Finding("links", "hold", "a link in the name")
    found = links_in(text)
    marked = [link for link in found if not link[0].isalpha()]
    reason = counted(len(found), "link") if found else "no link"
    if marked:
        return Finding("links", "hold", f"{reason}, with marks of HTML or of a forum")
    if len(found) > limits.links:
        return Finding("links", "hold", f"{reason}; up to {limits.links} is usual")
    return Finding("links", "clean", reason)
