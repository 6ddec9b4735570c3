r"""Mantel-Haenszel network meta-analysis: rare events without a continuity correction.

Within each design the counts of all its studies give one Mantel-Haenszel log odds ratio a pair
of arms; averaged over the ways between two arms they become consistent [2]_. The designs, each
with its covariance, then make a network as studies do [1]_.

References
----------
.. [1] Efthimiou, Rücker, Schwarzer, Higgins, Egger & Salanti (2019). Stat Med 38, 2992-3012.
   doi:10.1002/sim.8158
.. [2] Greenland (1989). Biometrics 45, 183-191. doi:10.2307/2532044
"""

from collections.abc import Mapping, Sequence

import numpy as np

from osler.core.arrays import Floats
from osler.core.diagnostics import DataError, Diagnostic, Place, Severity
from osler.core.frames import Table
from osler.synthesis.network.arm_counts import Design, read_arm_counts
from osler.synthesis.network.data import Network, SameArms
from osler.synthesis.network.kernel import places_of
from osler.synthesis.network.rare import RareNetwork, chosen

# A covariance whose smallest eigenvalue is a smaller part of its largest is no covariance.
_SMALLEST = 1e-10
SOURCE = "Efthimiou et al. (2019), Stat Med 38, 2992-3012"


def mantel_haenszel_network(
    table: Table,
    *,
    reference: str = "",
    columns: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> RareNetwork:
    """Pool events by arm over a network, by the method of Mantel and Haenszel.

    Parameters
    ----------
    table : data frame or mapping of columns
        One row an arm: study, treatment, events, n.
    reference : str
        The first treatment of the largest sub-network where left out.
    columns : mapping of str to str, optional
        From these names to those of the table.
    level : float

    Raises
    ------
    DataError
        As :func:`osler.synthesis.network.arm_counts.read_arm_counts`; where no treatment that is
        left has the name of the reference (NET010), or a design's counts are too few (NET052).

    Notes
    -----
    Equals ``netmetabin(method = "MH")`` of netmeta, for odds ratios. Common effect only: where
    studies differ by more than chance the intervals are too narrow.

    Examples
    --------
    >>> fit = mantel_haenszel_network({"study": ["Hart", "Hart", "Mill", "Mill"],
    ...     "treatment": ["rest", "walking", "rest", "walking"],
    ...     "events": [4, 2, 3, 0], "n": [100, 100, 50, 50]})
    >>> round(fit.effect("walking").estimate, 4)
    -1.2821
    """
    mine = chosen(read_arm_counts(table, columns), reference, level)
    network = _network(mine.designs, mine.treatments)
    sums = places_of(network, np.zeros(1))
    return mine.result(
        "Mantel-Haenszel", sums.position[0], sums.inverse[0], float(sums.q[0]), SOURCE
    )


def design_contrasts(events: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Log odds ratios of arms 1 to m - 1 against arm 0 over studies of one design.

    Parameters
    ----------
    events, n : array of shape (s, m)

    Returns
    -------
    array of shape (m - 1,), array of shape (m - 1, m - 1)
        Estimates and their covariance.
    """
    cross, total = _crossed(events, n)
    log = np.log(cross / cross.T)
    joint = _joint(events, n, cross, total)
    # Sums over the third arm: covariance of the mean log odds ratio of each arm with all others.
    across = np.einsum("zxy->xy", joint) - joint.sum(axis=2) - joint.sum(axis=2).T
    across += np.einsum("xyy->xy", joint)
    np.fill_diagonal(across, joint.sum(axis=(1, 2)))
    m = len(cross)
    position, spread = log.sum(axis=1) / m, across / m**2
    v = spread[1:, 1:] - spread[1:, :1] - spread[:1, 1:] + spread[0, 0]
    return position[1:] - position[0], 0.5 * (v + v.T)


def _crossed(events: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Events of row's arm times non-events of column's, by participants of the study, summed.

    An arm with itself makes no odds ratio; 1 stands for it. Beside it, each study's participants.
    """
    total = n.sum(axis=1)
    cross = np.einsum("sx,sy->xy", events / total[:, None], n - events)
    np.fill_diagonal(cross, 1.0)
    return cross, total


def _joint(events: Floats, n: Floats, cross: Floats, total: Floats) -> Floats:
    """Covariance of the log odds ratios x-y and x-z at [x, y, z]; at y = z the variance."""
    others, back, m = n - events, cross.T, len(cross)
    terms = (
        (events, others, others, cross, cross),
        (n, others, events, cross, back),
        (n, events, others, back, cross),
        (others, events, events, back, back),
    )
    out = np.zeros((m, m, m))
    for x, y, z, first, second in terms:
        summed = np.einsum("sx,sy,sz->xyz", x / total[:, None] ** 2, y, z)
        out += summed / (3.0 * first[:, :, None] * second[:, None, :])
    at = np.arange(m)
    out[at, at, :] = out[at, :, at] = 0.0
    out[:, at, at] = _variances(events, n, cross, total)
    return out


def _variances(events: Floats, n: Floats, cross: Floats, total: Floats) -> Floats:
    """Of each log odds ratio, by Robins, Breslow & Greenland; 0 on the diagonal."""
    scaled, others = events / total[:, None], (n - events) / total[:, None]
    share = scaled[:, :, None] * (n - events)[:, None, :]
    match = scaled[:, :, None] + others[:, None, :]
    share_back, match_back = share.transpose(0, 2, 1), match.transpose(0, 2, 1)
    mixed = (share * match_back + share_back * match).sum(axis=0)
    own = (share * match).sum(axis=0) / cross**2
    out = 0.5 * (own + own.T + mixed / (cross * cross.T))
    np.fill_diagonal(out, 0.0)
    return np.asarray(out)


def _network(designs: Sequence[Design], treatments: Sequence[str]) -> Network:
    """Designs in the place of studies."""
    code = {name: i for i, name in enumerate(treatments)}
    groups = []
    for size in sorted({len(design.arms) for design in designs}):
        these = [(i, d) for i, d in enumerate(designs) if len(d.arms) == size]
        found = [_checked_contrasts(d) for _, d in these]
        groups.append(
            SameArms(
                np.array([i for i, _ in these]),
                np.array([[code[arm] for arm in d.arms] for _, d in these]),
                np.array([y for y, _ in found]),
                np.array([v for _, v in found]),
            )
        )
    return Network(tuple(treatments), tuple(d.name for d in designs), tuple(groups))


def _checked_contrasts(design: Design) -> tuple[Floats, Floats]:
    """As :func:`design_contrasts`; DataError (NET052) where the counts do not carry them."""
    why = "two arms without a finite odds ratio"
    if (_crossed(design.events, design.n)[0] > 0).all():
        y, v = design_contrasts(design.events, design.n)
        value = np.linalg.eigvalsh(v)
        if value[0] > _SMALLEST * value[-1]:
            return y, v
        why = "variances and covariances that no estimates could have"
    raise DataError(
        Diagnostic(
            "NET052",
            Severity.ERROR,
            Place(""),
            "a design's counts are too few for the method of Mantel and Haenszel",
            f"{design.name} ({', '.join(design.studies)}): {why}",
            "nothing is pooled",
            "use the non-central hypergeometric model, with its exact likelihood",
        )
    )
