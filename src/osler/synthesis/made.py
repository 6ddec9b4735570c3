"""How studies are pooled again where nobody says how."""

from dataclasses import dataclass

from osler.core.studies import StudyEstimates
from osler.synthesis.model import Synthesis


@dataclass(frozen=True, slots=True)
class Way:
    """Choices of :func:`osler.synthesise`; ``ci_method`` may be "auto"."""

    tau2_method: str = "REML"
    ci_method: str = "auto"
    level: float = 0.95


def way_of(
    effects: StudyEstimates,
    tau2_method: str | None = None,
    ci_method: str | None = None,
    level: float | None = None,
) -> Way:
    """What is asked for; else as the synthesis was made, of a table of effects the usual way.

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B"], [0.1, 0.3], [0.04, 0.02], tau2_method="DL", level=0.9)
    >>> way_of(fit), way_of(fit, "PM").tau2_method
    (Way(tau2_method='DL', ci_method='auto', level=0.9), 'PM')
    """
    made = Way()
    if isinstance(effects, Synthesis):
        made = Way(effects.heterogeneity.tau2_method, effects.ci_asked, effects.level)
    return Way(
        made.tau2_method if tau2_method is None else tau2_method,
        made.ci_method if ci_method is None else ci_method,
        made.level if level is None else level,
    )
