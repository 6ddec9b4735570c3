"""What a reader should know before resting on a fit: several maxima, methods apart."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from osler.core.diagnostics import Diagnostic
from osler.synthesis import problems
from osler.synthesis.batch import Choices
from osler.synthesis.kernel import block_of_one
from osler.synthesis.tau2.reml import restricted_maxima


def reml_notes(estimates: Sequence[float], variances: Sequence[float]) -> tuple[Diagnostic, ...]:
    """A note (SYN010) where the restricted likelihood has several maxima, else nothing.

    Parameters
    ----------
    estimates, variances : sequence of float, length k
        As accepted by :func:`osler.synthesis.pool.synthesise`.

    Examples
    --------
    >>> reml_notes([0.1, 0.3, 0.9], [0.04, 0.02, 0.03])
    ()
    >>> reml_notes([0.9, -5.7, 0.2, 1.1], [0.46, 5.2, 2.21, 0.28])[0].found
    'at tau2 = 0, 3.478'
    """
    y, v = np.asarray(estimates, float), np.asarray(variances, float)
    tau2 = restricted_maxima(block_of_one(y, v)).tau2
    return (problems.several_maxima(tau2.tolist()),) if tau2.size > 1 else ()


def notes_of(
    one: Mapping[str, Any], chosen: Choices, maxima: Sequence[float], *, known: bool = False
) -> tuple[str, ...]:
    """Sentences about one meta-analysis.

    ``one`` holds its numbers by field of a batch, ``maxima`` every tau2 at which the
    restricted likelihood has a peak.
    """
    said = ["tau² is common to all subgroups."] if known else []
    if one["k"] < 2:
        return tuple(said)
    if len(maxima) > 1:
        at = ", ".join(f"{value:.4g}" for value in maxima)
        said.append(
            f"The restricted likelihood of tau² has several maxima, at {at}; the highest is "
            "used, and other programs may stop at another."
        )
    ci = str(one["ci_method"])
    if ci.startswith("KR") and chosen.tau2 != "REML":
        said.append("Kenward and Roger's method was made for tau² by REML.")
    if ci.startswith("PL") and chosen.tau2 != "ML":
        said.append(
            "The profile likelihood interval belongs to the maximum likelihood estimate, not to "
            f"the one by {chosen.tau2}."
        )
    if ci == "HC":
        said.append(
            "Henmi and Copas keep the common-effect weights; their standard error takes tau² by "
            "DerSimonian and Laird."
        )
    if math.isnan(one["ci_lower"]) and ci.startswith("KR"):
        said.append(
            f"Kenward and Roger's method leaves {one['df']:.2g} degrees of freedom: fewer than "
            "one, so that no interval can be given."
        )
    return tuple(said)
