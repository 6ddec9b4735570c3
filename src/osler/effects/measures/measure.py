"""What every effect measure has in common."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from osler.core.arrays import Floats
from osler.effects import problems
from osler.effects.arms import Counts, Effect, Moments, Rate
from osler.effects.checks import check_counts, check_moments, check_rates
from osler.effects.measures.zero_cells import OSLER, Additions, ZeroCells, computed

Kind: TypeAlias = Literal[
    "binary",
    "rates",
    "continuous",
    "spreads",
    "proportion",
    "rate",
    "mean",
    "spread",
    "correlation",
    "partial correlation",
    "semi-partial correlation",
    "change",
    "change of spread",
    "matched pairs",
    "matched margins",
    "reliability",
    "genotypes",
]
# What stands in the columns for each kind, one array of shape (k,) a role.
ROLES: Mapping[Kind, tuple[str, ...]] = {
    "binary": ("events_treated", "n_treated", "events_control", "n_control"),
    "rates": ("events_treated", "time_treated", "events_control", "time_control"),
    "continuous": (
        *("mean_treated", "sd_treated", "n_treated"),
        *("mean_control", "sd_control", "n_control"),
    ),
    "spreads": ("sd_treated", "n_treated", "sd_control", "n_control"),
    "proportion": ("events", "n"),
    "rate": ("events", "time"),
    "mean": ("mean", "sd", "n"),
    "spread": ("sd", "n"),
    "correlation": ("correlation", "n"),
    "partial correlation": ("t", "n", "predictors"),
    "semi-partial correlation": ("t", "n", "predictors", "r_squared"),
    "change of spread": ("sd_post", "sd_pre", "n", "correlation"),
    "change": ("mean_post", "mean_pre", "sd_post", "sd_pre", "n", "correlation"),
    "matched pairs": ("both", "first_only", "second_only", "neither"),
    "matched margins": ("events_first", "events_second", "n", "correlation"),
    "reliability": ("alpha", "items", "n"),
    "genotypes": ("dominant", "heterozygous", "recessive"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """Choices within one measure, by name.

    ``variance`` names the formula of the variance, ``correction`` the small-sample factor
    of a standardised difference ("exact", "approximate" or "none").
    """

    variance: str = "LS"
    correction: str = "exact"


Arms: TypeAlias = Mapping[str, Floats]
Estimated: TypeAlias = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Measure:
    """A way to put a study's result into one number.

    Attributes
    ----------
    name : str
        As in tables and on the command line: "RR".
    label : str
        As in running text: "risk ratio".
    kind : str
        What it is computed from; see ``roles``.
    ratio : bool
        Whether the analysis scale is the logarithm of the printed one.
    compute : callable
        From arrays of shape (k,) by role, and :class:`Options`, to estimates and variances
        of shape (k,). Where a result does not exist it is not finite.
    variances : tuple of str
        Names of the variance formulas there are, the default first.
    back_by : str
        How the printed scale is reached: "exp", "identity", "expit", "sine", ...
    defined_at_zero : bool
        Whether the measure exists with empty cells, so that conventions add nothing to it.
    difference : bool
        Whether an empty cell endangers only the variance, as in a risk difference.
    formula, variance_formula, source : str
        In plain characters, for :meth:`osler.Result.why`.
    """

    name: str
    label: str
    kind: Kind
    ratio: bool
    compute: Callable[[Arms, Options], Estimated] = field(repr=False)
    formula: str = ""
    variance_formula: str = ""
    source: str = ""
    variances: tuple[str, ...] = ("LS",)
    back_by: str = ""
    defined_at_zero: bool = False
    difference: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """What each study must report, in the order of the literature."""
        return ROLES[self.kind]

    @property
    def two_arms(self) -> bool:
        """Whether a treated arm is compared with a control arm."""
        return self.kind in ("binary", "rates", "continuous", "spreads")

    def estimate(
        self,
        *,
        treated: Counts | Moments | Rate,
        control: Counts | Moments | Rate,
        zero_cells: ZeroCells = OSLER,
        variance: str = "",
        correction: str = "exact",
    ) -> Effect:
        """The effect of ``treated`` against ``control``, on the analysis scale.

        Parameters
        ----------
        treated, control : Counts, Moments or Rate
        zero_cells : ZeroCells
            What to do where a cell is empty; the default is what pages do.
        variance : str
            Name of a variance formula; the measure's first where empty.
        correction : {"exact", "approximate", "none"}
            Small-sample factor of a standardised difference.

        Raises
        ------
        DataError
            Where a group's numbers cannot be (EFF010 to EFF012, EFF020 to EFF022), where
            they do not fit the measure (EFF002), or do not determine it (EFF013, EFF014,
            EFF052).
        """
        arms = self._checked(treated, control)
        choices = Options(variance or self.variances[0], correction)
        y, v, how = self.of_arms(arms, choices, zero_cells)
        estimate, var = float(y[0]), float(v[0])
        if how.uninformative[0] or (how.double_zero[0] and not math.isfinite(var)):
            raise _nothing_to_compare(self.name, arms)
        if not (math.isfinite(estimate) and math.isfinite(var) and var > 0):
            raise problems.not_determined(self.name, estimate, var)
        return Effect(self.name, estimate, var, float(how.added[0].max()))

    def of_arms(
        self, arms: Arms, options: Options, rule: ZeroCells
    ) -> tuple[Floats, Floats, Additions]:
        """Estimates and variances of k studies at once, and what was added to their cells."""
        return computed(self, arms, lambda given: self.compute(given, options), rule)

    def _checked(
        self, treated: Counts | Moments | Rate, control: Counts | Moments | Rate
    ) -> dict[str, Floats]:
        """The two groups as arrays of one, after a look at what they say."""
        if self.kind == "binary" and isinstance(treated, Counts) and isinstance(control, Counts):
            check_counts(treated=treated, control=control)
        elif self.kind == "rates" and isinstance(treated, Rate) and isinstance(control, Rate):
            check_rates(treated=treated, control=control)
        elif (
            self.kind in ("continuous", "spreads")
            and isinstance(treated, Moments)
            and isinstance(control, Moments)
        ):
            check_moments(treated=treated, control=control)
        else:
            given = f"{type(treated).__name__} and {type(control).__name__}"
            raise problems.wrong_kind(self.name, _NEEDED.get(self.kind, "one group only"), given)
        groups = {"treated": treated, "control": control}
        out = {}
        for role in self.roles:
            what, _, group = role.rpartition("_")
            out[role] = np.array([getattr(groups[group], what)], float)
        return out

    def back(self, x: float) -> float:
        """From the analysis scale to the printed one: the exponential, for a ratio."""
        try:
            return math.exp(x) if self.ratio else x
        except OverflowError:
            return math.inf


_NEEDED = {
    "binary": "events and group sizes",
    "rates": "events and person-time",
    "continuous": "means, SDs and group sizes",
    "spreads": "means, SDs and group sizes",
}


def _nothing_to_compare(name: str, arms: Arms) -> Exception:
    sizes = [int(arms[role][0]) for role in ("n_treated", "n_control") if role in arms]
    if arms["events_treated"][0] == 0:
        return problems.no_events(name, *(sizes or (0, 0)))
    return problems.all_events(name, *sizes)
