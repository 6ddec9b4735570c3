"""Word lists as phrases: those that ship with Osler, and those that a review adds.

The shipped lists are TOML files in ``lexicon/``: a health writer can read them, and say which
word is missing or wrong. A review adds words, or takes some away, in files of the same form::

    # words/house.toml
    [certainty]
    low = ["there are signs that"]

    [remove.size]
    large = ["big"]

A word that a review puts into one list of a file leaves the other lists of that file.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from osler.claims.language.reader.additions import Change, read_changes
from osler.claims.language.words import Phrases, normal
from osler.core.decoding import decode
from osler.core.diagnostics import Diagnostic
from osler.core.toml_text import read_toml


def _shipped(name: str) -> str:
    path = files("osler.claims.language").joinpath("lexicon", f"{name}.toml")
    return path.read_text(encoding="utf-8")


@cache
def _shipped_lists(name: str) -> Mapping[str, Sequence[str]]:
    return {group: list(value) for group, value in read_toml(_shipped(name)).items()}


@cache
def list_names() -> Mapping[str, tuple[str, ...]]:
    """The files of word lists that a review can add to, with their groups.

    Examples
    --------
    >>> list_names()["size"]
    ('large', 'moderate', 'slight', 'none', 'neutral')
    """
    folder = files("osler.claims.language").joinpath("lexicon")
    stems = sorted(p.name.removesuffix(".toml") for p in folder.iterdir())
    return {
        s: tuple(dict.fromkeys((*_shipped_lists(s), "neutral"))) for s in stems if s != "numbers"
    }


@dataclass(frozen=True, slots=True)
class Lexicon:
    r"""The shipped word lists with what a review changed, in the order of its changes.

    Examples
    --------
    >>> words = '[size]\nlarge = ["tremendous*"]'
    >>> lexicon, found = Lexicon().with_words(words, "words/house.toml")
    >>> found, lexicon.table("size")["large"][-1]
    ((), 'tremendous*')
    """

    changes: tuple[Change, ...] = ()

    def with_words(
        self, toml_text: str, file: str = "words.toml", *, settings: bool = False
    ) -> tuple["Lexicon", tuple[Diagnostic, ...]]:
        r"""Add the words of a TOML text; what cannot be used is told and left out.

        Where the text has a table ``lexicon`` (``[lexicon.size]``) only that is read; of osler.toml
        (``settings``) nothing else is.

        Examples
        --------
        >>> lexicon, found = Lexicon().with_words('[sise]\nlarge = ["vast"]', "words/house.toml")
        >>> found[0].code, found[0].place.line, found[0].help
        ('LEX002', 1, 'did you mean "size"?')
        """
        changes, found = read_changes(toml_text, file, list_names(), _has, settings=settings)
        return Lexicon((*self.changes, *changes)), found

    def table(self, name: str) -> Mapping[str, Sequence[str]]:
        """The lists of one file, by group."""
        return _changed(self, name) if self.changes else _shipped_lists(name)

    def phrases(self, name: str, *groups: str) -> Phrases:
        """One file's groups as phrases; all of them where none is named."""
        return _phrases(self, name, groups)


SHIPPED = Lexicon()

# Every rule reads by the same words, so they are not handed through each of them: what judges
# a page sets them around the judging. The value is one of the thread or task that sets it.
_IN_USE = ContextVar("lexicon", default=SHIPPED)


@contextmanager
def using(lexicon: Lexicon) -> Iterator[None]:
    r"""Let everything inside read by these words where it is given no others.

    Examples
    --------
    >>> lexicon, _ = Lexicon().with_words('[size]\nlarge = ["stellar"]')
    >>> with using(lexicon):
    ...     inside = table("size")["large"][-1]
    >>> inside, table("size")["large"][-1] == inside
    ('stellar', False)
    """
    token = _IN_USE.set(lexicon)
    try:
        yield
    finally:
        _IN_USE.reset(token)


def in_use() -> Lexicon:
    """The words that are read by: the shipped ones, but inside :func:`using`."""
    return _IN_USE.get()


def table(name: str) -> Mapping[str, Sequence[str]]:
    """The lists of one file, by group, of the words in use.

    Examples
    --------
    >>> table("certainty")["moderate"][:2]
    ['probably', 'likely']
    """
    return in_use().table(name)


def read_lexicon(content: Mapping[str, bytes]) -> tuple[Lexicon, tuple[Diagnostic, ...]]:
    r"""The shipped words with those of a folder: ``words/*.toml``, and ``[lexicon]`` in osler.toml.

    Files are taken in the order of their names, osler.toml last, so that what a review says in
    its settings stands.

    Examples
    --------
    >>> files = {"words/house.toml": b'[size]\nlarge = ["tremendous*"]', "studies.csv": b""}
    >>> lexicon, found = read_lexicon(files)
    >>> len(lexicon.changes), found
    (1, ())
    """
    lexicon, found = SHIPPED, list[Diagnostic]()
    names = sorted(n for n in content if n.startswith("words/") and n.endswith(".toml"))
    for name in (*names, *(n for n in ("osler.toml",) if n in content)):
        text, unreadable = decode(content[name], name)
        settings = name == "osler.toml"
        # What is wrong with osler.toml as a whole is told by those who read its settings.
        lexicon, told = lexicon.with_words(text, name, settings=settings)
        found += [] if settings else unreadable
        found += [d for d in told if not (settings and d.code == "LEX001")]
    return lexicon, tuple(found)


def _has(name: str, group: str, pattern: str) -> bool:
    return normal(pattern) in {normal(p) for p in _shipped_lists(name).get(group, ())}


@lru_cache(maxsize=64)
def _changed(lexicon: Lexicon, name: str) -> Mapping[str, Sequence[str]]:
    lists = {group: list(patterns) for group, patterns in _shipped_lists(name).items()}
    for change in lexicon.changes:
        if change.name != name:
            continue
        wanted = normal(change.pattern)
        for group, patterns in lists.items():
            if not change.removes or group == change.group:
                patterns[:] = [p for p in patterns if normal(p) != wanted]
        if not change.removes:
            lists.setdefault(change.group, []).append(change.pattern)
    return lists


@lru_cache(maxsize=512)
def _phrases(lexicon: Lexicon, name: str, groups: tuple[str, ...]) -> Phrases:
    lists = lexicon.table(name)
    wanted = (*groups, "neutral") if groups else tuple(lists)
    return Phrases({group: lists[group] for group in wanted if group in lists})


def phrases(name: str, *groups: str) -> Phrases:
    """One file's groups as phrases, of the words in use; all of them where none is named.

    The group "neutral" always takes part: its phrases hold a word of another group and
    mean something else.
    """
    return in_use().phrases(name, *groups)


@cache
def numbers() -> Mapping[str, Mapping[str, float]]:
    """Number words and shares in words."""
    read = read_toml(_shipped("numbers"))
    return {"values": read["values"], "shares": read["shares"]}


@cache
def number_words() -> Mapping[str, Phrases]:
    """Words around numbers ("up to", "lifetime"), each group by itself."""
    lists = read_toml(_shipped("numbers"))["words"]
    return {name: Phrases({name: patterns}) for name, patterns in lists.items()}


@cache
def relative_words() -> Mapping[str, Phrases]:
    """Words of relative effects ("twice as likely"), each group by itself."""
    lists = read_toml(_shipped("numbers"))["relative"]
    return {name: Phrases({name: patterns}) for name, patterns in lists.items()}
