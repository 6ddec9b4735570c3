"""What ranking and stopping load: little, so that screening starts at once and in little memory."""

import subprocess
import sys

CODE = """
import sys
import osler, osler.records
from osler.records.screening import (agreement, auditing, calibrating, certificates, highlighting,
                                     prioritising, progress, sharing, standing, stopping)
heavy = {"sklearn", "scipy.stats", "scipy.optimize", "pandas", "django"}
print(sorted(heavy & set(sys.modules)))
"""


def test_nothing_of_screening_needs_scikit_learn_or_scipys_statistics() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
