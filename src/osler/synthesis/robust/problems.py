"""What can be wrong with a robust variance, as diagnostics."""

from osler.core.diagnostics import Diagnostic, Place, Severity


def _error(code: str, message: str, found: str, help_: str) -> Diagnostic:
    so = "no robust variance is computed until it is corrected"
    return Diagnostic(code, Severity.ERROR, Place(""), message, found, so, help_)


def lengths_disagree(found: str) -> Diagnostic:
    return _error(
        "ROB001", "clusters do not fit the estimates", found, "name one cluster for every estimate"
    )


def too_few_clusters(clusters: int, coefficients: int) -> Diagnostic:
    return _error(
        "ROB002",
        "there are too few clusters",
        f"{clusters} clusters, {coefficients} coefficients",
        "cluster by a finer grouping, or fit fewer coefficients",
    )


def unknown_kind(kind: object, given: object, known: str) -> Diagnostic:
    return _error("ROB003", f"unknown {kind}", repr(given), f"use one of {known}")


def across_clusters() -> Diagnostic:
    return _error(
        "ROB004",
        "the model correlates estimates of different clusters",
        "random effects or sampling errors reach across the clusters that were named",
        "cluster by the outermost grouping, or use kind CR0 or CR1",
    )


def no_contrast(found: str) -> Diagnostic:
    return _error(
        "ROB005",
        "the hypothesis cannot be tested",
        found,
        "name coefficients of the model, or give rows that do not depend on each other",
    )


def missing_cluster(row: int) -> Diagnostic:
    return _error("ROB006", "an estimate has no cluster", f"row {row}", "fill the cell in")


def weights_not_definite(cluster: int) -> Diagnostic:
    return _error(
        "ROB007",
        "a block of weights is not positive definite",
        f"cluster {cluster}, counted from 1",
        "give the inverse of a covariance matrix, or positive weights",
    )
