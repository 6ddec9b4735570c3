"""One call from a table to a network meta-analysis."""

from collections.abc import Mapping, Sequence

from osler.core.diagnostics import DataError
from osler.core.frames import Table
from osler.synthesis.network import problems
from osler.synthesis.network.components import ComponentSynthesis, fit_components
from osler.synthesis.network.fit import fit_network
from osler.synthesis.network.model import NetworkSynthesis
from osler.synthesis.network.reading import ReadNetwork, read_network


def network(
    table: Table | ReadNetwork,
    measure: str = "",
    *,
    reference: str = "",
    columns: Mapping[str, str] | None = None,
    tau2_method: str = "REML",
    level: float = 0.95,
    all_studies: bool = False,
    smd: str = "d",
) -> NetworkSynthesis:
    """Compare all treatments of a table at once.

    Parameters
    ----------
    table : data frame or mapping of columns
        One row an arm, or one row a contrast; see
        :func:`osler.synthesis.network.reading.read_network`.
    measure : str
        From arms "OR", "RR", "RD", "AS", "MD", "SMD", "ROM", "IRR" or "IRD"; of contrasts any
        name, by which ratios are known to be logarithms.
    reference : str
        Against which results are listed, in capitals or not; the first treatment of the largest
        sub-network where left out.
    columns : mapping of str to str, optional
        From what a column is to what it is called.
    tau2_method : {"REML", "ML", "DL", "PM"}
        One variance of true effects for all comparisons.
    level : float
        Of intervals.
    all_studies : bool
        Keep studies without events in any arm; see ``read_network``.
    smd : {"d", "g"}
        Of means: Cohen's d as netmeta has it, or Hedges' g.

    Returns
    -------
    NetworkSynthesis
        Its ``excluded`` says which studies could not be used, and why; ``others`` names the
        treatments that no study connects with the reference.

    Raises
    ------
    DataError
        As ``read_network`` and :func:`osler.synthesis.network.fit.fit_network`.

    Notes
    -----
    Agrees with netmeta (``netmeta``, ``pairwise``) under "DL"; under "REML" and "ML" the full
    covariance of studies with several arms is used, as metafor's ``rma.mv`` does.

    References
    ----------
    .. [1] Rücker (2012). Res Synth Methods 3, 312-324. doi:10.1002/jrsm.1058

    Examples
    --------
    >>> trials = {
    ...     "study": ["1", "1", "2", "2", "3", "3", "3"],
    ...     "treatment": ["A", "placebo", "B", "placebo", "A", "B", "placebo"],
    ...     "events": [12, 5, 14, 6, 10, 15, 4],
    ...     "n": [50, 52, 48, 49, 40, 41, 39],
    ... }
    >>> fit = network(trials, "OR", reference="placebo")
    >>> round(fit.effect("B").estimate, 2), round(fit.effect("B", "A").estimate, 2)
    (1.36, 0.4)
    """
    read = _read(table, measure, columns, level, all_studies, smd)
    return fit_network(
        read.network,
        reference=reference,
        measure=read.measure,
        tau2_method=tau2_method,
        level=level,
        excluded=read.excluded,
        notes=read.notes,
    )


def networks_apart(
    table: Table | ReadNetwork,
    measure: str = "",
    *,
    reference: str = "",
    columns: Mapping[str, str] | None = None,
    tau2_method: str = "REML",
    level: float = 0.95,
    all_studies: bool = False,
    smd: str = "d",
) -> tuple[NetworkSynthesis, ...]:
    """Every sub-network that no study connects with the others, each by itself.

    That of the reference comes first (the largest where left out), then the others by size,
    each against its first treatment. Parameters and errors are those of :func:`network`.

    Examples
    --------
    >>> trials = {"study": ["1", "2", "3"], "treat1": ["A", "B", "X"],
    ...     "treat2": ["C", "C", "Y"], "estimate": [0.2, 0.3, 0.5], "se": [0.1, 0.1, 0.2]}
    >>> [fit.treatments for fit in networks_apart(trials, "SMD")]
    [('A', 'B', 'C'), ('X', 'Y')]
    """
    read = _read(table, measure, columns, level, all_studies, smd)
    first = network(read, reference=reference, tau2_method=tau2_method, level=level)
    rest = (
        fit_network(
            read.network,
            reference=names[0],
            measure=read.measure,
            tau2_method=tau2_method,
            level=level,
        )
        for names in first.others
    )
    return (first, *rest)


def component_network(
    table: Table | ReadNetwork,
    measure: str = "",
    *,
    inactive: str = "",
    interactions: Sequence[str] = (),
    separator: str = "+",
    columns: Mapping[str, str] | None = None,
    tau2_method: str = "REML",
    level: float = 0.95,
    all_studies: bool = False,
    smd: str = "d",
) -> ComponentSynthesis:
    """What does adding a treatment do? Combinations as sums of their components.

    Parameters
    ----------
    table, measure, columns, tau2_method, level, all_studies, smd
        As in :func:`network`.
    inactive : str
        The component without an effect of its own (placebo), if there is one.
    interactions : sequence of str
        Components joined by "*", with an effect of their own where all of them are there.
    separator : str
        What joins the components in a treatment's name.

    Raises
    ------
    DataError
        As :func:`osler.synthesis.network.components.fit_components`.

    Examples
    --------
    >>> trials = {
    ...     "study": ["1", "2", "3", "4"],
    ...     "treat1": ["acupuncture", "drug", "acupuncture + drug", "acupuncture + drug"],
    ...     "treat2": ["nothing", "nothing", "drug", "acupuncture"],
    ...     "estimate": [-0.4, -0.3, -0.5, -0.2],
    ...     "se": [0.1, 0.1, 0.1, 0.1],
    ... }
    >>> fit = component_network(trials, "SMD", inactive="nothing")
    >>> round(fit.component("acupuncture").estimate, 2)
    -0.45
    """
    read = _read(table, measure, columns, level, all_studies, smd)
    return fit_components(
        read.network,
        inactive=inactive,
        interactions=interactions,
        separator=separator,
        measure=read.measure,
        tau2_method=tau2_method,
        level=level,
        excluded=read.excluded,
    )


def _read(
    table: Table | ReadNetwork,
    measure: str,
    columns: Mapping[str, str] | None,
    level: float,
    all_studies: bool,
    smd: str,
) -> ReadNetwork:
    if isinstance(table, ReadNetwork):
        read = table
    else:
        read = read_network(
            table, measure, columns=columns, level=level, all_studies=all_studies, smd=smd
        )
    if not read.network.studies:
        raise DataError(*read.diagnostics, problems.no_studies(len(read.excluded)))
    return read
