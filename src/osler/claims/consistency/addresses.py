"""Addresses: are they whole, and does a search link search for this topic?"""

from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, urlsplit

from osler.claims.language.words import words_of
from osler.review.model import Review

# Parts of an address that hold what is searched for, in registers and libraries.
_ASKING = frozenset(
    "term q query cond intr search titles searchtext text keyword keywords lead outc".split()
)
_SCHEMES = ("http", "https", "mailto", "tel")
# Words that any search may hold.
_GENERAL = frozenset(
    "trial trials study studies review reviews randomized randomised and or not the of for in "
    "with pain treatment therapy effect effects adults patients".split()
)


def parts_of(address: str) -> SplitResult | None:
    """The address in parts; None where it cannot be split."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return None


def address_problem(address: str) -> str:
    """What is wrong with a link's address; "" where it looks whole.

    Examples
    --------
    >>> address_problem("https://https://example.org"), address_problem("https://example.org/a")
    ('it has http twice', '')
    """
    text = address.strip()
    parts = parts_of(text)
    if parts is None:
        return "it cannot be read as an address"
    if any(c.isspace() for c in text):
        return "it has a space in it"
    if not parts.scheme:
        return "it has no https:// before it" if text.lower().startswith("www.") else ""
    if parts.scheme.lower() not in _SCHEMES:
        return ""
    if parts.scheme.lower().startswith("http"):
        host = parts.netloc.rpartition("@")[2].partition(":")[0]
        if host.lower() in ("http", "https"):
            return "it has http twice"
        if "." not in host.strip(".") and host != "localhost" and not host.startswith("["):
            return "its host has no dot" if host else "it has no host"
    return ""


def searched_for(address: str) -> str:
    """The words that a search address asks for; "" where it is no search.

    Examples
    --------
    >>> searched_for("https://clinicaltrials.gov/search?cond=preterm+birth&intr=progesterone")
    'preterm birth progesterone'
    """
    parts = parts_of(address)
    if parts is None or len(parts.query) > 2000:
        return ""
    try:
        pairs = parse_qsl(parts.query, max_num_fields=50)
    except ValueError:
        return ""
    asked = (value for key, value in pairs if key.lower() in _ASKING and value)
    # A search in one journal or by an author is about no topic.
    return " ".join(value for value in asked if "[" not in value)


def topic_words(review: Review) -> frozenset[str]:
    """Every word by which this folder calls its condition, treatments and outcomes."""
    texts = [review.title, review.condition, review.population, *review.words]
    for treatment in review.treatments.values():
        texts += [treatment.name, treatment.label, *treatment.words]
    texts += [o.label for o in review.outcomes.values()]
    texts += [arm.detail for arm in review.arms]
    return frozenset(_stem(w.text) for t in texts for w in words_of(t)) - _GENERAL


def is_other_topic(query: str, topic: Iterable[str]) -> bool:
    """Whether what is searched for shares no word with the topic.

    Examples
    --------
    >>> is_other_topic("preterm birth progesterone", {"sciati", "gabape"})
    True
    """
    asked = {_stem(w.text) for w in words_of(query) if not w.text.isdigit()} - _GENERAL
    asked = {word for word in asked if len(word) > 2}
    # One word may be a name or a number; two that are both foreign are another topic.
    return len(asked) > 1 and not asked & set(topic)


def _stem(word: str) -> str:
    return word[:6]
