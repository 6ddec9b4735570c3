"""Published reviews as a table: what each pooled, and what its authors concluded."""

from collections.abc import Sequence

from bringing_in.tables import Row

# Column here: column of the extraction table. Everything is copied as text.
COLUMNS = {
    "review": "review_id",
    "citation": "citation",
    "doi": "doi",
    "pmid": "pmid",
    "comparison": "comparison",
    "outcome": "outcome",
    "measure": "measure",
    "trials": "n_trials",
    "participants": "n_participants",
    "estimate": "estimate",
    "ci_lower": "ci_low",
    "ci_upper": "ci_high",
    "i2": "i2",
    "model": "model",
    "certainty": "certainty_grade",
    "conclusion": "conclusion_paraphrase",
    "scope": "counts_scope",
    "source": "source_url",
    "notes": "notes",
}


def published_rows(reviews: Sequence[Row]) -> list[Row]:
    """One row each; "as above" becomes the conclusion that stands above it."""
    rows: list[Row] = []
    for review in reviews:
        row = {new: review[old] for new, old in COLUMNS.items()}
        if row["conclusion"] == "as above" and rows:
            row["conclusion"] = rows[-1]["conclusion"]
        rows.append(row)
    return rows
