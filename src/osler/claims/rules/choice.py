"""``[rules]`` of osler.toml: which packs are on, which rules are off, how much each weighs.

::

    [rules]
    packs = ["grade", "plain-language", "uk-cap", "house"]
    off = ["plain-language/long-sentence"]

    [rules.severity]
    "uk-cap/effect" = "error"
    plain-language = "warning"

Without ``packs`` those of :data:`~osler.claims.rules.model.DEFAULT_PACKS` are on, those that
belong to the site's language, and every pack of the folder itself. ``grade`` is always on.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from osler.claims.rules.model import DEFAULT_PACKS, PACKS_BY_LANGUAGE, Pack, Rule, RuleChoice
from osler.core.diagnostics import Diagnostic, Place, Severity

ALWAYS_ON = "grade"
_KEYS = ("packs", "off", "severity")


def parse_choice(
    table: object, lines: Sequence[str] = (), file: str = "osler.toml"
) -> tuple[RuleChoice, tuple[Diagnostic, ...]]:
    """Read the table ``[rules]``, as TOML gives it; None where there is none.

    Parameters
    ----------
    table : object
        The value of the key ``rules``.
    lines : sequence of str
        The lines of the file, so that a mistake can be shown where it stands.
    file : str
        Name of the file.

    Examples
    --------
    >>> choice, wrong = parse_choice({"off": ["plain-language/jargon"], "packs": ["grade"]})
    >>> choice.packs, choice.off, wrong
    (('grade',), ('plain-language/jargon',), ())
    """
    head = _head(lines, file)
    if table is None:
        return RuleChoice(place=head), ()
    if not isinstance(table, Mapping):
        return RuleChoice(place=head), (_wrong(head, "rules must be a table", "write [rules]"),)
    wrong = [
        _wrong(_line(lines, str(key), head), f"[rules] has no key {key!r}", _near(str(key), _KEYS))
        for key in table
        if key not in _KEYS
    ]
    packs = _texts(table, "packs", lines, head, wrong) if "packs" in table else None
    off = _texts(table, "off", lines, head, wrong)
    severity = _severities(table.get("severity", {}), lines, head, wrong)
    return RuleChoice(packs, off, severity, head), tuple(wrong)


def _texts(
    table: Mapping[str, object],
    key: str,
    lines: Sequence[str],
    head: Place,
    wrong: list[Diagnostic],
) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(dict.fromkeys(value))
    place = _line(lines, key, head)
    wrong.append(_wrong(place, f"{key} must be a list of names", f'write {key} = ["..."]'))
    return ()


def _severities(
    value: object, lines: Sequence[str], head: Place, wrong: list[Diagnostic]
) -> dict[str, Severity]:
    known = [s.value for s in Severity]
    if not isinstance(value, Mapping):
        place = _line(lines, "severity", head)
        wrong.append(_wrong(place, "severity must be a table", 'write severity."pack/id" = "note"'))
        return {}
    out: dict[str, Severity] = {}
    for name, weight in value.items():
        if weight in known:
            out[str(name)] = Severity(weight)
        else:
            place = _line(lines, str(name), head)
            told = f"the severity of {name} is none of those known"
            wrong.append(_wrong(place, told, f"write one of {', '.join(known)}"))
    return out


def _head(lines: Sequence[str], file: str) -> Place:
    for number, line in enumerate(lines, 1):
        if line.strip().startswith(("[rules]", "[rules.")):
            return Place(file, number, 1, len(line) + 1, "rules", line)
    return Place(file, source=lines[0] if lines else "")


def _line(lines: Sequence[str], key: str, head: Place) -> Place:
    """The first line from the table's head on that begins with a key or holds it."""
    for number in range(head.line, len(lines) + 1):
        line = lines[number - 1]
        if line.lstrip().lstrip('"').startswith(key) or f'"{key}"' in line:
            return replace(head, line=number, end_column=len(line) + 1, field=key, source=line)
    return head


def _wrong(place: Place, message: str, advice: str) -> Diagnostic:
    found = place.source.strip()[:80]
    so = "this setting is not used"
    return Diagnostic("RUL008", Severity.ERROR, place, message, found, so, advice)


def _near(wanted: str, known: Iterable[str]) -> str:
    every = sorted(known)
    close = difflib.get_close_matches(wanted[:100], every, 1)
    return f'did you mean "{close[0]}"?' if close else "known are " + ", ".join(every)


