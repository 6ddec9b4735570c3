"""DerSimonian & Kacker (2007). Random-effects model for meta-analysis of clinical trials.

Contemp Clin Trials 28, 105-114. doi:10.1016/j.cct.2006.04.004. Six trials of low-dose aspirin
in pregnancy (CLASP), log odds ratios; "CA" is Cochran's ANOVA estimator, here "HE", and "CA2"
its second step, here "HE2".
"""

import pytest

from osler.effects import MEASURES, Counts
from osler.synthesis import synthesise

# Events and women, aspirin and control.
TRIALS = [
    (5, 156, 8, 74),
    (5, 303, 17, 303),
    (12, 565, 9, 477),
    (69, 1570, 94, 1565),
    (9, 103, 11, 105),
    (313, 4659, 352, 4650),
]


@pytest.mark.parametrize(
    ("method", "tau", "mean", "se"),
    [
        ("PM", 0.3681, -0.3811, 0.2060),
        ("HE", 0.4410, -0.4035, 0.2327),
        ("DL", 0.2323, -0.3240, 0.1540),
        ("HE2", 0.3831, -0.3861, 0.2115),
        ("DL2", 0.3254, -0.3655, 0.1901),
    ],
)
def test_pages_111_and_112_tables_3_and_4(method: str, tau: float, mean: float, se: float) -> None:
    effects = [
        MEASURES["OR"].estimate(treated=Counts(a, n), control=Counts(c, m)) for a, n, c, m in TRIALS
    ]
    fit = synthesise(
        [str(i) for i in range(6)],
        [e.estimate for e in effects],
        [e.variance for e in effects],
        tau2_method=method,
        ci_method="Wald",
    )
    assert fit.heterogeneity.tau == pytest.approx(tau, abs=5e-5)
    assert fit.random.estimate == pytest.approx(mean, abs=5e-5)
    assert fit.random.se == pytest.approx(se, abs=5e-5)
