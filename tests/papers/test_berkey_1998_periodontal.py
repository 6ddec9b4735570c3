"""Berkey, Hoaglin, Antczak-Bouckoms, Mosteller & Colditz (1998). Multiple outcomes.

Stat Med 17, 2537-2550. doi:10.1002/(SICI)1097-0258(19981130)17:22<2537::AID-SIM953>3.0.CO;2-C
Five trials of surgical against non-surgical treatment of periodontal disease: attachment level
(AL) and probing depth (PD), with their correlation within trials.
"""

import numpy as np
import pytest

from osler import Multilevel, Structured, multilevel
from tests.papers.studies import table


def fitted(method: str) -> Multilevel:
    t = table("berkey1998")
    k = len(t["yi"])
    V = np.zeros((k, k))
    for i in range(0, k, 2):
        V[i : i + 2, i : i + 2] = [[t["v1i"][i], t["v2i"][i]], [t["v1i"][i + 1], t["v2i"][i + 1]]]
    X = np.array([[o == "AL", o == "PD"] for o in t["outcome"]], float)
    data = {"yi": t["yi"], "outcome": t["outcome"], "trial": [str(i) for i in t["trial"]]}
    return multilevel(
        X,
        data,
        estimate="yi",
        V=V,
        random=Structured(inner="outcome", within="trial", structure="UN"),
        method=method,  # type: ignore[arg-type]
        test="z",
        names=["AL", "PD"],
    )


def components(fit: Multilevel) -> list[float]:
    values = {c.name: c.value for c in fit.components}
    tau2 = sorted((v for name, v in values.items() if "tau2" in name), reverse=True)
    return [*tau2, *(v for name, v in values.items() if "rho" in name)]


def test_maximum_likelihood() -> None:
    """As the replication at metafor-project.org (berkey1998) prints it.

    Table II of the paper is of a model with the year of publication.
    """
    fit = fitted("ML")
    assert [c.estimate for c in fit.coefficients] == pytest.approx([-0.3379, 0.3448], abs=5.1e-5)
    assert [c.se for c in fit.coefficients] == pytest.approx([0.0798, 0.0495], abs=5.1e-5)
    assert components(fit) == pytest.approx([0.0261, 0.0070, 0.6992], abs=5.5e-5)


def test_restricted_maximum_likelihood() -> None:
    """As the replication at metafor-project.org (berkey1998) prints it."""
    fit = fitted("REML")
    assert [c.estimate for c in fit.coefficients] == pytest.approx([-0.3392, 0.3534], abs=5.1e-5)
    assert [c.se for c in fit.coefficients] == pytest.approx([0.0879, 0.0588], abs=5.1e-5)
    assert components(fit) == pytest.approx([0.0327, 0.0117, 0.6088], abs=5.5e-5)
