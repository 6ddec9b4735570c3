"""From an export's entries to the files of a review folder, and a list of what was not brought."""

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from bs4 import BeautifulSoup

from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.wording import counted
from osler.web.wordpress.markup import to_markdown
from osler.web.wordpress.model import Author, Entry, OldComment, Part, Site
from osler.web.wordpress.preparing import data

# First parts of addresses that the site needs itself; a test holds it against the site's list.
RESERVED = frozenset(
    "data staff static comments privacy search contact categories authors versions answer practice"
    " questionnaire questions q healthz p a".split()
)
NOWHERE = Site("", "")
PAGES = ("post", "page")
DESCRIPTION = 300
_WORD = re.compile(r"[^a-z0-9_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s")
_WHEN = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})")


@dataclass
class Survey:
    """What the first reading of an export gives, and the second needs."""

    site: Site = NOWHERE
    authors: dict[str, str] = field(default_factory=dict)
    slugs: dict[int, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)
    reusable: dict[str, str] = field(default_factory=dict)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)
    diagnostics: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True)
class BroughtPage:
    """One page: its file and text, its comments as rows, and what was not brought of it."""

    file: str
    slug: str
    text: str
    is_draft: bool
    comments: tuple[Mapping[str, str], ...]
    files: tuple[tuple[str, str, str], ...]
    diagnostics: tuple[Diagnostic, ...]


def survey(parts: Iterable[Part], file: str) -> Survey:
    """Read an export once: who wrote, which entries become pages, and where these will be."""
    found = Survey()
    taken: set[str] = set()
    number = 0
    for part in parts:
        if isinstance(part, Site):
            found.site = part
        elif isinstance(part, Author):
            found.authors[part.login] = part.name
        else:
            _look(part, number, found, taken, file)
            number += 1
    return found


def _look(entry: Entry, number: int, found: Survey, taken: set[str], file: str) -> None:
    if entry.kind == "attachment":
        found.pictures[entry.number] = entry.file
    if entry.kind == "wp_block":
        found.reusable[entry.number] = entry.html
    fate = fate_of(entry)
    if fate == "left":
        found.left[entry.kind or "no kind", entry.status] += 1
        why = data()["kinds"].get(entry.kind)
        if why is None or entry.kind in PAGES:
            found.diagnostics.append(_not_brought(entry, file))
        return
    slug = _free(_slug(entry), taken)
    taken.add(slug)
    found.slugs[number] = slug
    wanted = unquote(entry.slug)
    if wanted and wanted != slug:
        found.diagnostics.append(_renamed(entry, wanted, slug, file))
    if fate == "page":
        for old in _old_addresses(entry):
            if old != f"/{slug}/" and old != "/":
                found.moved.setdefault(old, f"/{slug}/")


def fate_of(entry: Entry) -> str:
    """ "page", "draft" (kept out of the public) or "left"."""
    if entry.kind not in PAGES:
        return "left"
    fate = str(data()["status"].get(entry.status, "draft"))
    return "draft" if fate == "page" and entry.password else fate


def _slug(entry: Entry) -> str:
    for text in (unquote(entry.slug), entry.title, f"{entry.kind}-{entry.number or entry.line}"):
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        made = _WORD.sub("-", plain).strip("-_")[:80].strip("-_")
        if made:
            return made
    return "page"


