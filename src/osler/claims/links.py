"""Citations, insertions and pictures: can a page show what they ask for?"""

from collections.abc import Iterable, Iterator, Mapping

from osler.certainty.model import Evidence
from osler.claims.language.names import Names, offer
from osler.claims.model import Citation, Insertion, Page
from osler.claims.rulings import STANDS
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.records.library import FILE as LIBRARY
from osler.review.model import Review

# What each insertion takes: the kind of each argument; a "?" marks one that may be left out.
INSERTIONS: Mapping[str, tuple[str, ...]] = {
    "result": ("question",),
    "certainty": ("question",),
    "forest": ("question",),
    "icons": ("question",),
    "summary": ("comparison",),
    "profile": ("comparison",),
    "decision": ("outcome",),
    "options": ("outcome",),
    "network": ("outcome",),
    "mechanisms": (),
    "fact": ("fact",),
    "left_out": ("question?",),
    "prisma": (),
}


def questions_of(page: Page) -> tuple[str, ...]:
    """The questions that a page's claims and insertions are about, as they are written."""
    claims = [name for span in page.spans if span.kind == "claim" for name in span.about]
    shown = [
        insertion.arguments[0]
        for insertion in page.insertions
        if INSERTIONS.get(insertion.name, ())[:1] in (("question",), ("question?",))
        and insertion.arguments
    ]
    return tuple(dict.fromkeys((*claims, *shown)))


def check_links(page: Page, review: Review, evidence: Evidence, names: Names) -> list[Diagnostic]:
    """Citations, insertions and pictures that cannot be shown as they are asked for.

    These are citations of unknown keys, unknown insertions, insertions of unknown things,
    icon arrays without an absolute effect, a flow without records, and pictures.
    """
    out = [_unknown_key(c, review) for c in page.citations if c.key not in review.references]
    known = {
        "question": names.questions,
        "comparison": tuple(review.comparisons),
        "outcome": tuple(review.outcomes),
        "fact": tuple(review.facts),
    }
    for insertion in page.insertions:
        out += _check_insertion(insertion, known)
        out += _check_icons(insertion, evidence)
        out += _check_prisma(insertion, review)
    return [*out, *_pictures(page)]


def _check_prisma(insertion: Insertion, review: Review) -> list[Diagnostic]:
    if insertion.name != "prisma" or LIBRARY in review.records:
        return []
    return [no_records(insertion.place)]


def no_records(place: Place) -> Diagnostic:
    """PUB015: the page asks for the flow of records that are not there."""
    return _error(
        "PUB015",
        place,
        "the page shows the flow of records, and the review has none",
        f"{LIBRARY} is not there",
        "begin it with `osler records add EXPORT FOLDER`, or take the insertion out",
    )


def _check_icons(insertion: Insertion, evidence: Evidence) -> list[Diagnostic]:
    """An icon array counts people, so it needs a risk to start from."""
    if insertion.name != "icons" or len(insertion.arguments) != 1:
        return []
    (about,) = insertion.arguments
    finding = evidence.findings.get(about)
    if finding is None or finding.absolute is not None:
        # A question without a usable trial says so in place of the figure.
        return []
    return [
        _error(
            "PUB005",
            insertion.place,
            "an icon array needs an absolute effect, and none is known",
            f"{about!r} has no risk in the comparator group to start from",
            'use {{ result("...") }} or {{ forest("...") }} here instead',
        )
    ]


def _pictures(page: Page) -> Iterator[Diagnostic]:
    """A site that loads nothing from elsewhere, and is made of pages, has no pictures."""
    for token in page.tokens:
        for picture in (c for c in token.children or () if c.type == "image"):
            yield _error(
                "PUB014",
                picture.meta["place"],
                "a picture cannot stand on a page",
                f"![{picture.content}]({str(picture.attrs.get('src', ''))[:80]})",
                "link to the picture instead: [what it shows](address); figures of results "
                'come from {{ forest("...") }} and {{ icons("...") }}',
            )


def _unknown_key(citation: Citation, review: Review) -> Diagnostic:
    return _error(
        "CLM040",
        citation.place,
        "the reference is not in references.json",
        f"[@{citation.key}]",
        offer(citation.key, review.references, "reference"),
    )


def _check_insertion(insertion: Insertion, known: Mapping[str, Iterable[str]]) -> list[Diagnostic]:
    takes = INSERTIONS.get(insertion.name)
    written = f"{{{{ {insertion.name}({', '.join(map(repr, insertion.arguments))}) }}}}"
    if takes is None:
        names = ", ".join(INSERTIONS)
        message = "there is no insertion of this name"
        return [_error("CLM041", insertion.place, message, written, f"the insertions are {names}")]
    needed = [kind for kind in takes if not kind.endswith("?")]
    if not len(needed) <= len(insertion.arguments) <= len(takes):
        wanted = " or ".join(f"one {kind.rstrip('?')}" for kind in takes) or "nothing"
        message = "the insertion has the wrong number of arguments"
        return [_error("CLM041", insertion.place, message, written, f"it takes {wanted}")]
    out = []
    for kind, argument in zip(takes, insertion.arguments, strict=False):
        names_of_kind = known[kind.rstrip("?")]
        if argument not in names_of_kind:
            what = kind.rstrip("?")
            message = f"the review has no such {what}"
            advice = offer(argument, names_of_kind, what)
            out.append(_error("CLM042", insertion.place, message, written, advice))
    return out


def _error(code: str, place: Place, message: str, found: str, advice: str) -> Diagnostic:
    return Diagnostic(code, Severity.ERROR, place, message, found, STANDS, advice)
