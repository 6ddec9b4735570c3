"""TOML texts, each read once."""

import tomllib

import pytest

from osler.core.toml_text import read_toml


def test_a_text_is_read_once() -> None:
    assert read_toml("a = [1]\nb.c = 2") is read_toml("a = [1]\nb.c = 2")
    assert read_toml("a = [1]\nb.c = 2") == {"a": [1], "b": {"c": 2}}


def test_what_is_no_toml_is_told_each_time() -> None:
    for _ in range(2):
        with pytest.raises(tomllib.TOMLDecodeError):
            read_toml("a = ")


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="digits"):
        read_toml("a = " + "9" * 5000)
