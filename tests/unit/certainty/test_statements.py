"""Every cell of GRADE's grid of size and certainty, as the sentences that it permits.

Santesso et al. (2020), J Clin Epidemiol 119, 126-135, doi:10.1016/j.jclinepi.2019.10.014.
The table is written out by hand here, so that a slip in the data file shows.
"""

import tomllib
from importlib.resources import files

import pytest

from osler.certainty.model import Level, Size
from osler.certainty.statements import SIZES, Way, grid, permitted, sentence, way_of
from tests.unit.certainty.sample import review_of

VERBS = {Level.HIGH: ("",), Level.MODERATE: ("probably ", "likely ")}
UNCERTAIN = "The evidence is very uncertain about the effect of rest on pain compared with tea."


def cell(level: Level, size: Size, way: Way) -> set[str]:
    """The permitted sentences about rest, pain and tea."""
    sentences = permitted("rest", "pain", "tea", level, size, way)
    assert len(set(sentences)) == len(sentences)
    assert all(s.endswith(".") and " compared with tea" in s and "{" not in s for s in sentences)
    return {s.removesuffix(".").replace(" compared with tea", "") for s in sentences}


def expected(level: Level, size: Size, way: Way) -> set[str]:
    """The same by the pattern of the published table."""
    verb, noun = ("reduce", "reduction") if way == "down" else ("increase", "increase")
    some = "a reduction" if way == "down" else "an increase"
    if level is Level.VERY_LOW:
        effect = "have little to no effect on" if size == "trivial" else verb
        return {
            "The evidence is very uncertain about the effect of rest on pain",
            f"Rest may {effect} pain but the evidence is very uncertain",
        }
    plain = {
        "large": [f"results in a large {noun} in pain"],
        "moderate": [f"{verb}s pain", f"results in {some} in pain"],
        "important": [f"{verb}s pain", f"results in {some} in pain"],
        "small": [f"{verb}s pain slightly", f"results in a slight {noun} in pain"],
        "trivial": ["results in little to no difference in pain"],
    }[size]
    negative = size == "trivial"
    if level is Level.LOW:
        found = {f"The evidence suggests rest {form}" for form in plain}
        found |= {f"Rest may {bare(form, verb)}" for form in plain}
        return found | ({f"Rest may not {verb} pain"} if negative else set())
    found = {f"Rest {adverb}{form}" for adverb in VERBS[level] for form in plain}
    if negative:
        found |= {f"Rest {adverb}does not {verb} pain" for adverb in VERBS[level]}
    return found


def bare(form: str, verb: str) -> str:
    return form.replace("results", "result", 1).replace(f"{verb}s", verb, 1)


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("level", Level)
def test_a_cell_permits_the_forms_of_the_table(level: Level, size: Size, way: Way) -> None:
    assert cell(level, size, way) == expected(level, size, way)


@pytest.mark.parametrize(
    ("level", "size", "way", "shown"),
    [
        (Level.HIGH, "large", "down", "Rest results in a large reduction in pain"),
        (Level.HIGH, "important", "up", "Rest increases pain"),
        (Level.HIGH, "moderate", "up", "Rest increases pain"),
        (Level.HIGH, "small", "up", "Rest results in a slight increase in pain"),
        (Level.MODERATE, "important", "down", "Rest probably reduces pain"),
        (Level.MODERATE, "small", "down", "Rest probably results in a slight reduction in pain"),
        (
            Level.MODERATE,
            "trivial",
            "down",
            "Rest probably results in little to no difference in pain",
        ),
        (Level.LOW, "important", "down", "Rest may reduce pain"),
        (Level.LOW, "small", "down", "Rest may result in a slight reduction in pain"),
    ],
)
def test_the_form_that_osler_writes(level: Level, size: Size, way: Way, shown: str) -> None:
    assert sentence("rest", "pain", "tea", level, size, way) == f"{shown} compared with tea."


@pytest.mark.parametrize("size", SIZES)
def test_very_low_certainty_has_one_form_for_every_size(size: Size) -> None:
    assert sentence("rest", "pain", "tea", Level.VERY_LOW, size, "down") == UNCERTAIN


def test_no_two_levels_share_a_form_and_no_two_sizes_but_unnamed_ones() -> None:
    """A form belongs to one level; within it only "important" and "moderate" look alike."""
    forms = grid()
    for (level, size), own in forms.items():
        for (other, another), theirs in forms.items():
            shared = set(own) & set(theirs)
            if level is not other:
                assert not shared
            elif level is not Level.VERY_LOW and {size, another} - {"important", "moderate"}:
                assert size == another or not shared


def test_nothing_stands_in_the_file_that_is_not_read() -> None:
    text = files("osler.certainty").joinpath("grid.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    assert set(table) == {"source", "ways", *(level.word for level in Level)}
    assert all(set(table[level.word]) == set(SIZES) for level in Level)


def test_a_name_with_braces_is_no_place_to_fill() -> None:
    found = sentence("{outcome}", "pain", "{tea}", Level.HIGH, "small", "down")
    assert found == "{outcome} results in a slight reduction in pain compared with {tea}."


@pytest.mark.parametrize(
    ("outcome", "direction", "way"),
    [
        ("leg pain", "better", "down"),
        ("leg pain", "worse", "up"),
        ("recovery", "better", "up"),
        ("recovery", "worse", "down"),
    ],
)
def test_the_way_follows_the_direction_of_the_outcome(
    outcome: str, direction: str, way: str
) -> None:
    found = review_of().outcomes[outcome]
    assert way_of(found, "better" if direction == "better" else "worse") == way
