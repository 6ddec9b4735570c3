"""The studies behind a number as a table to download."""

import csv
from io import StringIO

from osler.certainty.model import Finding
from osler.publish.figures.forest import study_intervals

COLUMNS = (
    "study",
    "label",
    "measure",
    "estimate",
    "variance",
    "ci_lower",
    "ci_upper",
    "weight",
    "n",
    "events",
    "total",
    "comparator_events",
    "comparator_total",
    "weeks",
    "instrument",
    "reported",
    "scaling",
    "added",
    "source",
)


def studies_csv(finding: Finding) -> bytes:
    """One row a study, on the analysis scale (ratios as logs), at full precision.

    UTF-8 without a byte order mark, comma separated, CRLF line ends (RFC 4180). An
    empty cell means not reported.
    """
    synthesis = finding.synthesis
    intervals = study_intervals(synthesis)
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for i, effect in enumerate(finding.answer.effects):
        writer.writerow(
            (
                effect.study,
                _text(effect.label),
                synthesis.measure,
                repr(float(synthesis.estimates[i])),
                repr(float(synthesis.variances[i])),
                *(repr(float(limit)) for limit in intervals[i]),
                repr(float(synthesis.random_weights[i])),
                effect.n,
                *(effect.events or (None,) * 4),
                effect.weeks,
                _text(effect.instrument),
                _text(effect.reported),
                _text(effect.scaling),
                effect.effect.added,
                effect.source,
            )
        )
    return out.getvalue().encode()


def _text(value: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
