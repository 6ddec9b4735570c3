"""A small folder with one study, for the checks between tables."""

from pathlib import Path

from tests.cases.reading import read_case

_STUDIES = "id,label,year,title,design,randomised,reference,included\n"
_ROW = "one,One 2018,2018,Needling for sciatica in adults,parallel RCT,40,,yes\n"
_ARMS = "study,arm,treatment,detail,n\none,a1,acupuncture,,20\none,a2,placebo,,20\n"

FOLDER: dict[str, bytes] = {
    **{
        name: content
        for name, content in read_case(
            Path(__file__).parents[3] / "cases" / "base.md"
        ).files.items()
        if name != "mechanisms.csv"
    },
    "studies.csv": (_STUDIES + _ROW).encode(),
    "arms.csv": _ARMS.encode(),
}
