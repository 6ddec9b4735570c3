"""Raindrop and rainforest plots: forest plots that show each study's likelihood."""

from dataclasses import replace
from typing import Any

from osler.publish.plots.forests import set_as
from osler.publish.plots.paper import Drawn


def raindrop(result: Any, **options: Any) -> Drawn:
    """Raindrop plot: a forest plot with each study's log-likelihood instead of a line.

    Parameters
    ----------
    result, options
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure
        Each drop ends where the study's interval ends, and is as tall as the log-likelihood
        lies above the value there.

    References
    ----------
    .. [1] Barrowman & Myers (2003). Am Stat 57, 268-274. doi:10.1198/0003130032369

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> len(raindrop(fit).axes)
    1
    """
    return set_as(result, lambda layout: replace(layout, mark="raindrop"), **options)


def rainforest(result: Any, **options: Any) -> Drawn:
    """Rainforest plot: raindrops that are taller and deeper in colour for weightier studies.

    In a forest plot the eye is caught by long lines, which are the studies that count least;
    here it is caught by those that count most. [1]_

    Parameters
    ----------
    result, options
        As for :func:`~osler.publish.plots.forests.forest`.

    Returns
    -------
    matplotlib.figure.Figure

    References
    ----------
    .. [1] Schild & Voracek (2015). Res Synth Methods 6, 74-86. doi:10.1002/jrsm.1125

    Examples
    --------
    >>> from osler.synthesis.pool import synthesise
    >>> fit = synthesise(["A", "B", "C"], [0.1, 0.3, 0.9], [0.04, 0.02, 0.03], measure="MD")
    >>> len(rainforest(fit).axes)
    1
    """
    return set_as(result, lambda layout: replace(layout, mark="rain"), **options)
