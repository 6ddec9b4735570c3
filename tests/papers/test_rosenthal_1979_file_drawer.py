"""Rosenthal (1979). The file drawer problem and tolerance for null results.

Psychol Bull 86, 638-641. doi:10.1037/0033-2909.86.3.638. 94 experiments on interpersonal
expectations with a mean Z of 1.014.
"""

import math

from osler import fail_safe_n, synthesise


def test_page_640_experiments_in_the_file_drawer() -> None:
    """3263 by the paper's 2.706 for the square of 1.645; 3263.97 unrounded."""
    k, mean_z = 94, 1.014
    studies = synthesise([str(i) for i in range(k)], [mean_z] * k, [1.0] * k)
    found = fail_safe_n(studies, "rosenthal", alpha=0.05)
    assert math.floor(k / 2.706 * (k * mean_z**2 - 2.706)) == 3263
    assert abs(found.exact - 3263) < 1
