"""Real data for the tests of this folder, from the reference values."""

from typing import Any

import numpy as np

from tests.reference.multilevel.test_multilevel import stored


def schools() -> dict[str, Any]:
    """Konstantopoulos (2011): 56 effects of 11 districts."""
    case = stored("konstantopoulos2011_crossed")
    school = stored("konstantopoulos2011")["data"]["school"]
    data: dict[str, Any] = case["data"] | {"school": school, "vi": case["variances"]}
    return data


def teeth() -> tuple[dict[str, Any], np.ndarray]:
    """Berkey et al. (1998): two outcomes of five trials, and their covariance."""
    case = stored("berkey1998_UN")
    return case["data"], np.array(case["V"], float)
