r"""The flow as text, CSV and JSON."""

import csv
import io
import json
from collections.abc import Mapping

from osler.core.wording import aligned
from osler.records.prisma.boxes import Box, flow_boxes
from osler.records.prisma.model import Fate, Flow, Stream


def flow_text(flow: Flow) -> str:
    """The flow for a terminal, box below box."""
    rows, column = [], ""
    for box in flow_boxes(flow):
        if box.column != column and box.name != "studies-total":
            column = box.column
            rows += [("", ""), (column.upper(), "")]
        rows += _text_rows(box)
    return "\n".join(aligned(rows[1:], left=1)) + "\n"


def _text_rows(box: Box) -> list[tuple[str, str]]:
    start = "  - " if box.aside else "  "
    out = [(f"{start}{box.head}", "")] if box.head else []
    for line in box.lines:
        depth = line.level + bool(box.head)
        before = " " * len(start) + "  " * depth if depth else start
        count = "not known" if line.count is None else str(line.count)
        out.append((f"{before}{line.words}", count))
    return out


def flow_csv(flow: Flow) -> str:
    """One row a count: column, phase, box, part, words, n."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(("column", "phase", "box", "level", "what", "n"))
    for box in flow_boxes(flow):
        for line in box.lines:
            count = "" if line.count is None else line.count
            place = (box.column.value, box.phase.value, box.name)
            writer.writerow((*place, line.level, line.words, count))
    return held.getvalue()


def flow_json(flow: Flow) -> str:
    """The counts, and the keys of the records of each, so that every number can be traced."""
    values = {
        "finished": flow.is_finished,
        "databases": _stream(flow.databases),
        "others": _stream(flow.others),
        "included": {
            "studies": {study: list(keys) for study, keys in sorted(flow.studies.items())},
            "new_studies": flow.new_studies,
            "new_reports": flow.new_reports,
            "total_studies": flow.total_studies,
            "total_reports": flow.total_reports,
        },
        "previous": None
        if flow.previous is None
        else {"studies": flow.previous.studies, "reports": flow.previous.reports},
        "boxes": [
            {
                "name": box.name,
                "column": box.column.value,
                "phase": box.phase.value,
                "head": box.head,
                "lines": [{"what": x.words, "n": x.count, "level": x.level} for x in box.lines],
            }
            for box in flow_boxes(flow)
        ],
    }
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def _stream(s: Stream) -> Mapping[str, object]:
    return {
        "identified": [
            {"source": one.source, "kind": one.kind.value, "n": one.count} for one in s.identified
        ],
        "records": s.records,
        "duplicates": s.duplicates,
        "known_before": s.seen_before,
        "unique": s.unique,
        "screened": s.screened,
        "sought": s.sought,
        "assessed": s.assessed,
        "included": s.included,
        "reasons": {r.reason: list(r.keys) for r in s.reasons},
        "keys": {fate.value: list(s.fates[fate]) for fate in Fate if fate in s.fates},
    }