def _free(slug: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken or the site needs it."""
    if slug in RESERVED:
        slug = f"{slug}-page"
    if slug not in taken:
        return slug
    return next(s for n in range(2, len(taken) + 3) if (s := f"{slug}-{n}") not in taken)


def _old_addresses(entry: Entry) -> Iterator[str]:
    parts = urlsplit(entry.link)
    if parts.path.startswith("/") and not parts.path.startswith("//") and not parts.query:
        yield unquote(parts.path)
    if entry.number.isdigit():
        yield f"/?{'page_id' if entry.kind == 'page' else 'p'}={entry.number}"


def pages(parts: Iterable[Part], found: Survey, file: str) -> Iterator[BroughtPage]:
    """Read an export again and give its pages, one at a time."""
    number = -1
    for part in parts:
        if isinstance(part, Entry):
            number += 1
            if number in found.slugs:
                yield _page(part, found.slugs[number], found, file)


def _page(entry: Entry, slug: str, found: Survey, file: str) -> BroughtPage:
    written = to_markdown(
        entry.html, lambda a: _new_address(a, found), found.reusable, found.pictures
    )
    path = f"pages/{slug}.md"
    is_draft = fate_of(entry) == "draft"
    files = [*written.files]
    if entry.picture and found.pictures.get(entry.picture):
        files.append(("featured picture", found.pictures[entry.picture], ""))
    told = [_lost(path, what, words) for what, words in written.lost]
    told += [_lost(path, f"the end of {name}: it is too long", "") for name in entry.cut]
    comments, of_comments = _comments(entry, slug, path)
    if is_draft and entry.password:
        told.append(_lost(path, "the password; the page is a draft that nobody sees", ""))
    text = "\n".join([*_front_matter(entry, found, written.text, is_draft), "", written.text])
    return BroughtPage(path, slug, text, is_draft, comments, tuple(files), (*told, *of_comments))


def _new_address(address: str, found: Survey) -> str:
    """Where a link of the former site leads now; what is not one of its pages stays."""
    ours, theirs = urlsplit(found.site.address), None
    try:
        theirs = urlsplit(address)
    except ValueError:
        return address
    if theirs.netloc and theirs.netloc.removeprefix("www.") != ours.netloc.removeprefix("www."):
        return address
    if not theirs.netloc and not theirs.path.startswith("/"):
        return address
    path = unquote(theirs.path) or "/"
    tried = (f"{path}?{theirs.query}",) if theirs.query else (path, f"{path}/")
    new = next((found.moved[t] for t in tried if t in found.moved), None)
    if new is None and path.strip("/") in found.slugs.values() and not theirs.query:
        new = f"/{path.strip('/')}/"
    if new is None:
        return address if theirs.netloc else f"{ours.scheme}://{ours.netloc}{address}"
    return f"..{new}" + (f"#{theirs.fragment}" if theirs.fragment else "")


def _front_matter(entry: Entry, found: Survey, text: str, is_draft: bool) -> Iterator[str]:
    """``reviewed`` and ``next_review`` stay out: nobody has held the page against evidence yet."""
    terms = dict.fromkeys(_item(t.name) for t in (*entry.categories, *entry.tags))
    values = {
        "title": _value(_plain(entry.title)),
        "description": _value(_description(entry, text)),
        "author": _value(_plain(found.authors.get(entry.author, entry.author))),
        "date": entry.when,
    }
    yield "---"
    if entry.link:
        yield f"# From {' '.join(entry.link.split())}"
    yield from (f"{key}: {value}" for key, value in values.items() if value)
    categories = ", ".join(filter(None, terms))
    if categories:
        yield f"categories: [{categories}]"
    if is_draft:
        yield "draft: true"
    yield "---"


def _description(entry: Entry, text: str) -> str:
    """The excerpt, else the first sentences of the text."""
    told = _plain(entry.excerpt)
    if not told:
        first = next((p for p in text.split("\n\n") if p[:1] not in "#-|>`[!"), "")
        told = " ".join(re.sub(r"\]\([^)]*\)|[\\*\[\]]", "", first).split())
    if len(told) <= DESCRIPTION:
        return told
    sentences = _SENTENCE_END.split(told[: DESCRIPTION + 1])
    whole = " ".join(sentences[:-1])
    return whole or told[:DESCRIPTION].rsplit(" ", 1)[0] + "…"


def _plain(html: str) -> str:
    """Words without their markup, on one line."""
    if "<" not in html and "&" not in html:
        return " ".join(html.split())
    # Without an end of each tag the parser would look for it again and again.
    safe = html[:20_000] if html.count("<") <= html.count(">") else html[:2_000]
    return " ".join(BeautifulSoup(safe, "html.parser").get_text(" ").split())


def _value(text: str) -> str:
    """A value of the front matter, in quotation marks where it could be read as something else."""
    needs = text[:1] in "[]{}|>&*!%@`\"'#-?:," or text.lower() in ("null", "~", "none")
    return f'"{text}"' if text and needs else text


def _listed(text: str) -> str:
    """A category as the page has it: brackets and quotation marks would end the list or the item.

    Examples
    --------
    >>> _listed('Hips &amp; "knees" [old]')
    "Hips & 'knees' (old)"
    """
    return _plain(text).replace("[", "(").replace("]", ")").replace('"', "'")


def _item(text: str) -> str:
    plain = _listed(text)
    needs = "," in plain or ":" in plain or plain[:1] in "{'" or plain.lower() in ("null", "none")
    return f'"{plain}"' if plain and needs else plain


def _comments(
    entry: Entry, slug: str, path: str
) -> tuple[tuple[Mapping[str, str], ...], list[Diagnostic]]:
    rows, told = [], []
    kinds: Counter[str] = Counter()
    for comment in entry.comments:
        status = data()["comments"].get(comment.approved)
        when = _WHEN.match(comment.when)
        if comment.kind != "comment":
            kinds[comment.kind] += 1
        elif status is None or when is None:
            why = f"status {comment.approved!r}" if status is None else f"date {comment.when!r}"
            told.append(_no_comment(path, f"comment {comment.number}: {why}"))
        else:
            rows.append(_row(comment, entry, slug, str(status), f"{when[1]}T{when[2]}+00:00"))
    told += [_no_comment(path, counted(n, kind)) for kind, n in sorted(kinds.items())]
    return tuple(rows), told


def _row(comment: OldComment, entry: Entry, slug: str, status: str, when: str) -> Mapping[str, str]:
    """What is kept of a comment: no address of the connection, no browser, no website."""
    words = comment.text[:20_000]
    safe = words if words.count("<") <= words.count(">") else words.replace("<", "&lt;")
    soup = BeautifulSoup(safe, "html.parser")
    for tag in soup.find_all(["p", "br", "li", "blockquote"]):
        tag.append("\n\n" if tag.name in ("p", "blockquote") else "\n")
    for anchor in soup.find_all("a", href=True):
        if str(anchor["href"]) not in anchor.get_text():
            anchor.append(f" ({anchor['href']})")
    return {
        "page": slug,
        "number": comment.number,
        "parent": comment.parent if comment.parent != "0" else "",
        "name": _plain(comment.name),
        "email": comment.email,
        "text": soup.get_text().strip(),
        "status": status,
        "written": when,
        "from": f"{entry.link or entry.number}#comment-{comment.number}",
    }


def redirects_csv(before: bytes, found: Survey) -> bytes:
    """``redirects.csv`` with the rows it has, and those of the export."""
    rows: dict[str, str] = {}
    for row in csv.DictReader(io.StringIO(before.decode("utf-8-sig", "replace"), newline="")):
        rows[(row.get("old") or "").strip()] = (row.get("new") or "").strip()
    rows = {old: new for old, new in rows.items() if old}
    for old, new in found.moved.items():
        rows.setdefault(old, new)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("old", "new"))
    writer.writerows(rows.items())
    return out.getvalue().encode()


def comment_lines(rows: Iterable[Mapping[str, str]]) -> str:
    """Comments as JSON, one a line."""
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)


def list_addresses(found: Survey, categories: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Old addresses of the lists: categories, authors, the feed."""
    out = {
        f"/category/{slug}/": f"/categories/{quote(_listed(name))}/"
        for slug, name in categories
        if slug
    }
    out |= {
        f"/author/{login}/": f"/authors/{quote(_plain(name))}/"
        for login, name in found.authors.items()
        if login and "/" not in login
    }
    return out | {"/feed/": "/feed.xml"}


def _lost(path: str, what: str, words: str) -> Diagnostic:
    return Diagnostic(
        "WEB102",
        Severity.WARNING,
        Place(path),
        f"not brought: {what}",
        words,
        "the page is without it",
        "look at the old page and write what readers need",
    )


def _not_brought(entry: Entry, file: str) -> Diagnostic:
    return Diagnostic(
        "WEB103",
        Severity.WARNING,
        Place(file, entry.line),
        "an entry is not brought",
        f"{entry.kind or 'no kind'}, {entry.status or 'no status'}: "
        f"{_plain(entry.title)[:80] or 'no title'} {entry.link[:200]}".rstrip(),
        "it is in no page",
        "write a page by hand if readers need it; posts and pages are brought, unless in the bin",
    )


def _renamed(entry: Entry, wanted: str, slug: str, file: str) -> Diagnostic:
    return Diagnostic(
        "WEB104",
        Severity.NOTE,
        Place(file, entry.line),
        "a page has another address than before",
        f"{wanted[:100]} is now {slug}",
        "its old addresses lead to the new one" if fate_of(entry) == "page" else "",
        "the name was taken, or holds other signs than a-z, 0-9, - and _, or the site needs it",
    )


def _no_comment(path: str, found: str) -> Diagnostic:
    return Diagnostic(
        "WEB106",
        Severity.NOTE,
        Place(path),
        "not brought with the comments",
        found,
        "",
        "pingbacks and trackbacks are other sites' links, not readers' words",
    )
