"""A safe wording in place of one that says too much: verb turned, strong words taken out.

Only whole marks on one line are rewritten, only with one verb that the lists know, and only
where the judge, asked again, finds nothing against the result.
"""

from collections.abc import Callable, Sequence
from functools import cache

from osler.certainty.model import Level, Size
from osler.claims.language.bounds import bounds, permitted_rank, size_rank
from osler.claims.language.words import Mention, Phrases, Word, words_of
from osler.claims.model import Page, Span
from osler.core.diagnostics import Fix

# Longer marks are for a person: nobody reads a fix of this length.
LONGEST = 400

_Cut = tuple[int, int, str]


def rewrite(
    span: Span, page: Page, level: Level, size: Size, passes: Callable[[str], bool]
) -> Fix | None:
    """A rewriting of the words of a mark that passes, or None.

    Parameters
    ----------
    span : Span
    page : Page
        Where the mark stands.
    level, size
        What the evidence permits.
    passes : callable
        Whether the judge finds nothing against other words in the same mark.
    """
    if not _stands_as_read(span) or len(span.text) > LONGEST:
        return None
    for words in rewritings(span.text, level, size, closes=_closes(span, page)):
        if words != span.text and passes(words):
            return Fix(span.place, words)
    return None


def _stands_as_read(span: Span) -> bool:
    """Whether the file holds the words of the mark as they are, on one line."""
    place = span.place
    return place.source[place.column - 1 : place.end_column - 1] == span.text


def _closes(span: Span, page: Page) -> bool:
    """Whether the sentence ends with the mark, so that something can be added to it."""
    if span.text.rstrip().endswith("."):
        return True
    after = span.place.source[span.place.end_column - 1 :]
    rest = after.partition("}")[2] if after.startswith("]{") else ""
    return rest.strip() == "" or rest.startswith((".", ";"))


def rewritings(text: str, level: Level, size: Size, *, closes: bool) -> list[str]:
    """Wordings to try, the nearest to the text first.

    Examples
    --------
    >>> rewritings("greatly reduces leg pain", Level.LOW, "important", closes=True)
    ['may reduce leg pain']
    >>> rewritings("reduces leg pain", Level.MODERATE, "small", closes=True)
    ['probably slightly reduces leg pain', 'probably reduces leg pain']
    """
    words = words_of(text)
    verbs = _verbs(words)
    if len(verbs) != 1 or (level is Level.VERY_LOW and not closes):
        return []
    cuts = _strong(words, size)
    out = []
    slight = permitted_rank(size) == size_rank("slight") and level is not Level.VERY_LOW
    for softened in (True, False) if slight else (False,):
        turned = _turned(words, verbs[0], level, softened)
        if turned is None:
            return []
        wording = _tidy(_applied(text, [*cuts, *turned]), text)
        out.append(_unsure(wording) if level is Level.VERY_LOW else wording)
    return out


def _verbs(words: Sequence[Word]) -> list[int]:
    """Where verbs stand that we can turn; "is" in "is known to" is none of them."""
    known = bounds("rewriting")["verbs"]
    taken = {n for m in _phrases("before").find(words) for n in range(m.first, m.last)}
    found = [n for n, w in enumerate(words) if w.text in known and n not in taken]
    return [n for n in found if not _is_noun(words, n)]


def _is_noun(words: Sequence[Word], at: int) -> bool:
    """Whether a word of the verbs is a noun here: "the results", "an increase", "more help"."""
    before = words[at - 1].text if at else ""
    return before in ("the", "a", "an", "of", "these", "their", "its", "more", "less", "no") or (
        before in _list("adjectives")
    )


@cache
def _list(name: str) -> tuple[str, ...]:
    return tuple(bounds("rewriting")["lists"][name])


@cache
def _phrases(name: str) -> Phrases:
    return Phrases({name: _list(name)})


def _strong(words: Sequence[Word], size: Size) -> list[_Cut]:
    """Words that are too strong wherever they stand, taken out."""
    gone: list[Mention] = _phrases("absolute").find(words)
    if permitted_rank(size) < size_rank("large"):
        gone += _phrases("large").find(words)
        for name, followers in (("more", "compared"), ("adjectives", "nouns")):
            follow = _list(followers)
            found = _phrases(name).find(words)
            gone += [m for m in found if m.last < len(words) and words[m.last].text in follow]
    return [_cut(words, m.first, m.last) for m in gone]


def _cut(words: Sequence[Word], first: int, last: int) -> _Cut:
    end = words[last].start if last < len(words) else words[last - 1].end
    return words[first].start, end, ""


def _turned(words: Sequence[Word], at: int, level: Level, slight: bool) -> list[_Cut] | None:
    """The verb with the form of a level before it, in place of what stood there."""
    lists = bounds("rewriting")
    verb = words[at].text
    first = at
    negated = at > 0 and words[at - 1].text == "not"
    reach = at - 1 if negated else at
    # What was cut as too strong may stand between a modal and its verb.
    strong = {*_list("large"), *_list("absolute")}
    while reach > 0 and words[reach - 1].text in strong:
        reach -= 1
    ahead = words[max(reach - 6, 0) : reach]
    ends = [m for m in _phrases("before").find(ahead) if m.last == len(ahead)]
    if ends:
        first = reach - (ends[0].last - ends[0].first)
    elif reach > 0 and words[reach - 1].text in ("to", "that", "who", "which", "if", "whether"):
        return None
    if negated and not ends:
        return None
    base = lists["verbs"][verb]
    key = level.name.lower()
    if verb in ("is", "are") and level is Level.MODERATE:
        key = "moderate_be"
    if key in ("high", "moderate") and (negated or (ends and verb == base)):
        # After "can" or "does not" the verb has lost its ending, and we do not know the subject.
        return None
    form = lists["forms"][key].replace("%s", ("not " if negated else "") + base)
    form = form.replace("%f", verb)
    if slight:
        form = _softened(form, base)
    return [(words[first].start, words[at].end, form)]


def _softened(form: str, base: str) -> str:
    """A small effect: "slightly" before the verb, or after a form of "be"."""
    slightly = bounds("rewriting")["lists"]["slightly"]
    if base == "be":
        return f"{form} {slightly}"
    head, _, verb = form.rpartition(" ")
    return f"{head} {slightly} {verb}".strip()


def _applied(text: str, cuts: Sequence[_Cut]) -> str:
    """The text with its parts replaced; a part inside another is left to the larger one."""
    out: list[str] = []
    done = 0
    for start, end, words in sorted(cuts, key=lambda cut: (cut[0], -cut[1])):
        if start < done:
            continue
        out += [text[done:start], words]
        done = end
    return "".join([*out, text[done:]])


def _tidy(wording: str, text: str) -> str:
    """One space between words, "a" or "an" by the next word, the first letter as before."""
    parts = wording.split()
    for n, word in enumerate(parts[:-1]):
        if word.lower() in ("a", "an"):
            vowel = parts[n + 1][:1].lower() in "aeiou"
            parts[n] = word[0] + ("n" if vowel else "")
    wording = " ".join(parts)
    return wording[:1].upper() + wording[1:] if text[:1].isupper() else wording


def _unsure(wording: str) -> str:
    stop = "." if wording.endswith(".") else ""
    unsure: str = bounds("rewriting")["lists"]["unsure"]
    return wording.removesuffix(".") + unsure + stop
