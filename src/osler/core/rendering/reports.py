"""A report in the format that was asked for."""

from typing import get_args

from osler.core.rendering.github import report_as_annotations
from osler.core.rendering.listing import as_json
from osler.core.rendering.markdown_report import report_as_markdown
from osler.core.rendering.report import Format, Report
from osler.core.rendering.sarif import report_as_sarif
from osler.core.rendering.text import WIDTH, report_as_text

FORMATS: tuple[Format, ...] = get_args(Format)


def render_report(
    report: Report,
    style: Format = "text",
    *,
    colour: bool = False,
    width: int = WIDTH,
    show_set_aside: bool = False,
) -> str:
    """A report as one text, without a closing newline.

    Parameters
    ----------
    report : Report
    style : "text", "json", "sarif", "github" or "markdown"
    colour, width
        For text only.
    show_set_aside : bool
        For text and JSON: tell what was set aside too. SARIF and Markdown always do.

    Examples
    --------
    >>> render_report(Report(checked="2 pages"))
    'No findings in 2 pages.'
    """
    if style == "json":
        return as_json(t for t in report.told if t.aside is None or show_set_aside)
    if style == "sarif":
        return report_as_sarif(report)
    if style == "github":
        return report_as_annotations(report)
    if style == "markdown":
        return report_as_markdown(report)
    return report_as_text(report, colour, width, show_set_aside)
