"""``python -m validation [PART ...]``: simulate, then draw and tabulate for the docs.

Parts: coverage and rare_events (minutes each), report (a second); all where none is named.
"""

import sys
import time

from validation import coverage, rare_events, report

PARTS = {"coverage": coverage.run, "rare_events": rare_events.run, "report": report.run}


def main() -> int:
    """Run what is named and tell what was written."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.stderr.write(
            f"validation: no part {', '.join(unknown)}; there are {', '.join(PARTS)}\n"
        )
        return 2
    for name in wanted:
        began = time.perf_counter()
        written = PARTS[name]()
        sys.stdout.write(f"{written} ({time.perf_counter() - began:.0f} s)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
