"""A sentence with all that tells whether it makes a claim about a treatment."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from osler.claims.document.positions import place_of
from osler.claims.document.sentences import LONGEST_SENTENCE
from osler.claims.language.lexicon import phrases, table
from osler.claims.language.names import Names, things
from osler.claims.language.reading import NEGATION_REACH, is_negated
from osler.claims.language.words import Mention, Word, clauses_of, words_of
from osler.claims.model import Page, Sentence
from osler.core.diagnostics import Place

# How far before an effect "whether" and its like are looked for, in words.
ASKING_REACH = 14

_JOINING = "and but because while which as so when since whereas although"
_BOUNDARIES = frozenset(_JOINING.split())
_QUOTES = {"“": "”", '"': '"', "«": "»"}


@dataclass(frozen=True)
class Scene:
    """One sentence outside its marks, and the treatment that "it" stands for.

    ``topic`` is the treatment spoken of before, "" where it was something else; ``spoken``
    is the treatment named last, whatever came after it.
    """

    sentence: Sentence
    page: Page
    names: Names
    topic: str
    spoken: str

    @cached_property
    def words(self) -> tuple[Word, ...]:
        return words_of(self.sentence.outside)

    @cached_property
    def negation(self) -> list[Mention]:
        return phrases("negation").find(self.words)

    @cached_property
    def treatments(self) -> list[Mention]:
        found = [m for m in self.names.treatments.find(self.words) if m.name in self.names.active]
        general = [
            Mention(self.words[m.last - 1].text, m.first, m.last)
            for m in self.find("unmarked", "treatments")
            if not any(f.first < m.last and m.first < f.last for f in found)
        ]
        return sorted((*found, *general), key=lambda m: m.first)

    @cached_property
    def things(self) -> list[Mention]:
        return things(self.words, self.names)

    @cached_property
    def pronouns(self) -> list[Mention]:
        return phrases("unmarked", "pronouns").find(self.words)

    @cached_property
    def asks(self) -> list[Mention]:
        return [m for m in phrases("unmarked", "asks").find(self.words) if m.name == "asks"]

    @cached_property
    def quoted(self) -> list[tuple[int, int]]:
        """Where quotations stand, in a sentence that says whose words they are."""
        if not self.has("unmarked", "quoting"):
            return []
        return list(_quotations(self.sentence.outside))

    @property
    def is_warning(self) -> bool:
        """Whether the sentence stands under a heading such as "When to see a doctor at once"."""
        return bool(phrases("whole", "red_flags").find(words_of(self.sentence.heading)))

    @property
    def is_question(self) -> bool:
        return self.sentence.text.rstrip("\"'”’) ").endswith("?")

    @property
    def is_advice(self) -> bool:
        """Whether the sentence opens with a verb of advice: "Ask", "Keep"."""
        first = self.words[0].text if self.words else ""
        return self.sentence.kind != "heading" and first in table("unmarked")["advice"]

    def has(self, file: str, group: str) -> bool:
        return any(m.name == group for m in phrases(file, group).find(self.words))

    def find(self, file: str, group: str) -> list[Mention]:
        return [m for m in phrases(file, group).find(self.words) if m.name == group]

    def place(self, mention: Mention) -> Place:
        start, end = self.words[mention.first].start, self.words[mention.last - 1].end
        return self.place_between(start, end)

    def place_between(self, start: int, end: int) -> Place:
        return place_of(self.sentence.pieces, start, end, self.page.file, self.page.lines)

    def said(self, mention: Mention) -> str:
        start, end = self.words[mention.first].start, self.words[mention.last - 1].end
        return self.sentence.text[start:end]

    def is_denied(self, mention: Mention) -> bool:
        """Negated, said not to be shown, asked, or somebody else's words."""
        start = self.words[mention.first].start
        absent = any(m.name == "absence" and m.first <= mention.first for m in self.negation)
        return (
            absent
            or is_negated(self.words, self.negation, mention.first, NEGATION_REACH)
            or self.is_asked(mention)
            or any(a <= start < b for a, b in self.quoted)
        )

    def is_asked(self, mention: Mention) -> bool:
        """Whether "whether", "if" or "how" governs the words, with no comma between."""
        for ask in self.asks:
            if mention.first - ASKING_REACH <= ask.first <= mention.first:
                between = self.words[ask.last : mention.first + 1]
                if not any(set(",;:.") & set(w.before) for w in between):
                    return True
        return False

    def is_purpose(self, mention: Mention) -> bool:
        """Whether it is hoped for ("is given to reduce pain"), rather than what happens."""
        if mention.first == 0:
            return False
        before = self.words[mention.first - 1].text
        if before in ("for", "of", "about", "on"):
            return True
        if before != "to":
            return False
        ahead = self.words[mention.first - 2].text if mention.first > 1 else ""
        return ahead not in table("unmarked")["result_to"]

    def subject(self, mention: Mention) -> str:
        """The treatment that is said to have the effect; "" where there is none."""
        before = [t for t in self.treatments if t.last <= mention.first]
        if before and not self._is_other_subject(before[-1], mention):
            return before[-1].name
        agent = self._agent(mention)
        if agent:
            return agent
        first, _ = self._clause(mention)
        if self.topic and any(first <= p.first < mention.first for p in self.pronouns):
            return self.topic
        if self.topic and mention.first <= 1 and self.sentence.kind in ("paragraph", "list"):
            return self.topic
        return ""

    def is_in_first_clause(self, mention: Mention) -> bool:
        return self._clause(mention)[0] == 0

    def _agent(self, mention: Mention) -> str:
        """The treatment after an effect: "pain is relieved by acupuncture"."""
        doses = table("unmarked")["doses"]
        for treatment in self.treatments:
            first = treatment.first
            while first > mention.last and self.words[first - 1].text in doses:
                first -= 1
            ahead = self.words[max(min(treatment.first - 2, first - 1), 0) : treatment.first]
            agents = table("unmarked")["agents"]
            if treatment.first >= mention.last and any(w.text in agents for w in ahead):
                return treatment.name
        return ""

    def _clause(self, mention: Mention) -> tuple[int, int]:
        return next(c for c in clauses_of(self.words) if c[0] <= mention.first < c[1])

    def _is_other_subject(self, treatment: Mention, mention: Mention) -> bool:
        """Whether another noun takes over between a treatment and an effect."""
        subjects = [m.first for m in phrases("unmarked", "subjects").find(self.words)]
        leads = self._leads(treatment)
        for n in range(treatment.last, mention.first):
            word = self.words[n]
            breaks = "," in word.before or ";" in word.before or word.text in _BOUNDARIES
            if breaks and (n in subjects or n + 1 in subjects) and not leads:
                return True
        return False

    def _leads(self, treatment: Mention) -> bool:
        """Whether the treatment acts although it is no subject: "With acupuncture, pain eases"."""
        return treatment.first > 0 and self.words[treatment.first - 1].text in (
            "with",
            "after",
            "following",
            "through",
        )


