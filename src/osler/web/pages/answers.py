"""What a page's numbers were on one day, kept as plain values."""

from collections.abc import Iterator, Mapping
from typing import TypedDict

from osler.certainty.model import Evidence, Finding
from osler.claims.model import Page
from osler.core.wording import capital
from osler.publish.sentences import result


class Answer(TypedDict):
    """One result as it was said: ``lead`` the number, ``rest`` its interval and basis.

    ``estimate``, ``lower`` and ``upper`` are on the scale of the analysis (ratios as
    logarithms); ``people`` is 0 where a trial does not tell. ``level`` is GRADE's, 1 to 4,
    ``why`` the reasons that lowered or raised it.
    """

    lead: str
    rest: str
    statement: str
    estimate: float
    lower: float
    upper: float
    trials: list[str]
    people: int
    level: int
    certainty: str
    why: list[str]


Answers = Mapping[str, Answer]


def answers_of(page: Page, evidence: Evidence) -> Answers:
    """Every result that a page shows or rests a statement on, by its ``about``."""
    asked = dict.fromkeys(_asked(page))
    return {
        about: _answer(evidence.findings[about]) for about in asked if about in evidence.findings
    }


def _asked(page: Page) -> Iterator[str]:
    for insertion in page.insertions:
        yield from insertion.arguments
    for span in page.spans:
        yield from span.about


def _answer(finding: Finding) -> Answer:
    said, pooled = result(finding), finding.synthesis.random
    numbers = [effect.n for effect in finding.answer.effects]
    return Answer(
        lead=capital(said.lead),
        rest=said.rest,
        statement=finding.statement,
        # Rounded, so that another machine's last digit is not a change of the answer.
        estimate=round(pooled.estimate, 9),
        lower=round(pooled.ci_lower, 9),
        upper=round(pooled.ci_upper, 9),
        trials=sorted(effect.label for effect in finding.answer.effects),
        people=sum(n for n in numbers if n is not None) if None not in numbers else 0,
        level=int(finding.certainty.level),
        certainty=finding.certainty.level.word,
        why=sorted(
            step.reason.replace("_", " ") for step in finding.certainty.steps if step.levels
        ),
    )
