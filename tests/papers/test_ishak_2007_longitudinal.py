"""Ishak et al. (2007). Meta-analysis of longitudinal studies.

Clin Trials 4, 525-539. doi:10.1177/1740774507083567. Deep-brain stimulation in Parkinson's
disease, up to four times in 46 studies.
"""

import numpy as np

from osler.synthesis.multilevel import Structured, multilevel
from tests.reference.multilevel.test_multilevel import stored


def test_table_1_time_specific_independence() -> None:
    case = stored("ishak2007_DIAG")
    data = case["data"] | {"vi": np.diag(np.array(case["V"], float))}
    fit = multilevel(
        np.array(case["X"], float), data, estimate="yi", variance="vi",
        random=Structured("time", within="study", structure="DIAG"), test="z",
    )  # fmt: skip
    means = [round(c.estimate, 4) for c in fit.coefficients]
    assert means == [-24.8686, -27.4728, -28.5239, -24.1415]
    assert [round(c.value, 4) for c in fit.components] == [23.0537, 27.8113, 27.6767, 29.9405]
