"""Whether the restricted likelihood of tau2 leaves a choice."""

from collections.abc import Sequence

import numpy as np

from osler.core.diagnostics import Diagnostic
from osler.synthesis import problems
from osler.synthesis.kernel import block_of
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
    y, v = np.asarray(estimates, float)[:, None], np.asarray(variances, float)[:, None]
    tau2 = restricted_maxima(block_of(y, v, np.ones(y.shape, bool))).tau2
    return (problems.several_maxima(tau2.tolist()),) if tau2.size > 1 else ()
