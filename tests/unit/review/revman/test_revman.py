"""Reading RevMan's files: a published review against its own results, every kind of data, harm."""

import io
import math
import warnings
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import osler
from osler.cli.revman import revman_command
from osler.core.diagnostics import DataError
from osler.effects.estimate import estimate_effects
from osler.review import revman as room
from osler.review.reading import parse_review
from osler.review.revman import RevmanAnalysis, RevmanReview, parse_revman, read_revman
from osler.review.revman.packages import _MOST_BYTES
from osler.review.revman.tables import analysis_table, folder_tables

HERE = Path(__file__).parent
SORE_THROAT, KINDS = HERE / "sore_throat.rm5", HERE / "kinds.rm5"


@cache
def sore_throat() -> RevmanReview:
    return read_revman(SORE_THROAT)


@cache
def kinds() -> RevmanReview:
    return read_revman(KINDS)


def codes(found: Any) -> list[str]:
    return [each.code for each in found]


def code_of(call: Any) -> str:
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.diagnostics[0].code


def columns(analysis: RevmanAnalysis) -> dict[str, list[object]]:
    return {name: values for name, values in analysis.columns().items() if name != "subgroup"}


# A published review: what RevMan stored beside the data is the independent check.


@pytest.mark.parametrize("number", ["1.2", "4.6", "4.7"])
def test_each_study_has_the_effect_that_revman_stored(number: str) -> None:
    analysis = sore_throat().analysis(number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # studies without events are left out by name
        found = estimate_effects(columns(analysis), "RR", zero_cells="revman")
    stored = {row.study.label: row for row in analysis.rows if math.isfinite(row.estimate)}
    assert set(found.studies) == set(stored)
    for label, y, v in zip(found.studies, found.estimates, found.variances, strict=True):
        assert y == pytest.approx(stored[label].estimate, rel=1e-12)
        assert math.sqrt(v) == pytest.approx(stored[label].se, rel=1e-12)


@pytest.mark.parametrize("number", ["1.2", "4.6", "4.7"])
def test_what_is_pooled_is_what_revman_stored(number: str) -> None:
    """RevMan's random effects with Mantel-Haenszel weights: Q about the Mantel-Haenszel estimate.

    Deeks & Higgins, Statistical algorithms in Review Manager 5 (2010), random-effects methods.
    """
    analysis = sore_throat().analysis(number)
    stored = analysis.pooled
    assert stored is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        effects = estimate_effects(columns(analysis), "RR", zero_cells="revman")
        mh = osler.pool_counts(
            columns(analysis),
            measure="RR",
            method="MH",
            correction="RevMan",
            double_zero_studies="drop",
        )
    assert mh.common is not None
    y, w = np.array(effects.estimates), 1 / np.array(effects.variances)
    q = float((w * (y - mh.common.estimate) ** 2).sum())
    assert q == pytest.approx(stored.q, rel=1e-10)
    tau2 = max(0.0, (q - (len(y) - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    assert tau2 == pytest.approx(stored.tau2, rel=1e-10, abs=1e-12)
    assert max(0.0, (q - stored.df) / q) == pytest.approx(stored.i2, rel=1e-10, abs=1e-12)
    w = 1 / (1 / w + tau2)
    estimate, se = float((w * y).sum() / w.sum()), 1 / math.sqrt(w.sum())
    assert estimate == pytest.approx(stored.estimate, rel=1e-10)
    assert estimate - 1.959963984540054 * se == pytest.approx(stored.ci_lower, rel=1e-8)
    assert estimate + 1.959963984540054 * se == pytest.approx(stored.ci_upper, rel=1e-8)


def test_the_studies_and_subgroups_of_the_review() -> None:
    review = sore_throat()
    assert review.title == "Antibiotics for sore throat"
    assert review.doi == "10.1002/14651858.CD000023.pub4"
    assert len(review.studies) == 19
    little = next(study for study in review.studies if study.label == "Little 1997")
    assert little.authors == "Little P, Williamson I"  # of the primary reference
    analysis = review.analysis("1.2")
    assert (analysis.measure, analysis.method, analysis.random) == ("RR", "MH", True)
    assert [pooled.studies for pooled in analysis.subgroups.values()] == [12, 3]
    assert analysis.comparator == "Placebo"
    assert codes(review.diagnostics) == ["RMN010"]  # one excluded study
    assert "1.2  Symptom of sore throat on day 3" in review.summary()


# Every kind of data


def test_means_standard_deviations_and_what_is_no_number() -> None:
    analysis = kinds().analysis("1.1")
    table = analysis.columns()
    assert table["mean_treated"] == [12.5, 10.0]
    assert table["n_control"] == [38.0, 20.0]
    assert math.isnan(table["sd_treated"][1])  # type: ignore[arg-type]
    (told,) = [d for d in kinds().diagnostics if d.code == "RMN005"]
    assert "Author B 2002" in told.found and "twelve" in told.found and told.place.line > 1
    assert analysis.pooled is not None and analysis.pooled.i2 == pytest.approx(0.333)


def test_ratios_become_logs_and_what_disagrees_is_told() -> None:
    analysis = kinds().analysis("1.2")
    first, second = analysis.rows
    assert analysis.measure == "HR"
    assert first.estimate == pytest.approx(math.log(1.5)) and first.se == 0.2
    assert math.isnan(second.estimate)
    assert [d.found for d in kinds().diagnostics if d.code == "RMN009"] == [
        "1.2, Author B 2002: 1.5 (SE 0.2, 1.4 to 1.6)"
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the one without estimate is left out by name
        pooled = osler.pool(columns(analysis), "HR")
    assert pooled.studies == ("Author A 2001",)
    assert pooled.random.estimate == pytest.approx(math.log(1.5))


def test_observed_minus_expected_events() -> None:
    (row,) = kinds().analysis("1.3").rows
    assert row.estimate == -0.5 and row.se == pytest.approx(1 / math.sqrt(8))
    assert kinds().analysis("1.3").columns()["estimate"] == [-0.5]


def test_swapped_events_levels_and_subgroups() -> None:
    analysis = kinds().analysis("1.4")
    table = analysis.columns()
    assert kinds().analysis("1.2").columns()["se"][0] == 0.2
    assert table["events_treated"] == [17.0, 13.0, 8.0]
    assert table["subgroup"] == ["Low dose", "High dose", "High dose"]
    assert analysis.level == 0.99 and analysis.pooled is None
    assert set(analysis.subgroups) == {"Low dose"}
    assert analysis.measure == "PETO"
    assert "RMN008" in codes(kinds().diagnostics)  # a study that the list does not hold


def test_bias_becomes_domains() -> None:
    found = [(b.study.label, b.domain, b.judgement) for b in kinds().bias]
    assert found == [
        ("Author A 2001", "randomisation", "low"),
        ("Author B 2002", "randomisation", "unclear"),
        ("Author A 2001", "randomisation", "high"),
        ("Author A 2001", "", "low"),
    ]


def test_words_for_numbers_are_named() -> None:
    told = [d.found for d in kinds().diagnostics if d.code == "RMN010"]
    assert told == ["analysis 1.5: What people said"]


def test_an_analysis_that_is_not_there() -> None:
    assert code_of(lambda: kinds().analysis("9.9")) == "RMN006"


def test_an_unknown_measure_is_read_on_the_scale_that_its_interval_tells() -> None:
    text = KINDS.read_text("utf-8").replace("Hazard Ratio", "Ratio of something")
    review = read_revman(text)
    first = review.analysis("1.2").rows[0]
    assert review.analysis("1.2").measure == ""
    assert first.estimate == pytest.approx(math.log(1.5))
    assert "RMN007" in codes(review.diagnostics)


# Into a review folder


def parsed(review: RevmanReview) -> Any:
    tables, found = folder_tables(review, "review.rm5")
    assert len(review.diagnostics) + len(found) < 30
    whole = {name: text.encode() for name, text in tables.items()}
    return tables, found, parse_review(whole)


def test_a_folder_is_read_back_with_nothing_wrong_but_what_is_to_be_filled_in() -> None:
    tables, _, (review, found) = parsed(sore_throat())
    assert set(tables) == {"studies.csv", "arms.csv", "results.csv", "osler.toml"}
    assert {d.code for d in found if d.severity == "error"} == {"REV003"}  # condition = ""
    filled = {name: text.encode() for name, text in tables.items()}
    filled["osler.toml"] = filled["osler.toml"].replace(b'condition = ""', b'condition = "x"')
    review, found = parse_review(filled)
    assert review is not None
    assert not [d for d in found if d.severity == "error"]
    assert len(review.studies) == 19 and len(review.results) == 62
    assert {outcome.better for outcome in review.outcomes.values()} == {"lower"}


def test_kinds_of_data_find_their_tables() -> None:
    tables, found, _ = parsed(kinds())
    assert (
        "author-a-2001,Author A 2001,Author A,2001,A trial,A journal,10.1000/a,123"
        in (tables["studies.csv"])
    )
    results = tables["results.csv"]
    assert "author-a-2001,a1,Pain,,,,,40,12.5,4," in results
    # A study in two subgroups: outcomes of their own. Both arms have the same name.
    assert "Harm: Low dose,,,,17,20," in results and "Harm: High dose,,,,13,20," in results
    assert "people without the event" in results
    assert {"RMN011", "RMN012"} <= set(codes(found))
    # The same outcome with another measure has its number in the name.
    assert "Pain (2.1)" in results
    contrasts = tables["contrasts.csv"].splitlines()
    assert len(contrasts) == 3
    assert "Time to recovery,,,HR,1.5,," in contrasts[1]
    assert "Survival,,,HR,0.6065306597,,0.3033" in contrasts[2]
    assert tables["bias.csv"].splitlines()[1].startswith("author-a-2001,randomisation,high,")
    assert "Table of random numbers" in tables["bias.csv"]
    told = " ".join(d.found for d in found)
    assert "Other bias" in told and "Author B 2002" in told and "Usual care" in told
    toml = tables["osler.toml"]
    assert 'better = "higher"' in toml  # time to recovery: the right side favours the drug
    assert 'better = ""' in toml  # harm: the labels do not tell


def test_treatments_of_one_name_are_kept_apart() -> None:
    arms = folder_tables(kinds())[0]["arms.csv"]
    assert "Treatment (intervention)" in arms and "treatment (comparator)" in arms


def test_one_analysis_as_a_table() -> None:
    lines = analysis_table(sore_throat().analysis("4.6")).splitlines()
    assert lines[0] == "study,events_treated,n_treated,events_control,n_control"
    assert lines[1] == "Chamovitz 1954,1,257,3,109" and len(lines) == 9
    assert analysis_table(kinds().analysis("1.3")).splitlines()[1].endswith(",HR")


# Data packages of RevMan Web

_SETTINGS = (
    "Analysis group,Analysis number,Analysis name,Analysis group name,Data type,Log-scale data,"
    "Experimental group label,Control group label,Statistical method,Effect measure,"
    "Analysis model,Swap event and non-event,Study CI,Mean,CI start,CI end,"
    "Heterogeneity Tau²,Heterogeneity Chi²,Heterogeneity df,Heterogeneity I²\n"
    "1,1,Recovery,Drug vs placebo,Dichotomous,TRUE,Drug,Placebo,Mantel-Haenszel,Risk Ratio,"
    "Random effect,FALSE,95%,0.80,0.60,1.10,0.01,2.5,1,60%\n"
    "1,2,Time,Drug vs placebo,Contrast level,TRUE,Drug,Placebo,Inverse variance,Hazard Ratio,"
    "Fixed effect,FALSE,95%,,,,,,,\n"
    "1,3,Words,Drug vs placebo,Other data,FALSE,Drug,Placebo,,,,FALSE,95%,,,,,,,\n"
)
_ROWS = (
    "Analysis group,Analysis number,Subgroup,Study,Study year,GIV Mean,GIV SE,Mean,CI start,"
    "CI end,Experimental cases,Experimental N,Control cases,Control N,Weight\n"
    "1,1,Adults,Author A 2001,2001,,,0.75,0.5,1.1,9,40,12,40,60%\n"
    '1,1,Children,Author B 2002,2002,,,0.9,0.6,1.4,"1,009","2,000",8,30,40%\n'
    "1,2,,Author A 2001,2001,-0.2,0.1,0.82,0.67,1.0,,,,,100%\n"
)
_BIAS = (
    "Study,Domain (judgement): Bias arising from the randomisation process: All outcomes,"
    "Domain (support): Bias arising from the randomisation process: All outcomes\n"
    "Author A 2001,Some concerns,No word of concealment\n"
)


def package(**changed: str) -> dict[str, bytes]:
    texts = {"overall-estimates-and-settings": _SETTINGS, "data-rows": _ROWS, "risk-of-bias": _BIAS}
    texts |= {name.replace("_", "-"): text for name, text in changed.items()}
    return {f"CD000001-{name}.csv": text.encode() for name, text in texts.items() if text}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_data_package_is_read_zipped_or_as_a_folder(tmp_path: Path) -> None:
    inner = zipped({f"CD1-analysis-data/{name}": data for name, data in package().items()})
    (tmp_path / "CD000001-files.zip").write_bytes(zipped({"x/CD1-data.zip": inner}))
    folder = tmp_path / "CD000001-package"
    folder.mkdir()
    for name, data in package().items():
        (folder / name).write_bytes(b"\xef\xbb\xbf" + data)
    for review in (read_revman(tmp_path / "CD000001-files.zip"), read_revman(str(folder))):
        first, second = review.analyses
        assert first.columns() == {
            "study": ["Author A 2001", "Author B 2002"],
            "subgroup": ["Adults", "Children"],
            "events_treated": [9.0, 1009.0],
            "n_treated": [40.0, 2000.0],
            "events_control": [12.0, 8.0],
            "n_control": [40.0, 30.0],
        }
        assert (first.measure, first.random, first.kind) == ("RR", True, "binary")
        assert first.pooled is not None and first.pooled.i2 == pytest.approx(0.6)
        assert first.pooled.estimate == pytest.approx(math.log(0.8))
        assert second.columns() == {"study": ["Author A 2001"], "estimate": [-0.2], "se": [0.1]}
        assert [b.judgement for b in review.bias] == ["some concerns"]
        assert review.bias[0].domain == "randomisation"
        assert codes(review.diagnostics) == ["RMN010"]  # data of an unknown kind


def test_arm_level_data_are_told_by_their_columns() -> None:
    text = _SETTINGS.replace("Dichotomous", "Arm level")
    files = package(overall_estimates_and_settings=text)
    assert parse_revman(zipped(files)).analysis("1.1").kind == "binary"


def test_a_package_without_its_tables_is_none() -> None:
    assert code_of(lambda: parse_revman(zipped(package(data_rows="")))) == "RMN002"
    assert code_of(lambda: parse_revman(zipped({"a.txt": b"x"}))) == "RMN002"
    assert code_of(lambda: parse_revman(b"PK\x03\x04 and then nothing")) == "RMN002"


def test_a_package_that_fills_the_memory_is_refused() -> None:
    bomb = zipped({"CD1-data-rows.csv": b"0" * (_MOST_BYTES + 1)})
    assert len(bomb) < 200_000
    assert code_of(lambda: parse_revman(bomb)) == "RMN002"


# Hostile and broken files


def test_entities_are_refused() -> None:
    bomb = (
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        "<COCHRANE_REVIEW><COVER_SHEET><TITLE>&b;</TITLE></COVER_SHEET></COCHRANE_REVIEW>"
    )
    assert code_of(lambda: read_revman(bomb)) == "RMN004"
    outside = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><COCHRANE_REVIEW>&x;</COCHRANE_REVIEW>'
    assert code_of(lambda: read_revman(outside)) == "RMN004"


def test_other_files_are_refused() -> None:
    assert code_of(lambda: read_revman("<html/>")) == "RMN002"
    assert code_of(lambda: read_revman("<COCHRANE_REVIEW>")) == "RMN003"
    assert code_of(lambda: read_revman(b"")) == "RMN003"
    assert code_of(lambda: read_revman(b'<?xml version="1.0" encoding="klingon"?><a/>')) == "RMN003"


def test_without_defusedxml_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    assert code_of(lambda: read_revman("<COCHRANE_REVIEW/>")) == "RMN001"


def test_encodings_are_those_of_the_declaration() -> None:
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><COCHRANE_REVIEW><COVER_SHEET>'
        "<TITLE>Käse</TITLE></COVER_SHEET></COCHRANE_REVIEW>"
    )
    for source in (text.encode("latin-1"), text, "\ufeff" + text):
        assert read_revman(source).title == "Käse"


_WHOLE = KINDS.read_bytes()


@given(st.integers(0, len(_WHOLE) - 1), st.binary(max_size=12), st.integers(0, 40))
def test_no_bytes_crash(at: int, put: bytes, gone: int) -> None:
    changed = _WHOLE[:at] + put + _WHOLE[at + gone :]
    try:
        review = parse_revman(changed, "review.rm5")
    except DataError as error:
        refused = error.diagnostics[0].code
    else:
        refused = ""
    assert refused in ("", "RMN002", "RMN003", "RMN004")
    if refused:
        return
    tables, _ = folder_tables(review, "review.rm5")
    parse_review({name: text.encode() for name, text in tables.items()})
    review.summary()


# The command


def run(*arguments: object) -> Any:
    return CliRunner().invoke(revman_command, [str(each) for each in arguments])


def test_the_command_lists_writes_and_never_overwrites(tmp_path: Path) -> None:
    listed = run(SORE_THROAT)
    assert listed.exit_code == 0 and "4.7" in listed.stdout
    folder = tmp_path / "my review"
    written = run(SORE_THROAT, folder)
    assert written.exit_code == 0, written.output
    assert "results.csv  62 rows" in written.stdout and "osler check" in written.stdout
    assert sorted(p.name for p in folder.iterdir()) == [
        "arms.csv", "osler.toml", "results.csv", "studies.csv",
    ]  # fmt: skip
    before = (folder / "results.csv").read_bytes()
    again = run(KINDS, folder)
    assert again.exit_code == 2 and "nothing written" in again.stderr
    assert (folder / "results.csv").read_bytes() == before
    table = run(SORE_THROAT, "--analysis", "4.6")
    assert table.stdout.startswith("study,events_treated")
    assert run(KINDS).exit_code == 1  # warnings
    assert run(SORE_THROAT, "--analysis", "7.7").exit_code == 2
    assert run(tmp_path / "none.rm5").exit_code == 2
    assert run(SORE_THROAT, folder, "--analysis", "1.2").exit_code == 2
