"""Questionnaires are read whole or not at all, and scored as their authors say."""

import pytest

from osler.core.diagnostics import DataError
from osler.practice.instruments import SHIPPED, parse_instrument, score, shipped

GOOD = """
key = "sleep"
name = "Sleep"
measure = "sleep 0-10"
low = 0
high = 10
better = "higher"
licence = "ours"
scoring = "single"

[[items]]
key = "sleep"
text = "How well did you sleep?"
kind = "scale"
"""


@pytest.mark.parametrize("key", SHIPPED)
def test_shipped_ones_are_whole(key):
    instrument = shipped(key)
    assert instrument.key == key
    assert instrument.source
    assert instrument.licence
    if instrument.mid is not None:
        assert "doi:" in instrument.mid_source


def test_roland_and_morris_counts_ticks():
    rmdq = shipped("rmdq")
    assert [item.key for item in rmdq.items] == [str(n) for n in range(1, 25)]
    assert score(rmdq, {}) == 0
    assert score(rmdq, {item.key: 1 for item in rmdq.items}) == 24


def test_an_answer_out_of_range_is_refused():
    with pytest.raises(ValueError, match="11 is no answer"):
        score(shipped("pain-nrs"), {"pain": 11})
    with pytest.raises(ValueError, match="no question 'x'"):
        score(shipped("pain-nrs"), {"x": 1})
    with pytest.raises(ValueError, match="0 is no answer"):
        score(shipped("global-change"), {"change": 0})


@pytest.mark.parametrize(
    ("change", "to", "said"),
    [
        ("key =", "kex =", "key is missing"),
        ('"higher"', '"more"', "better must be"),
        ("low = 0", "low = 10", "low must be below high"),
        ("low = 0", 'low = "0"', "low must be a number"),
        ('"single"', '"mean"', "scoring must be"),
        ('kind = "scale"', 'kind = "choice"\noptions = ["one"]', "at least two options"),
        ('kind = "scale"', 'kind = "essay"', "item 1: the kind"),
        ("[[items]]", "[[item]]", "items is missing"),
        ("key =", "key ", "it is not TOML"),
        ("high = 10", f"high = {'1' * 5000}", "it is not TOML"),
        ("licence", f"source = {'[' * 3000}\nlicence", "it is not TOML"),
        ("high = 10", f"high = {10**400}", "high must be a number"),
        ("high = 10", "high = inf", "high must be a number"),
        ("low = 0", "low = nan", "low must be a number"),
        ("low = 0", "low = 0\nmid = inf", "mid must be a number"),
        ('key = "sleep"', 'key = " "', "key must be"),
        ('key = "sleep"', 'key = "a/../b"', "key must be"),
        ('name = "Sleep"', 'name = ""', "name must be one line"),
        ("sleep 0-10", "sleep\\u0000 0-10", "measure must be one line"),
        ("sleep 0-10", "s" * 101, "measure must be one line"),
        ('[[items]]\nkey = "sleep"', '[[items]]\nkey = ["sleep"]', "item 1: the key"),
        ('[[items]]\nkey = "sleep"', "[[items]]\nkey = 'a\" onclick=\"'", "item 1: the key"),
        ('text = "How well did you sleep?"', "text = 5", "item 1: the text"),
        ('kind = "scale"', 'kind = "scale"\noptions = 5', "a list of texts"),
        ('kind = "scale"', 'kind = "choice"\noptions = [1, 2]', "a list of texts"),
    ],
)
def test_what_is_wrong_is_named(change, to, said):
    with pytest.raises(DataError) as caught:
        parse_instrument(GOOD.replace(change, to, 1), "instruments/sleep.toml")
    assert {d.code for d in caught.value.diagnostics} == {"PRA010"}
    assert any(said in d.found for d in caught.value.diagnostics)
    assert caught.value.diagnostics[0].place.file == "instruments/sleep.toml"


def test_the_same_without_a_fault_is_read():
    assert score(parse_instrument(GOOD), {"sleep": 4}) == 4
