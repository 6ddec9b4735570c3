"""A small report with one of everything."""

from osler.core.diagnostics import Diagnostic, Fix, Place, Severity
from osler.core.rendering import Aside, PageReport, Report, Statement, Told

LINE = "😀 Needles greatly reduce pain*, by 50% (see [x]). It is **safe**."
FIX_PLACE = Place("pages/a.md", 12, 11, 25, "", LINE)
CLAIM = Diagnostic(
    "CLM005",
    Severity.ERROR,
    FIX_PLACE,
    "the claim tells a larger effect: 100%, or more",
    'needles vs sham / pain: 2 trials\nread "greatly"',
    "the page is not published while this stands",
    'write: "may reduce" and mark it {.claim about="needles vs sham / pain"}',
    Fix(FIX_PLACE, "may reduce"),
)
SAFE = Diagnostic(
    "CLM011",
    Severity.WARNING,
    Place("pages/a.md", 12, 59, 63, "", LINE),
    'no treatment can be called "safe"',
    help="say how many people were watched",
    rule="house/safe",
)
ROW = Diagnostic(
    "EFF030",
    Severity.NOTE,
    Place("contrasts.csv", 3, 5, 7, "estimate", "a,b,-7,8"),
    "no standard error",
    "Hart 1999",
    "it is left out",
)
QUOTED = Diagnostic("CLM006", Severity.ERROR, Place("pages/a.md", 20, 1, 4, "", "It cures."), "no")
OLD = Diagnostic(
    "CLM010", Severity.ERROR, Place("pages/old page.md", 2, 1, 3, "", "It helps."), "m"
)
COMMENT = Place(
    "pages/a.md", 19, 1, 9, "", "<!-- osler: ignore CLM006 because it is a quotation -->"
)

TOLD = (
    Told(ROW, "a,b,-7,8"),
    Told(CLAIM, "😀 Needles greatly reduce pain*, by 50% (see [x])."),
    Told(SAFE, "It is safe."),
    Told(QUOTED, "It cures.", Aside("page", "it is a quotation", COMMENT)),
    Told(OLD, "It helps.", Aside("baseline", "osler-baseline.json")),
)
EXPLAINED = {
    "CLM005": "# CLM005: too large\n\n## What it means\n\nThe words are too large.\n\n"
    "## What to do\n\nUse smaller ones.\n"
}
REPORT = Report(
    TOLD,
    "back_pain",
    "2 pages",
    (
        PageReport(
            "pages/a.md",
            "Needles | and pain",
            False,
            (
                Statement(
                    12, "Needles greatly reduce pain", "overstated", "needles vs sham / pain"
                ),
                Statement(14, "One in three", "supported", "prevalence"),
            ),
        ),
        PageReport("pages/old page.md", "An old page", True),
    ),
    EXPLAINED,
    "1.2.3",
)
