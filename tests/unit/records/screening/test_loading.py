"""What may be imported without scikit-learn."""

import subprocess
import sys

CODE = """
import sys
import osler, osler.records
from osler.records.screening import (agreement, auditing, calibrating, certificates, highlighting,
                                     progress, sharing, standing, stopping)
sys.exit("sklearn" in sys.modules or "django" in sys.modules)
"""


def test_only_the_model_needs_scikit_learn() -> None:
    assert subprocess.run([sys.executable, "-c", CODE], check=False).returncode == 0
