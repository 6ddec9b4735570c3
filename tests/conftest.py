"""What all tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every run and machine: a failure can be repeated, and a slow machine
# is not a failure. `--hypothesis-profile=search` looks for new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return Path(__file__).resolve().parent.parent
