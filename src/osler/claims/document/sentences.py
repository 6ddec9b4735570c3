"""Running text as sentences."""

# Abbreviations after which a sentence goes on, without their full stop.
_ABBREVIATED = """
    e.g i.e eg ie vs cf dr mr mrs ms prof st fig figs no nos vol pp al approx ca incl resp
    ed eds rev ref refs eq sec ch jan feb mar apr jun jul aug sep sept oct nov dec
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
# No sentence is longer; text without full stops (a table pasted in, a list of terms) is not
# judged as one, and that is told.
LONGEST_SENTENCE = 4000

_ENDS = ".!?…"
_CLOSERS = "\"'”’)]»*_"


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence starts and ends.

    Examples
    --------
    >>> [t for a, b in split_sentences("See Fig. 2. It helps, e.g. pain. Does it? Yes.")
    ...  for t in ["See Fig. 2. It helps, e.g. pain. Does it? Yes."[a:b]]]
    ['See Fig. 2.', 'It helps, e.g. pain.', 'Does it?', 'Yes.']
    """
    spans: list[tuple[int, int]] = []
    start = at = 0
    while at < len(text):
        if text[at] in _ENDS:
            end = _after(text, at)
            if _is_end(text, start, at, end):
                _add(spans, text, start, end)
                start = end
            at = end
        else:
            at += 1
    _add(spans, text, start, len(text))
    return spans


def _after(text: str, at: int) -> int:
    """The first character after the closing mark at ``at`` and what clings to it."""
    at += 1
    while at < len(text) and (text[at] in _ENDS or text[at] in _CLOSERS):
        at += 1
    return at


def _is_end(text: str, start: int, at: int, end: int) -> bool:
    if end < len(text) and not text[end].isspace():
        return False
    following = text[end : end + 8].lstrip().lstrip("\"'“‘([")
    if following and following[0].islower():
        return False
    if text[at] != ".":
        return True
    # A word of more than 12 characters is no abbreviation; a fixed reach keeps this linear.
    word = text[max(start, at - 12) : at].split(" ")[-1].lstrip("\"'“‘([")
    is_initial = len(word) == 1 and word.isupper() and word != "I"
    is_number = word.lower() in ("no", "nos") and not following[:1].isdigit()
    return not (is_initial or (word.lower() in _ABBREVIATIONS and not is_number)) or not following


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
