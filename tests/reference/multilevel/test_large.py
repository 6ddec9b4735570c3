"""Large data: the likelihood at given components, and the search, against metafor."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from osler.synthesis.multilevel import Multilevel, multilevel

HERE = Path(__file__).parent / "large"
NAMES = ("bakdash2021", "mccurdy2020")


@cache
def stored(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def fitted(name: str, *, held: bool) -> Multilevel:
    case = stored(name)
    random = "~ 1 | " + "/".join(case["levels"])
    paths = ["/".join(case["levels"][: i + 1]) for i in range(len(case["levels"]))]
    names = [f"sigma2[{path}]" for path in paths]
    hold = dict(zip(names, case["sigma2"], strict=True)) if held else {}
    return multilevel("yi ~ 1", case["data"], random=random, variance="vi", hold=hold)


def test_the_grid_is_whole() -> None:
    assert tuple(sorted(path.stem for path in HERE.glob("*.json"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_at_given_components(name: str) -> None:
    case, fit = stored(name), fitted(name, held=True)
    assert fit.criteria.log_likelihood == pytest.approx(case["log_likelihood"], rel=1e-10)
    (mean,) = fit.coefficients
    assert (mean.estimate, mean.se) == pytest.approx((case["beta"], case["se"]), rel=1e-9)
    assert fit.q == pytest.approx(case["q"], rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_the_search_ends_no_lower(name: str) -> None:
    case, fit = stored(name), fitted(name, held=False)
    assert fit.criteria.log_likelihood >= case["log_likelihood"]
    searched = case["searched"]
    if searched:
        assert fit.criteria.log_likelihood >= searched["log_likelihood"] - 1e-9
        assert [c.value for c in fit.components] == pytest.approx(searched["sigma2"], rel=1e-3)
        assert fit.coefficients[0].se == pytest.approx(searched["se"], rel=1e-4)
