"""The room itself: what it offers, without Matplotlib, in threads, in files."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib as mpl
import pytest

from osler.core.diagnostics import DataError
from osler.effects.measures import MEASURES
from osler.publish import plots
from osler.publish.plots.paper import figure_of, save, text_width, wrapped
from osler.publish.plots.showing import display_of, null_of
from osler.publish.plots.ticks import Axis, even_ticks, limits, ticks_of
from osler.synthesis.model import Synthesis
from osler.synthesis.pool import synthesise
from tests.unit.publish.plots.sample import bcg_by, bcg_fit, made


def test_importing_the_room_does_not_import_matplotlib() -> None:
    code = "import sys, osler.publish.plots as p; print('matplotlib' in sys.modules, len(dir(p)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", str(len(plots.__all__))]


def test_without_matplotlib_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "find_spec", lambda name: None)
    with pytest.raises(DataError) as caught:
        _ = plots.forest
    assert caught.value.diagnostics[0].code == "FIG001"
    assert "osler[figures]" in caught.value.diagnostics[0].help


def test_every_name_is_there() -> None:
    for name in plots.__all__:
        assert callable(getattr(plots, name))
    with pytest.raises(AttributeError):
        _ = plots.pie


def test_figures_fit_their_results() -> None:
    of_fit = plots.figures_of(bcg_fit())
    assert {"forest", "funnel", "profile_likelihood"} <= set(of_fit)
    assert plots.figures_of(bcg_by()) == ["forest", "forest_pages"]
    assert plots.figures_of(3) == []
    assert set(of_fit) <= set(plots.__all__)


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_files_repeat_to_the_byte(tmp_path: Path, ending: str) -> None:
    for name, figure in (("f", plots.forest), ("g", plots.funnel)):
        one = save(figure(made(5)), tmp_path / f"{name}1.{ending}", dpi=60)
        two = save(figure(made(5)), tmp_path / f"{name}2.{ending}", dpi=60)
        assert one.read_bytes() == two.read_bytes()


def test_pdf_holds_truetype_fonts_and_no_date(tmp_path: Path) -> None:
    for write in (lambda f, p: save(f, p), lambda f, p: f.savefig(p)):
        path = tmp_path / "forest.pdf"
        write(plots.forest(made(3)), path)
        assert b"/CIDFontType2" in path.read_bytes() and b"/Type3" not in path.read_bytes()
        assert b"CreationDate" not in path.read_bytes()


def test_svg_holds_text_or_outlines(tmp_path: Path) -> None:
    figure = plots.forest(bcg_fit())
    assert "Aronson 1948</text>" in save(figure, tmp_path / "a.svg", text="text").read_text("utf-8")
    assert "</text>" not in save(figure, tmp_path / "b.svg").read_text("utf-8")


def test_several_pages_go_into_one_pdf_only(tmp_path: Path) -> None:
    pages = plots.forest_pages(made(12, 1), height=2.5)
    assert len(pages) > 1
    path = save(pages, tmp_path / "pages.pdf")
    assert len(path.read_bytes()) > 1.5 * len(save(pages[0], tmp_path / "one.pdf").read_bytes())
    for wrong in ("pages.png", "pages.docx"):
        with pytest.raises(DataError) as caught:
            save(pages, tmp_path / wrong)
        assert caught.value.diagnostics[0].code == "FIG008"


def test_a_caller_s_style_changes_nothing(tmp_path: Path) -> None:
    def written(name: str) -> list[bytes]:
        figures = {"f": plots.forest, "n": plots.funnel, "d": plots.drapery, "i": plots.influence}
        return [
            save(draw(made(3)), tmp_path / f"{name}{key}.svg").read_bytes()
            for key, draw in figures.items()
        ]

    before = written("a")
    style = {
        "font.size": 20.0,
        "font.family": "serif",
        "axes.grid": True,
        "axes.facecolor": "red",
        "lines.linewidth": 5.0,
        "axes.spines.right": True,
        "xtick.direction": "in",
        "xtick.minor.visible": True,
        "figure.facecolor": "black",
        "text.color": "green",
        "axes.labelsize": 30.0,
        "figure.autolayout": True,
        "lines.marker": "x",
        "savefig.bbox": "tight",
    }
    with mpl.rc_context(style):
        assert written("b") == before
        assert mpl.rcParams["font.size"] == 20.0 and mpl.rcParams["savefig.bbox"] == "tight"


def test_figures_can_be_drawn_by_several_threads(tmp_path: Path) -> None:
    def written(i: int) -> bytes:
        return save(plots.forest(made(3)), tmp_path / f"{i}.svg").read_bytes()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(written, range(4)))) == 1
    assert mpl.rcParams["pdf.fonttype"] == 3


def test_a_notebook_gets_a_picture() -> None:
    picture = plots.forest(bcg_fit())._repr_png_()
    assert picture.startswith(b"\x89PNG")


def test_figures_have_the_width_of_a_journal_s_column() -> None:
    assert plots.funnel(bcg_fit()).get_size_inches()[0] * 25.4 == pytest.approx(89)
    assert plots.forest(bcg_fit()).get_size_inches()[0] * 25.4 == pytest.approx(183)


def test_words_are_measured_and_wrapped() -> None:
    assert text_width("mm", 8) == pytest.approx(2 * text_width("m", 8))
    assert text_width("m", 16) == pytest.approx(2 * text_width("m", 8))
    assert wrapped("", 50, 8) == ("",)
    lines = wrapped("Supercalifragilistic word", 40, 8)
    assert all(text_width(line, 8) <= 40 for line in lines) and "".join(lines).startswith("Super")


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_every_measure_has_ticks_that_rise(measure: str) -> None:
    display = display_of(measure, [0.1, 0.4])
    axis = Axis(0.05, 0.9, 0.0, 150.0, ())
    ticks = ticks_of(axis, display, 8)
    values = [value for value, _ in ticks]
    assert values == sorted(values) and len(values) >= 2
    assert all(axis.low - 1e-9 <= v <= axis.high + 1e-9 for v in values)
    assert null_of(measure) in (0.0, None)


def test_a_ratio_has_its_usual_ticks() -> None:
    axis = Axis(-3.0, 3.0, 0.0, 200.0, ())
    assert "1" in [label for _, label in ticks_of(axis, display_of("OR", []), 8)]
    wide = Axis(-30.0, 30.0, 0.0, 200.0, ())
    assert len(ticks_of(wide, display_of("OR", []), 8)) >= 3


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1e6, 2e6), (1e-9, 3e-9), (5.0, 5.001)])
def test_even_ticks_lie_between(low: float, high: float) -> None:
    for values in even_ticks(low, high):
        room = 1e-9 * (high - low)
        assert all(low - room <= v <= high + room for v in values)


def test_an_outlier_does_not_press_the_others_together() -> None:
    low, high = limits([0.0, 0.1, 0.2], [(-0.1, 0.1), (0.0, 0.2), (-9.0, 9.4)])
    assert low > -2 and high < 2
    assert limits([math_nan := float("nan"), 0.1], [(math_nan, math_nan), (0.0, 0.2)])[1] > 0.2
    assert limits([], []) == (-1.0, 1.0) or limits([], [])[0] < limits([], [])[1]


@pytest.mark.parametrize("values", [(1.0, 1.0), (1e-300, 1e-300), (1e40, -1e40)])
def test_strange_numbers_are_drawn(values: tuple[float, float]) -> None:
    fit = plots_of(values)
    plots.forest(fit).draw_without_rendering()
    plots.funnel(fit).draw_without_rendering()


def plots_of(values: tuple[float, float]) -> Synthesis:
    size = max(abs(v) for v in values)
    return synthesise(["a", "b"], list(values), [size**2 * 0.1 if size > 1e-100 else 0.1] * 2)


def test_an_empty_sheet_is_white() -> None:
    assert figure_of(100, 50).get_facecolor() == (1.0, 1.0, 1.0, 1.0)
