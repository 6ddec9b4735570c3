"""What the columns hold where nobody named a measure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from osler.core.diagnostics import DataError
from osler.effects.columns import Columns, recognise
from osler.effects.measures import MEASURES
from osler.effects.measures.measure import ROLES
from osler.effects.roles import roles_of

# Tables that no two-arm measure fits; of each kind the usual measure.
_OF_OTHER_TABLES = ("IRR", "PLO", "ZCOR", "IRLN", "MN")


def recognise_unnamed(header: Sequence[str]) -> Columns:
    """The columns of two arms or of estimates; of another kind, which measure they would give.

    Raises
    ------
    DataError
        DAT001 as :func:`osler.effects.columns.recognise`. Proportions, rates and correlations
        are not guessed, as several measures would do; the help names the usual one.

    Examples
    --------
    >>> try:
    ...     recognise_unnamed(["study", "xi", "ni"])
    ... except DataError as error:
    ...     print(error.diagnostics[0].help.splitlines()[0])
    if the columns are events from 'xi', n from 'ni': name the measure PLO;
    """
    try:
        return recognise(header)
    except DataError as error:
        first = error.diagnostics[0]
        fitting = list(_fitting(header)) if first.code == "DAT001" else []
        if not fitting:
            raise
        said = f"{' or '.join(fitting)};\notherwise {first.help}"
        raise DataError(replace(first, help=said), *error.diagnostics[1:]) from None


def _fitting(header: Sequence[str]) -> Iterator[str]:
    for name in _OF_OTHER_TABLES:
        try:
            roles = roles_of(list(header), MEASURES[name])
        except DataError:
            continue
        needed = ROLES[MEASURES[name].kind]
        if all(role in roles for role in needed):
            told = ", ".join(f"{role} from {roles[role]!r}" for role in needed)
            yield f"if the columns are {told}: name the measure {name}"