def choose_packs(
    available: Iterable[Pack],
    choice: RuleChoice,
    language: str = "",
    lines: Sequence[str] = (),
) -> tuple[tuple[Pack, ...], tuple[Diagnostic, ...]]:
    """The packs that are on, without the rules that are off, each rule with its weight.

    Parameters
    ----------
    available : iterable of Pack
        The shipped ones, and those of the folder.
    choice : RuleChoice
    language : str
        That of the site, such as "en-GB".
    lines : sequence of str
        The lines of osler.toml.

    Examples
    --------
    >>> from osler.claims.rules.shipped import shipped_packs
    >>> packs, wrong = choose_packs(shipped_packs(), RuleChoice(packs=("uk-cap",)), "en-GB")
    >>> [pack.name for pack in packs], wrong
    (['grade', 'uk-cap'], ())
    """
    packs = tuple(available)
    wrong = _unknown(packs, choice, lines)
    on = _on(packs, choice, language)
    return tuple(_changed(pack, choice) for pack in packs if pack.name in on), tuple(wrong)


def _on(packs: Sequence[Pack], choice: RuleChoice, language: str) -> set[str]:
    if choice.packs is not None:
        return {ALWAYS_ON, *choice.packs}
    own = {pack.name for pack in packs if not pack.shipped}
    return {ALWAYS_ON, *DEFAULT_PACKS, *PACKS_BY_LANGUAGE.get(language, ()), *own}


def _changed(pack: Pack, choice: RuleChoice) -> Pack:
    if pack.name == ALWAYS_ON:
        return pack
    kept = (rule for rule in pack.rules if rule.name not in choice.off)
    return replace(pack, rules=tuple(_weighed(rule, choice) for rule in kept))


def _weighed(rule: Rule, choice: RuleChoice) -> Rule:
    weight = choice.severity.get(rule.name) or choice.severity.get(rule.pack)
    return rule if weight is None else replace(rule, severity=weight)


def _unknown(packs: Sequence[Pack], choice: RuleChoice, lines: Sequence[str]) -> list[Diagnostic]:
    names = {pack.name for pack in packs}
    rules = {rule.name for pack in packs for rule in pack.rules}
    told = [(name, names, "pack") for name in choice.packs or () if name not in names]
    told += [(name, rules, "rule") for name in choice.off if name not in rules]
    told += [
        (name, rules | names, "rule")
        for name in choice.severity
        if name not in rules and name not in names
    ]
    out = [
        Diagnostic(
            "RUL007",
            Severity.ERROR,
            _line(lines, name, choice.place),
            f"[rules] names a {what} that does not exist",
            name[:80],
            "this setting is not used",
            _near(name, known)
            if what == "pack"
            else _near(name, known).split(",")[0] + "; 'osler rules' lists them all",
        )
        for name, known, what in told
    ]
    fixed = [n for n in (*choice.off, *choice.severity) if n.partition("/")[0] == ALWAYS_ON]
    return [*out, *(_fixed(name, lines, choice.place) for name in fixed)]


def _fixed(name: str, lines: Sequence[str], head: Place) -> Diagnostic:
    return Diagnostic(
        "RUL009",
        Severity.ERROR,
        _line(lines, name, head),
        f"the pack {ALWAYS_ON} is always on",
        name[:80],
        "this setting is not used",
        "to set one finding aside, write <!-- osler: ignore CODE because ... --> above it",
    )


def as_chosen(
    found: Iterable[Diagnostic],
    available: Iterable[Pack],
    chosen: Iterable[Pack],
) -> tuple[Diagnostic, ...]:
    """Findings whose code a pack lists as given elsewhere, off and weighed as chosen.

    What comes from a rule itself is weighed already; a code that no pack lists stays as it is.
    """
    listed = {r.code: r for p in available for r in p.rules if r.check == "elsewhere"}
    kept = {r.code: r for p in chosen for r in p.rules if r.check == "elsewhere"}
    out: list[Diagnostic] = []
    for d in found:
        rule = listed.get(d.code)
        if rule is None or rule.pack == ALWAYS_ON or d.rule:
            out.append(d)
        elif d.code in kept:
            now = kept[d.code]
            changed = now.severity is not rule.severity
            out.append(replace(d, severity=now.severity) if changed else d)
    return tuple(out)
