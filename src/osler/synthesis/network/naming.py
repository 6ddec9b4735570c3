"""Which treatment of a network is meant by a name that a person typed."""

from collections.abc import Sequence

from osler.core.diagnostics import DataError
from osler.synthesis.network import problems


def treatment_named(asked: str, known: Sequence[str]) -> str:
    """The treatment's own name; capitals, and spaces at the ends, do not matter.

    Parameters
    ----------
    asked : str
        Empty where none is asked for, and then given back.
    known : sequence of str

    Raises
    ------
    DataError
        Where no treatment, or more than one, is meant (NET010).

    Examples
    --------
    >>> treatment_named(" Placebo", ["acarbose", "placebo"])
    'placebo'
    """
    if not asked or asked in known:
        return asked
    folded = asked.strip().casefold()
    meant = [name for name in known if name.casefold() == folded]
    if len(meant) != 1:
        raise DataError(problems.no_such_treatment(asked, known))
    return meant[0]
