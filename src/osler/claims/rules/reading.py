"""A rule file: TOML text to a :class:`~osler.claims.rules.model.Pack`.

A pack has ``pack``, ``title``, perhaps ``languages``, ``source``, ``seen`` and ``expires``
(which its rules then share), ``[lists]`` of phrases, and ``[[rules]]``. A list is used as
``"@name"``, a shipped word list as ``"@file/group"``, and with ``!`` before it a phrase or
list is what only looks alike: ``["@effects", "!effective dose"]``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from osler.claims.language.lexicon import list_names, table
from osler.claims.rules.lists import NAMED, shared_lists
from osler.claims.rules.metrics import METRICS
from osler.claims.rules.model import Check, Pack, Rule, Scope, Terms
from osler.core.diagnostics import Diagnostic, Place, Severity
from osler.core.toml_text import read_toml

# The code of a rule that brings none of its own.
HOUSE_CODE = "RUL010"

KEYS_OF_CHECK: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    # check: (what it must have, what it may have beside that)
    "existence": (frozenset({"find"}), frozenset({"then", "gap", "near", "unless", "once"})),
    "requires": (
        frozenset({"find", "needs"}),
        frozenset({"then", "gap", "near", "unless", "once"}),
    ),
    "substitution": (frozenset({"swap"}), frozenset({"safe", "near", "unless", "once"})),
    "occurrence": (
        frozenset({"find"}),
        frozenset({"then", "gap", "near", "unless", "at_most", "at_least", "scope"}),
    ),
    "limit": (frozenset({"metric", "above"}), frozenset()),
    "built-in": (frozenset({"what"}), frozenset()),
    "elsewhere": (frozenset(), frozenset()),
}
_COMMON = frozenset(
    {
        "id", "code", "severity", "check", "message", "help", "source", "seen", "expires",
        "example", "counter_example", "where", "under", "denied", "asked", "unmarked",
        "instead_of", "yields_to",
    }
)  # fmt: skip
BUILT_IN = ("story", "relative effect alone", "denominators", "reading age")
KINDS_OF_TEXT = ("paragraph", "list", "cell", "heading", "meta")
SCOPES = ("sentence", "paragraph", "section", "page")
_PACK_KEYS = frozenset(
    {"pack", "title", "languages", "source", "seen", "expires", "lists", "rules"}
)
# A shipped pack may list the codes of other parts of the checker by their first letters.
_SHIPPED_KEYS = frozenset({"codes", "severity"})

# More gaps than this in one phrase would make the time taken grow with their number.
MOST_GAPS = 2
LONGEST_PHRASE = 12
_HEAD = 3


@dataclass
class _File:
    """One rule file while it is read; what is wrong in it is gathered."""

    file: str
    lines: Sequence[str]
    lists: dict[str, list[str]] = field(default_factory=dict)
    wrong: list[Diagnostic] = field(default_factory=list)

    def report(self, code: str, line: int, message: str, found: str, advice: str) -> None:
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        place = Place(self.file, line, 1, len(source) + 1, "", source)
        so = "this rule file is not used" if code == "RUL003" else "the rule is not used"
        self.wrong.append(Diagnostic(code, Severity.ERROR, place, message, found, so, advice))


def parse_pack(
    text: str, file: str, *, shipped: bool = False
) -> tuple[Pack | None, tuple[Diagnostic, ...]]:
    """Read a rule file; a rule that cannot be read is left out, and told with its line.

    Examples
    --------
    >>> pack, wrong = parse_pack('''
    ... pack = "house"
    ... [[rules]]
    ... id = "tired-word"
    ... check = "existence"
    ... find = ["holistic"]
    ... message = "'{found}' says nothing that can be checked"
    ... help = "say what is done"
    ... ''', "rules/house.toml")
    >>> pack.rules[0].name, pack.rules[0].code, wrong
    ('house/tired-word', 'RUL010', ())
    """
    lines = text.splitlines()
    reading = _File(file, lines)
    try:
        values = read_toml(text)
    except (ValueError, RecursionError) as error:
        line = _line_of(str(error))
        reading.report(
            "RUL003", line, "this rule file is not TOML", str(error)[:120], "mend the line"
        )
        return None, tuple(reading.wrong)
    name = values.get("pack")
    if not isinstance(name, str) or not _is_name(name):
        reading.report(
            "RUL003",
            1,
            "a rule file must name its pack",
            repr(name)[:60] if "pack" in values else "there is no key pack",
            'write pack = "house", in small letters, digits and hyphens',
        )
        return None, tuple(reading.wrong)
    known = _PACK_KEYS | _SHIPPED_KEYS if shipped else _PACK_KEYS
    _unknown_keys(reading, values, known, 1, "a rule file")
    reading.lists = _lists(reading, values.get("lists"))
    rules = _rules(reading, values, name)
    languages = tuple(v for v in _as_list(values.get("languages")) if isinstance(v, str))
    title = values.get("title")
    pack = Pack(name, str(title) if title else name, file, rules, languages, shipped)
    return pack, tuple(reading.wrong)


def _line_of(message: str) -> int:
    _, _, rest = message.partition("(at line ")
    number = rest.partition(",")[0]
    return int(number) if number.isdigit() else 1


def _is_name(text: str) -> bool:
    return (
        bool(text) and text.replace("-", "").isalnum() and text == text.lower() and text.isascii()
    )


def _as_list(value: object) -> list[object]:
    if isinstance(value, list):
        return list(value)
    return [] if value is None else [value]


def _unknown_keys(
    reading: _File, values: Mapping[str, object], known: frozenset[str], line: int, what: str
) -> None:
    for key in sorted(values.keys() - known):
        at = _line_with(reading.lines, key, line)
        reading.report(
            "RUL004",
            at,
            f"{what} has no key {key!r}",
            reading.lines[at - 1].strip()[:80] if reading.lines else "",
            "the keys are " + ", ".join(sorted(known)),
        )


def _line_with(lines: Sequence[str], key: str, start: int) -> int:
    """The line from ``start`` on that sets ``key``; ``start`` where none does."""
    for n in range(start - 1, len(lines)):
        bare = lines[n].lstrip()
        if n >= start and bare.startswith("[["):
            break
        if bare.startswith(key) and bare[len(key) :].lstrip()[:1] in ("=", "."):
            return n + 1
    return start


def _lists(reading: _File, given: object) -> dict[str, list[str]]:
    lists = dict(shared_lists())
    if given is None:
        return lists
    if not isinstance(given, Mapping):
        reading.report("RUL004", 1, "lists must be a table", "", "write [lists], then name = [...]")
        return lists
    for name, phrases in given.items():
        line = _line_with(reading.lines, str(name), 1)
        words = [p for p in _as_list(phrases) if isinstance(p, str)]
        lists[str(name)] = [w for w in words if not _unfit_phrase(reading, w, line)]
    return lists


def _rules(reading: _File, values: Mapping[str, Any], pack: str) -> tuple[Rule, ...]:
    heads = [n for n, line in enumerate(reading.lines, 1) if line.strip() == "[[rules]]"]
    out: dict[str, Rule] = {}
    for number, given in enumerate(_as_list(values.get("rules"))):
        line = heads[number] if number < len(heads) else 1
        if not isinstance(given, Mapping):
            reading.report("RUL004", line, "a rule must be a table", "", "write [[rules]]")
            continue
        before = len(reading.wrong)
        shared = {k: values[k] for k in ("source", "seen", "expires") if k in values}
        rule = _rule(_Table(reading, {**shared, **given}, line), pack)
        if rule.id in out:
            reading.report(
                "RUL004", line, f"two rules are called {rule.id!r}", "", "give one another id"
            )
        if len(reading.wrong) == before:
            out[rule.id] = rule
    return tuple(out.values())


@dataclass(frozen=True)
class _Table:
    """One ``[[rules]]`` table, read key by key."""

    reading: _File
    values: Mapping[str, Any]
    line: int

    def wrong(self, key: str, message: str, advice: str) -> None:
        line = _line_with(self.reading.lines, key, self.line)
        found = f"{key} = {self.values[key]!r}"[:80] if key in self.values else f"no {key}"
        self.reading.report("RUL004", line, message, found, advice)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            self.wrong(key, f"a rule needs {key}, a text", f'write {key} = "..."')
            return ""
        return value

    def one_of(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in known and (value or default is None):
            self.wrong(key, f"{key} is none of those known", f"write one of {', '.join(known)}")
            return known[0]
        return value

    def truth(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, f"{key} must be true or false", f"write {key} = true")
        return value is True

    def number(self, key: str) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            self.wrong(key, f"{key} must be a number from 0 on", f"write {key} = 1")
            return None
        return float(value)

    def whole(self, key: str) -> int | None:
        value = self.number(key)
        return None if value is None else int(value)

    def texts(self, key: str) -> tuple[str, ...]:
        values = _as_list(self.values.get(key))
        if not all(isinstance(v, str) for v in values):
            self.wrong(key, f"{key} must be texts", f'write {key} = ["..."]')
        return tuple(v for v in values if isinstance(v, str))

    def day(self, key: str) -> date | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self.wrong(
            key, f"{key} must be a date", f"write {key} = 2026-11-22, without quotation marks"
        )
        return None

    def terms(self, key: str) -> Terms:
        return self._terms(key, self.texts(key))

    def groups(self, key: str) -> tuple[Terms, ...]:
        """A list of phrases, or a list of such lists."""
        given = _as_list(self.values.get(key))
        if all(isinstance(v, str) for v in given):
            return (self.terms(key),) if given else ()
        out: list[Terms] = []
        for group in given:
            words = [w for w in _as_list(group) if isinstance(w, str)]
            if words:
                out.append(self._terms(key, words))
            else:
                self.wrong(key, f"{key} must hold lists of phrases", f'write {key} = [["..."]]')
        return tuple(out)

    def swap(self) -> dict[str, str]:
        given = self.values.get("swap", {})
        pairs = given.items() if isinstance(given, Mapping) else ()
        good = {k: v for k, v in pairs if isinstance(v, str) and not self._unfit("swap", k)}
        if not isinstance(given, Mapping) or len(good) < len(given):
            self.wrong("swap", "swap must pair phrases", 'write swap = { "utilise" = "use" }')
        return good

    def _terms(self, key: str, given: Sequence[str]) -> Terms:
        patterns: list[str] = []
        neutral: list[str] = []
        named: set[str] = set()
        for entry in given:
            bare = entry.removeprefix("!")
            into = neutral if entry.startswith("!") else patterns
            into += self._expanded(key, bare)
            if bare[1:] in NAMED and bare.startswith("@") and into is patterns:
                named.add(bare[1:])
        return Terms(tuple(patterns), tuple(neutral), frozenset(named))

    def _expanded(self, key: str, entry: str) -> list[str]:
        if not entry.startswith("@"):
            return [] if self._unfit(key, entry) else [entry]
        file, slash, group = entry[1:].partition("/")
        if slash and file in list_names() and group in table(file):
            return list(table(file)[group])
        if not slash and file in self.reading.lists:
            return self.reading.lists[file]
        self.wrong(
            key,
            f"there is no list {entry}",
            f"write it under [lists], or use one of {', '.join(sorted(self.reading.lists))}",
        )
        return []

    def _unfit(self, key: str, phrase: str) -> bool:
        line = _line_with(self.reading.lines, key, self.line)
        return _unfit_phrase(self.reading, phrase, line)


def _unfit_phrase(reading: _File, phrase: str, line: int) -> bool:
    """Whether a phrase cannot be looked for, which is then told."""
    parts = phrase.replace("-", " ").split()
    advice = ""
    if not parts or parts[0] in ("...", "_"):
        advice = "begin with a word"
    elif parts[0].endswith("*") and len(parts[0]) <= _HEAD:
        advice = "write at least three letters before the first *"
    elif parts.count("...") > MOST_GAPS or len(parts) > LONGEST_PHRASE:
        advice = f"at most {MOST_GAPS} gaps (...) and {LONGEST_PHRASE} words in one phrase"
    elif parts[-1] == "...":
        advice = "end with a word"
    if advice:
        reading.report("RUL004", line, "a phrase cannot be looked for", repr(phrase)[:80], advice)
    return bool(advice)


def _rule(given: _Table, pack: str) -> Rule:
    check = given.one_of("check", tuple(KEYS_OF_CHECK))
    must, may = KEYS_OF_CHECK[check]
    for key in sorted(must - given.values.keys()):
        given.wrong(key, f"the check {check!r} needs {key}", f"write {key} = ...")
    known = _COMMON | must | may
    _unknown_keys(given.reading, given.values, known, given.line, f"a rule with check {check!r}")
    _check_id(given)
    where = frozenset(given.texts("where"))
    if where - set(KINDS_OF_TEXT):
        given.wrong("where", "where names no kind of text", f"write of {', '.join(KINDS_OF_TEXT)}")
    source = given.reading.lines[given.line - 1] if given.reading.lines else ""
    gap = given.whole("gap")
    return Rule(
        pack,
        given.text("id"),
        given.text("code", HOUSE_CODE),
        Severity(given.one_of("severity", [s.value for s in Severity], "warning")),
        cast(Check, check),
        given.text("message"),
        given.text("help"),
        given.text("source", ""),
        given.day("seen"),
        given.day("expires"),
        Place(given.reading.file, given.line, 1, len(source) + 1, "", source),
        given.texts("example"),
        given.texts("counter_example"),
        given.terms("find"),
        given.groups("then"),
        given.groups("near"),
        given.terms("unless"),
        given.terms("needs"),
        given.swap(),
        given.truth("safe"),
        4 if gap is None else min(gap, 12),
        where,
        given.terms("under"),
        given.truth("denied"),
        given.truth("asked"),
        given.truth("unmarked"),
        given.truth("once"),
        cast(Scope, given.one_of("scope", SCOPES, "sentence")),
        given.whole("at_most"),
        given.whole("at_least"),
        given.one_of("metric", tuple(METRICS)) if "metric" in given.values else "",
        given.number("above"),
        given.one_of("what", BUILT_IN) if "what" in given.values else "",
        given.texts("instead_of"),
        given.texts("yields_to"),
    )


def _check_id(given: _Table) -> None:
    rule_id, code = given.text("id"), given.text("code", HOUSE_CODE)
    if rule_id and not _is_name(rule_id):
        given.wrong("id", "an id has small letters, digits and hyphens", 'write id = "long-words"')
    letters, digits = code[:3], code[3:]
    if not (len(code) == 6 and letters.isascii() and letters.isupper() and digits.isdigit()):
        given.wrong(
            "code",
            "a code has three capitals and three digits",
            "such as HSE and 001 for a house rule",
        )


def problems_without(pack: Pack) -> Iterator[str]:
    """What a shipped rule lacks that a house rule may leave out."""
    for rule in pack.rules:
        for key in ("source", "seen", "expires"):
            if not getattr(rule, key):
                yield f"{rule.name} has no {key}"
        if rule.check != "elsewhere" and not (rule.examples and rule.counter_examples):
            yield f"{rule.name} has no example or no counter-example"
