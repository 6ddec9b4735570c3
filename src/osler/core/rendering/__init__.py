"""Diagnostics as text for people and as JSON for programs; whole reports in five formats."""

from osler.core.rendering.listing import Style, render
from osler.core.rendering.report import Aside, Format, PageReport, Report, Statement, Told
from osler.core.rendering.reports import FORMATS, render_report
from osler.core.rendering.text import count_line

__all__ = [
    "FORMATS",
    "Aside",
    "Format",
    "PageReport",
    "Report",
    "Statement",
    "Style",
    "Told",
    "count_line",
    "render",
    "render_report",
]
