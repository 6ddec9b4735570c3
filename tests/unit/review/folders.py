"""A small review folder as bytes, to be spoilt one cell at a time."""

from collections.abc import Mapping

TOML = """\
format = 1
title = "Does rest help?"
condition = "sciatica"
words = ["sciatica"]

[[treatments]]
name = "rest"
[[treatments]]
name = "usual care"

[[instruments]]
id = "NRS 0-10"
low = 0
high = 10
better = "lower"

[[outcomes]]
name = "recovery"
kind = "binary"
measure = "RR"
better = "higher"
accepts = ["recovery"]
weeks = [1, 20]
prefer_week = 6
mid = { value = 1.25, kind = "between groups", source = "guyatt-2011" }

[[outcomes]]
name = "leg pain"
kind = "continuous"
measure = "MD"
better = "lower"
accepts = ["leg pain", "overall pain"]
weeks = [1, 20]
prefer_week = 6
low = 0
high = 100
unit = "points on a 0-100 scale"
mid = { value = 10, kind = "between groups", source = "guyatt-2011" }

[[comparisons]]
name = "rest vs usual care"
intervention = "rest"
comparator = "usual care"
interventions = ["rest"]
comparators = ["usual care"]
"""

STUDIES = """\
id,label,year,design,reference,source,included,reason
one,One 2001,2001,parallel RCT,,https://example.org/1,yes,
two,Two 2002,2002,parallel RCT,,https://example.org/2,yes,
"""

ARMS = """\
study,arm,treatment,n
one,a1,rest,40
one,a2,usual care,40
two,a1,rest,50
two,a2,usual care,50
"""

RESULTS = """\
study,arm,outcome,instrument,weeks,value,events,n,mean,sd,source
one,a1,recovery,,6,,20,40,,,https://example.org/1
one,a2,recovery,,6,,10,40,,,https://example.org/1
two,a1,recovery,,6,,25,50,,,https://example.org/2
two,a2,recovery,,6,,20,50,,,https://example.org/2
two,a1,leg pain,NRS 0-10,6,final,,50,3.0,2.0,https://example.org/2
two,a2,leg pain,NRS 0-10,6,final,,50,4.0,2.0,https://example.org/2
"""

CONTRASTS = """\
study,arm,comparator_arm,outcome,instrument,weeks,measure,estimate,se,ci_lower,ci_upper,adjusted
one,a1,a2,leg pain,NRS 0-10,4,MD,-1.5,,-2.5,-0.5,yes
"""

REFERENCES = '[{"id": "guyatt-2011", "type": "article-journal", "title": "Imprecision"}]'


def small_folder(**changed: str | bytes | None) -> Mapping[str, bytes]:
    """The folder with some files changed; ``arms_csv="..."`` changes arms.csv, None removes it."""
    files: dict[str, str | bytes | None] = {
        "osler.toml": TOML,
        "studies.csv": STUDIES,
        "arms.csv": ARMS,
        "results.csv": RESULTS,
        "contrasts.csv": CONTRASTS,
        "references.json": REFERENCES,
    }
    files |= {"".join(_name(key)): value for key, value in changed.items()}
    return {
        name: value.encode() if isinstance(value, str) else value
        for name, value in files.items()
        if value is not None
    }


def _name(key: str) -> tuple[str, str, str]:
    stem, _, suffix = key.rpartition("_")
    return stem, ".", suffix
