"""McDaniel, Whetzel, Schmidt & Maurer (1994). The validity of employment interviews.

J Appl Psychol 79, 599-616. doi:10.1037/0021-9010.79.4.599. 160 correlations of interview and
performance, weighted by sample size (bare-bones, after Hunter and Schmidt).
"""

from osler import estimate_effects, synthesise
from tests.papers.studies import table


def test_table_4_all_interviews() -> None:
    """160 coefficients of 25 244 people: mean observed r 0.20."""
    t = table("mcdaniel1994")
    assert (len(t["ri"]), sum(t["ni"])) == (160, 25244)
    t["study"] = [str(s) for s in t["study"]]
    effects = estimate_effects(t, "COR")
    fit = synthesise(
        effects.studies, effects.estimates, effects.variances, measure="COR", weights=t["ni"]
    )
    assert round(fit.random.estimate, 2) == 0.20