def _quotations(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(text):
        closing = _QUOTES.get(text[at])
        end = text.find(closing, at + 1) if closing else -1
        if end > 0:
            yield at, end
            at = end
        at += 1


def scenes(page: Page, names: Names) -> Iterator[Scene]:
    """Every title, heading and sentence of a page, each with its topic.

    Those that are too long are left out; :mod:`osler.claims.whole_page` tells them.
    """
    title = _topic(page.meta.title, names, "")
    for sentence in page.headings:
        if len(sentence.text) <= LONGEST_SENTENCE:
            yield Scene(sentence, page, names, "", "")
    topic = spoken = title
    heading = ""
    for sentence in page.sentences:
        if len(sentence.text) > LONGEST_SENTENCE:
            continue
        if sentence.heading != heading:
            heading = sentence.heading
            topic = _topic(heading, names, title)
            spoken = _last_treatment(heading, names) or title
        yield Scene(sentence, page, names, topic, spoken)
        topic = _topic(sentence.text, names, topic)
        spoken = _last_treatment(sentence.text, names) or spoken


def _topic(text: str, names: Names, before: str) -> str:
    """What "it" would stand for after a text: its first treatment, or nothing of the kind."""
    words = words_of(text)
    treatments = [m for m in names.treatments.find(words) if m.name in names.active]
    condition = names.condition.find(words)
    if treatments and (not condition or treatments[0].first < condition[0].first):
        return treatments[0].name
    return "" if condition else before


def _last_treatment(text: str, names: Names) -> str:
    found = [m.name for m in names.treatments.find(words_of(text)) if m.name in names.active]
    return found[-1] if found else ""
