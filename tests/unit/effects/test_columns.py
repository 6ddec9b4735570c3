import pytest

from osler.core.diagnostics import DataError
from osler.effects.columns import recognise, spellings

COUNTS = ["events_treated", "n_treated", "events_control", "n_control"]
MEANS = ["mean_treated", "sd_treated", "n_treated", "mean_control", "sd_control", "n_control"]
SPLIT = ["events_treated", "nonevents_treated", "events_control", "nonevents_control"]


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        ("ai n1i ci n2i", COUNTS),
        ("event.e n.e event.c n.c", COUNTS),
        ("Ee Ne Ec Nc", COUNTS),
        ("events_treated total_treated events_control total_control", COUNTS),
        ("eventsTreated;nTreated;eventsControl;nControl", COUNTS),
        ("Events (intervention);N (intervention);Events (placebo);N (placebo)", COUNTS),
        ("events1 n1 events2 n2", COUNTS),
        ("r1 n1 r2 n2", COUNTS),
        ("xt nt xc nc", COUNTS),
        ("treat_events treat_total ctrl_events ctrl_total", COUNTS),
        ("EVENTS.EXP TOTAL.EXP EVENTS.CTL TOTAL.CTL", COUNTS),
        ("tpos tneg cpos cneg", SPLIT),
        ("ai bi ci di", SPLIT),
        ("m1i sd1i n1i m2i sd2i n2i", MEANS),
        ("mean.e sd.e n.e mean.c sd.c n.c", MEANS),
        ("mean_treated sd_treated n_treated mean_control sd_control n_control", MEANS),
        ("mean1 sd1 n1 mean2 sd2 n2", MEANS),
        ("Mean treatment;SD treatment;N treatment;Mean sham;SD sham;N sham", MEANS),
        ("yi vi", ["estimate", "variance"]),
        ("TE seTE", ["estimate", "se"]),
        ("estimate se", ["estimate", "se"]),
        ("Estimate;Std. error", ["estimate", "se"]),
        ("logOR selog", None),
        ("estimate ci_lower ci_upper", ["estimate", "ci_lower", "ci_upper"]),
        ("rr lower95 upper95", ["estimate", "ci_lower", "ci_upper"]),
        ("HR;Lower 95% CI;Upper 95% CI", ["estimate", "ci_lower", "ci_upper"]),
        ("or or.lb or.ub", ["estimate", "ci_lower", "ci_upper"]),
        ("SMD SE", ["estimate", "se"]),
    ],
)
def test_usual_names(header: str, roles: list[str] | None) -> None:
    names = header.split(";") if ";" in header else header.split()
    if roles is None:
        with pytest.raises(DataError):
            recognise(names)
        return
    columns = recognise(["study", *names])
    assert list(columns.roles) == ["study", *roles]
    assert list(columns.roles.values()) == ["study", *names]
    assert columns.unused == ()


def test_no_spelling_means_two_things() -> None:
    known = spellings()
    assert known["te"] == "estimate"
    assert known["se"] == "se"
    assert known["sete"] == "se"
    assert known["ci"] == "events_control"
    assert known["n1i"] == "n_treated"


def test_counts_come_before_estimates_unless_these_are_wanted() -> None:
    header = ["ai", "n1i", "ci", "n2i", "yi", "vi"]
    assert recognise(header).layout == "counts"
    assert recognise(header, ["estimates"]).layout == "estimates"
    assert recognise(header, ["estimates"]).unused == ("ai", "n1i", "ci", "n2i")


@pytest.mark.parametrize(
    ("name", "measure", "as_ratio"),
    [("rr", "RR", True), ("logRR", "RR", False), ("Hedges' g", "SMD", False), ("yi", "", False)],
)
def test_a_column_may_name_its_measure(name: str, measure: str, as_ratio: bool) -> None:
    columns = recognise([name, "se"])
    assert (columns.measure, columns.as_ratio) == (measure, as_ratio)


def test_beside_an_estimate_its_ratio_is_only_a_repeat() -> None:
    assert recognise(["or", "or.lb", "or.ub", "yi", "vi"]).roles == {
        "estimate": "yi",
        "variance": "vi",
    }
    assert recognise(["or", "or.lb", "or.ub", "yi"]).roles["estimate"] == "or"


def test_the_author_names_a_study_better_than_its_number() -> None:
    roles = recognise(["study", "author", "year", "yi", "vi"]).roles
    assert (roles["study"], roles["study_id"], roles["year"]) == ("author", "study", "year")


def test_what_is_missing_is_named() -> None:
    with pytest.raises(DataError) as error:
        recognise(["study", "mean.e", "n.e", "mean.c", "sd.c", "n.c", "site"])
    found = error.value.diagnostics[0]
    assert found.code == "DAT001"
    assert "missing: sd_treated" in found.found
    assert "mean_treated from 'mean.e'" in found.found
    assert "site" in found.found


@pytest.mark.parametrize("header", [[], ["a", "b"], ["study"], ["", ""]])
def test_nothing_to_understand(header: list[str]) -> None:
    with pytest.raises(DataError) as error:
        recognise(header)
    assert error.value.diagnostics[0].code == "DAT001"


def test_two_columns_for_one_part() -> None:
    for header in (
        ["ai", "n1i", "n.e", "ci", "n2i"],
        ["ai", "ai", "n1i", "ci", "n2i"],
    ):
        with pytest.raises(DataError) as error:
            recognise(header)
        assert error.value.diagnostics[0].code == "DAT002"
