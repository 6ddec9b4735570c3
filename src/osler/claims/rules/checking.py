"""The rules of packs, held against one page."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, islice

from osler.claims.language.names import Names
from osler.claims.language.words import Mention
from osler.claims.model import Page
from osler.claims.rules.built_in import BUILT_INS
from osler.claims.rules.matching import fits, matches, swaps
from osler.claims.rules.metrics import METRICS
from osler.claims.rules.model import Pack, Rule
from osler.claims.rules.prose import Prose, fits_kind, prose_of
from osler.claims.rules.telling import finding, short
from osler.claims.scenes import Scene
from osler.core.diagnostics import Diagnostic, Fix, Place, Severity, in_order

# Of one rule on one page. Who has that many to mend is not helped by more.
MOST_FINDINGS = 500


def check_rules(
    page: Page, packs: Iterable[Pack], names: Names | None, today: date
) -> list[Diagnostic]:
    """What the rules have to say about a page.

    Parameters
    ----------
    page : Page
        As :func:`~osler.claims.document.page.parse_page` gives it.
    packs : iterable of Pack
        As :func:`~osler.claims.rules.choice.choose_packs` leaves them.
    names : Names or None
        What the folder calls its treatments, its condition and its outcomes; None without a
        folder.
    today : date
        A rule that has expired still speaks, and says that it has.

    Returns
    -------
    list of Diagnostic
        Each with its rule, as "pack/rule". Suppressions are not applied.

    Examples
    --------
    >>> from osler.claims.document.page import parse_page
    >>> from osler.claims.rules.shipped import shipped_packs
    >>> page, _ = parse_page("Acupuncture is a proven remedy.", "a.md")
    >>> found = check_rules(page, shipped_packs(), None, date(2026, 11, 22))
    >>> [d.rule for d in found]
    ['uk-cap/proven']
    """
    prose = prose_of(page, names)
    found: list[Diagnostic] = []
    for rule in (rule for pack in packs for rule in pack.rules):
        judge = JUDGES.get(rule.check)
        if judge is not None:
            found += [_dated(d, rule, today) for d in islice(judge(rule, prose), MOST_FINDINGS)]
    return list(in_order(found))


def _dated(d: Diagnostic, rule: Rule, today: date) -> Diagnostic:
    if rule.expires is None or not rule.is_expired(today):
        return d
    told = f"the rule was to be checked again by {rule.expires.isoformat()}"
    return finding(rule, d.place, d.message, d.found, told, d.help, d.fix)


def _existence(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    for scene in prose.scenes_for(rule):
        for mention in matches(rule, scene):
            yield _said(rule, scene, mention)
            if rule.once:
                return
            break


def _said(rule: Rule, scene: Scene, mention: Mention) -> Diagnostic:
    said = {"{found}": scene.said(mention)}
    return finding(
        rule,
        scene.place(mention),
        _filled(rule.message, said),
        short(scene.sentence.text),
        "",
        _filled(rule.help, said),
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _substitution(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    phrases = swaps(tuple(rule.swap))
    told: set[str] = set()
    for scene in prose.scenes_for(rule):
        if not fits(rule, scene):
            continue
        for mention in phrases.find(scene.words):
            if rule.once and mention.name in told:
                continue
            told.add(mention.name)
            values = {"{found}": scene.said(mention), "{instead}": rule.swap[mention.name]}
            place = scene.place(mention)
            yield finding(
                rule,
                place,
                _filled(rule.message, values),
                short(scene.sentence.text),
                "",
                _filled(rule.help, values),
                _fix(rule, mention.name, scene, mention, place),
            )


def _fix(rule: Rule, written: str, scene: Scene, mention: Mention, place: Place) -> Fix | None:
    """The suggestion, where the rule calls it safe and the phrase stands unbroken in its line."""
    instead, said = rule.swap[written], scene.said(mention)
    unbroken = place.source[place.column - 1 : place.end_column - 1] == said
    if not rule.safe or "*" in written or "," in instead or not unbroken:
        return None
    return Fix(place, instead[:1].upper() + instead[1:] if said[:1].isupper() else instead)


def _occurrence(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    likely = {id(scene) for scene in prose.scenes_for(rule)}
    for scenes in _scopes(rule, prose):
        found = [(s, m) for s in scenes if id(s) in likely for m in matches(rule, s)]
        if rule.at_most is not None and len(found) > rule.at_most:
            scene, mention = found[rule.at_most]
            values = {"{found}": scene.said(mention), "{value}": str(len(found))}
            message, advice = _filled(rule.message, values), _filled(rule.help, values)
            yield finding(
                rule, scene.place(mention), message, short(scene.sentence.text), "", advice
            )
        if rule.at_least is not None and len(found) < rule.at_least and scenes:
            values = {"{value}": str(len(found))}
            place = _start(prose, scenes[0], rule)
            told = f"found {len(found)} of them, wanted at least {rule.at_least}"
            message, advice = _filled(rule.message, values), _filled(rule.help, values)
            yield finding(rule, place, message, told, "", advice)


def _start(prose: Prose, scene: Scene, rule: Rule) -> Place:
    page = prose.page
    if rule.scope == "page":
        return Place(page.file, source=page.lines[0] if page.lines else "")
    return scene.sentence.place


def _scopes(rule: Rule, prose: Prose) -> Iterator[list[Scene]]:
    """The scenes of each sentence, paragraph, section, or of the page."""
    scenes = prose.unmarked if rule.unmarked else prose.whole
    fitting = [s for s in scenes if fits_kind(rule, s.sentence)]
    keys: Mapping[str, Callable[[Scene], object]] = {
        "sentence": id,
        "paragraph": lambda s: s.sentence.block,
        "section": lambda s: s.sentence.heading,
        "page": lambda s: 0,
    }
    for _, group in groupby(fitting, key=keys[rule.scope]):
        yield list(group)


def _limit(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    for measured in METRICS[rule.metric](prose.running):
        if rule.above is not None and measured.value > rule.above:
            values = {"{value}": f"{measured.value:g}", "{limit}": f"{rule.above:g}"}
            sentence = measured.sentence
            message, advice = _filled(rule.message, values), _filled(rule.help, values)
            yield finding(rule, sentence.place, message, short(sentence.text), "", advice)


def _built_in(rule: Rule, prose: Prose) -> Iterator[Diagnostic]:
    yield from BUILT_INS[rule.what](rule, prose)


JUDGES: Mapping[str, Callable[[Rule, Prose], Iterator[Diagnostic]]] = {
    "existence": _existence,
    "requires": _existence,
    "substitution": _substitution,
    "occurrence": _occurrence,
    "limit": _limit,
    "built-in": _built_in,
}


def expired(packs: Iterable[Pack], today: date) -> list[Diagnostic]:
    """One warning for each pack that has rules whose date has passed.

    Examples
    --------
    >>> from osler.claims.rules.shipped import shipped_packs
    >>> {d.code for d in expired(shipped_packs(), date(2031, 1, 1))}
    {'RUL005'}
    """
    out: list[Diagnostic] = []
    for pack in packs:
        old = [rule for rule in pack.rules if rule.is_expired(today)]
        if old:
            out.append(_expired(pack, old))
    return out


def _expired(pack: Pack, old: Sequence[Rule]) -> Diagnostic:
    first = min(old, key=lambda rule: rule.expires or date.max)
    when = first.expires.isoformat() if first.expires else ""
    many = "a rule has" if len(old) == 1 else f"{len(old)} rules have"
    return Diagnostic(
        "RUL005",
        Severity.WARNING,
        Place("osler.toml") if pack.shipped else first.place,
        f"{many} expired in the pack {pack.name}",
        f"{first.name} was to be checked against its source by {when}",
        "the rules still speak, and may say what is no longer so",
        "get a newer version of Osler, or turn the pack off under [rules]"
        if pack.shipped
        else f"look at {first.source or 'the source'}, then move seen and expires on",
    )


def settle(found: Iterable[Diagnostic], packs: Iterable[Pack]) -> tuple[Diagnostic, ...]:
    """Of several findings on the same words, those that say most.

    A rule may yield to a code (``yields_to``), or speak instead of it (``instead_of``).

    Examples
    --------
    >>> settle([], [])
    ()
    """
    rules = {rule.name: rule for pack in packs for rule in pack.rules}
    found = in_order(found)
    by_line: dict[tuple[str, int], list[Diagnostic]] = {}
    for d in found:
        by_line.setdefault((d.place.file, d.place.line), []).append(d)
    gone = {id(d) for beside in by_line.values() for d in _settled(beside, rules)}
    return tuple(d for d in found if id(d) not in gone)


def _settled(beside: Sequence[Diagnostic], rules: Mapping[str, Rule]) -> Iterator[Diagnostic]:
    """Of the findings of one line, by column, those that another one makes needless."""
    speaking = [d for d in beside if d.rule in rules]
    if not speaking:
        return
    codes = {(d.code, d.found) for d in beside}
    names = dict.fromkeys(d.rule for d in speaking)
    others = {name: _Beside(beside, rules[name].instead_of) for name in names}
    for d in speaking:
        if any((code, d.found) in codes for code in rules[d.rule].yields_to):
            yield d
        else:
            yield from others[d.rule].touching(d)


class _Beside:
    """The findings of some codes in one line, to be asked which of them touch another."""

    def __init__(self, beside: Sequence[Diagnostic], codes: Collection[str]) -> None:
        self._all = [d for d in beside if d.code in codes] if codes else []
        self._columns = [d.place.column for d in self._all]
        self._longest = max((_end(d) - d.place.column for d in self._all), default=0)
        self._same: dict[str, list[Diagnostic]] = {}
        for d in self._all:
            self._same.setdefault(d.found, []).append(d)

    def touching(self, d: Diagnostic) -> Iterator[Diagnostic]:
        """Those on the same words, or found in the same sentence; each of these once."""
        yield from self._same.pop(d.found, ())
        first = bisect_left(self._columns, d.place.column - self._longest)
        last = bisect_left(self._columns, _end(d))
        yield from (o for o in self._all[first:last] if d.place.column < _end(o))


def _end(d: Diagnostic) -> int:
    return max(d.place.end_column, d.place.column + 1)
