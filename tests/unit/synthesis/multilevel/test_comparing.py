"""Two multilevel models by their likelihoods."""

from typing import Any

import pytest

from osler.core.diagnostics import DataError
from osler.synthesis.multilevel import Multilevel, multilevel
from tests.unit.synthesis.multilevel.data import schools, teeth


def fit(random: Any, formula: str = "yi ~ 1", **options: Any) -> Multilevel:
    return multilevel(formula, schools(), random=random, variance="vi", **options)


@pytest.fixture(scope="module")
def two() -> Multilevel:
    return fit("district/school")


def test_it_is_told(two: Multilevel) -> None:
    found = two.compare(fit("district"))
    assert found.formulas == ("~ 1; district", "~ 1; district, district/school")
    assert found.df == 1 and found.p_value < 0.001
    assert "an end of its range" in found.notes[0]
    assert "REML" in found.summary() and found.text()
    assert found.why("statistic").formula


def test_a_held_component_is_no_parameter(two: Multilevel) -> None:
    held = fit("district/school", hold={"sigma2[district]": 0.0})
    assert two.compare(held).df == 1


def test_moderators_alone_carry_no_note() -> None:
    data, V = teeth()
    one, more = (
        multilevel(formula, data, V=V, random="~ outcome | trial", structure="UN", method="ML")
        for formula in ("yi ~ 1", "yi ~ outcome")
    )
    assert more.compare(one).notes == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "ML"}, "by ML"),
        ({"random": "study"}, "neither lies"),
        ({"formula": "yi ~ year", "random": "district/school"}, "restricted likelihoods"),
        ({"formula": "yi ~ 0 + year", "random": "district"}, "not among"),
    ],
)
def test_what_does_not_compare(options: dict[str, Any], words: str) -> None:
    plain = {"random": "district"}
    with pytest.raises(DataError) as error:
        fit(**(plain | options)).compare(
            fit("district/school" if "0 +" in str(options) else "district")
        )
    assert error.value.diagnostics[0].code == "MLV019"
    assert words in error.value.diagnostics[0].found


def test_other_data_do_not_compare(two: Multilevel) -> None:
    data = schools()
    data["yi"] = [y + 0.1 for y in data["yi"]]
    with pytest.raises(DataError) as error:
        two.compare(multilevel("yi ~ 1", data, random="district", variance="vi"))
    assert "not the same" in error.value.diagnostics[0].found
