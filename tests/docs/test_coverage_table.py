"""The table of coverage names nothing that is not there."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import osler
from osler.publish import plots

TEXT = (Path(__file__).parents[2] / "docs/reference/coverage.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`(osler\.[\w.]+)`", TEXT)))
FIGURES = sorted(set(re.findall(r"`\w+\.plot\.(\w+)`", TEXT)))


def test_there_are_names_to_check() -> None:
    assert len(NAMES) > 40 and len(FIGURES) > 6


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_the_table_exists(name: str) -> None:
    parts = name.split(".")[1:]
    if hasattr(osler, parts[0]) and parts[0] in osler.__all__:
        value: object = osler
        for part in parts:
            value = getattr(value, part)
    else:
        module = import_module(".".join(["osler", *parts[:-1]]))
        assert hasattr(module, parts[-1])


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_in_the_table_exists(name: str) -> None:
    assert name in plots.__all__
