"""The flow on a page: the diagram, and the same numbers as a table that any reader can follow."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from osler.publish.cells import date_text
from osler.publish.figures.svg import svg_inline
from osler.publish.plots.prisma import TITLE, flow_drawing, flow_svg
from osler.records.prisma.boxes import Box, flow_boxes
from osler.records.prisma.model import Flow
from osler.records.searches import Search

UNFINISHED = "The work goes on: some records have not been decided on, and the numbers will change."
"""Said below a flow in which something is still to be done."""


def flow_figure(
    flow: Flow, searches: Sequence[Search] = (), *, name: str = "prisma-flow"
) -> Markup:
    """The diagram with its table, for a page that has Osler's style sheet.

    Parameters
    ----------
    flow : Flow
    searches : sequence of Search
        Told below the diagram: where was searched, when, and each search's ``note``.
    name : str
        Unique in the page; the ids of the figure's parts begin with it.

    Notes
    -----
    On a phone the boxes stand below each other; the table says the same in full.
    """
    wide = svg_inline(flow_drawing(flow), name=f"{name}-wide")
    small = svg_inline(flow_drawing(flow, small=True), name=f"{name}-small")
    told = [*([] if flow.is_finished else [UNFINISHED]), *_searched(searches)]
    remarks = [Markup('<p class="caption">{}</p>\n').format(text) for text in told]
    return Markup(
        '<figure class="plate" id="{name}">\n'
        "<figcaption><strong>{title}</strong></figcaption>\n"
        '<div class="wide-only"><div class="scroll" role="region" tabindex="0" '
        'aria-label="Flow diagram">{wide}</div></div>\n'
        '<div class="small-only">{small}</div>\n'
        '{remarks}<details class="as-table">\n<summary>The same as a table</summary>\n'
        "{table}\n</details>\n</figure>"
    ).format(
        name=name,
        title=TITLE,
        wide=Markup(wide),
        small=Markup(small),
        remarks=Markup("").join(remarks),
        table=flow_table(flow, name=name),
    )


def _searched(searches: Sequence[Search]) -> Iterable[str]:
    """Each source with the day of its last search, then what is noted of the searches."""
    latest: dict[str, str] = {}
    for one in searches:
        latest[one.database] = max(latest.get(one.database, ""), one.date)
    sources = [f"{name} ({date_text(day) if day else 'no date'})" for name, day in latest.items()]
    if sources:
        yield f"Searched: {', '.join(sources)}."
    yield from dict.fromkeys(" ".join(one.note.split()) for one in searches if one.note.strip())


def flow_table(flow: Flow, *, name: str = "prisma-flow") -> Markup:
    """Every number of the flow: a row each, with the column and phase that it belongs to."""
    rows = Markup("\n").join(row for box in flow_boxes(flow) for row in _rows(box))
    return Markup(
        '<p class="unseen" id="{name}-caption">Numbers of records, reports and studies</p>\n'
        '<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}-caption">\n'
        '<table aria-labelledby="{name}-caption">\n'
        '<thead><tr><th scope="col">What</th><th scope="col">Number</th>'
        '<th scope="col">Found through</th><th scope="col">Phase</th></tr></thead>\n'
        "<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    ).format(name=name, rows=rows)


_ROW = Markup('<tr><th scope="row">{}</th><td class="num">{}</td><td>{}</td><td>{}</td></tr>')


def _rows(box: Box) -> list[Markup]:
    head = f"{box.head}: " if box.head else ""
    out, parent = [], ""
    for line in box.lines:
        # A part is read by itself, so it says what it is a part of.
        words = f"{parent}: {line.words}" if line.level else f"{head}{line.words}"
        parent = parent if line.level else words
        count = "not known" if line.count is None else str(line.count)
        cells = (words, count, box.column.value, box.phase.value)
        out.append(_ROW.format(*cells))
    return out


def flow_document(flow: Flow, title: str) -> str:
    """One HTML file with the diagram and the table, light or dark, that needs nothing beside it."""
    remark = "" if flow.is_finished else Markup("<p>{}</p>").format(UNFINISHED)
    return str(
        Markup(
            '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            "<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
            "<h1>{title}</h1>\n"
            '<div class="scroll" role="region" tabindex="0" aria-label="Flow diagram">{svg}</div>\n'
            "{remark}<h2>The same as a table</h2>\n{table}\n</main>\n</body>\n</html>\n"
        ).format(
            title=escape(title),
            style=Markup(_STYLE),
            svg=Markup(flow_svg(flow)),
            remark=remark,
            table=flow_table(flow),
        )
    )


_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem; }
main { max-width: 90rem; margin: 0 auto; }
.scroll { overflow-x: auto; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
table { border-collapse: collapse; }
th, td { text-align: left; font-weight: 400; }
th, td { padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid; }
thead th { font-weight: 600; }
.num { text-align: right; }
"""
