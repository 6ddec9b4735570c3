"""What can be wrong with a regression that was asked for, as diagnostics."""

from collections.abc import Sequence

from osler.core.diagnostics import Diagnostic, Place, Severity

_NOWHERE = Place("")


def _error(code: str, message: str, found: str, help_: str, so: str = "") -> Diagnostic:
    so = so or "nothing is fitted until it is corrected"
    return Diagnostic(code, Severity.ERROR, _NOWHERE, message, found, so, help_)


def formula_not_understood(formula: str, why: str) -> Diagnostic:
    return _error(
        "REG001",
        "the formula is not understood",
        f"{formula!r}: {why}",
        "write moderators joined by +, as in 'ablat + C(alloc)'; 'a:b' is an interaction, "
        "'0 + x' leaves the intercept out",
    )


def no_such_moderator(formula: str, missing: Sequence[str], known: Sequence[str]) -> Diagnostic:
    return _error(
        "REG002",
        "the formula names what is not a column",
        f"{formula!r} asks for {', '.join(missing)}; columns: {', '.join(known) or 'none'}",
        "name columns as they are written; a name with spaces goes between backticks",
    )


def formulas_need_a_library() -> Diagnostic:
    return _error(
        "REG003",
        "formulas need the package formulaic, which is not installed",
        "regress() was given a formula",
        "install osler[formula], or hand a matrix of moderators to regress_arrays()",
    )


def no_estimates(known: Sequence[str]) -> Diagnostic:
    return _error(
        "REG004",
        "the columns with estimates and their variances are not known",
        f"columns: {', '.join(known) or 'none'}",
        "name them: regress(formula, data, estimate='yi', variance='vi'), or se=",
    )


def not_finite(name: str, studies: Sequence[str]) -> Diagnostic:
    return _error(
        "REG005",
        "a moderator is not a finite number",
        f"{name}: {', '.join(studies[:6])}{' ...' if len(studies) > 6 else ''}",
        "a logarithm of 0 or a division by it is often the cause; leave the study out by name, "
        "or write the moderator differently",
    )


def beyond_computing(name: str, largest: float) -> Diagnostic:
    return _error(
        "REG006",
        "a moderator is too large or too small to compute with",
        f"{name}: largest value {largest:g}",
        "give it in another unit, in which its values are nearer to 1",
    )


def too_few_studies(k: int, names: Sequence[str]) -> Diagnostic:
    return _error(
        "REG010",
        "there are not more studies than coefficients",
        f"{k} studies, {len(names)} coefficients: {', '.join(names)}",
        "use fewer moderators, or join rare categories",
    )


def shapes_disagree(found: str) -> Diagnostic:
    return _error(
        "REG011",
        "estimates, variances and moderators do not fit together",
        found,
        "give one row of moderators for each estimate and one name for each column",
    )


def nothing_to_estimate(found: str) -> Diagnostic:
    return _error(
        "REG012",
        "the formula leaves no coefficient to estimate",
        found,
        "keep the intercept, or name a moderator that varies",
    )


def no_such_term(asked: str, known: Sequence[str]) -> Diagnostic:
    return _error(
        "REG020",
        "there is no such term or coefficient",
        f"asked for {asked!r}; there are {', '.join(known)}",
        "name terms or coefficients as the summary writes them",
        "nothing is tested",
    )


def contrast_unusable(found: str) -> Diagnostic:
    return _error(
        "REG021",
        "the contrasts cannot be tested",
        found,
        "give one number for each coefficient in each row, no row a combination of others",
        "nothing is tested",
    )


def unknown_level(found: str) -> Diagnostic:
    return _error(
        "REG022",
        "new data hold a category that no study had",
        found,
        "use the categories of the studies; nothing is known of others",
        "nothing is predicted",
    )


def new_data_incomplete(found: str) -> Diagnostic:
    return _error(
        "REG023",
        "new data lack a value that the model needs",
        found,
        "give every moderator of the formula a value in every row",
        "nothing is predicted",
    )


def models_not_comparable(found: str) -> Diagnostic:
    return _error(
        "REG024",
        "the two models cannot be compared by their likelihoods",
        found,
        "fit both with tau2_method='ML' to the same studies, one formula within the other",
        "no test is made",
    )


def not_for_scale_models(what: str) -> Diagnostic:
    return _error(
        "REG025",
        f"{what} is not made for location-scale models",
        "the model has a formula for tau2",
        "fit the model without scale= for it",
        "nothing is computed",
    )


def scale_needs_likelihood(method: str) -> Diagnostic:
    return _error(
        "REG030",
        "a location-scale model needs a likelihood",
        f"tau2_method {method}",
        "use 'REML' or 'ML'",
    )


def scale_without_start(found: str) -> Diagnostic:
    return _error(
        "REG031",
        "no tau2 above 0 or at 0 satisfies the scale formula for all studies",
        found,
        "use link='log', or a formula with an intercept",
    )


def correlations_unusable(found: str) -> Diagnostic:
    return _error(
        "REG032",
        "no regression can be made from these correlations",
        found,
        "give every correlation among the outcome and the predictors once, possible together, "
        "and either their covariance V or the number of people n",
    )
