"""A site that nobody screens on does not load the model."""

import subprocess
import sys

CODE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "osler.web.settings"
import django
django.setup()
import osler.web.screening.urls
model = {"osler.records.screening.prioritising", "scipy.sparse", "scipy.stats", "sklearn"}
print(sorted(model & set(sys.modules)))
"""


def test_the_addresses_of_screening_load_no_model() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
