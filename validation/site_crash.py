"""``python validation/site_crash.py [--kills 50]``: the site killed under load, and what is lost.

On SQLite, or on the PostgreSQL of DATABASE_URL (an empty one, or scripts/postgres.sh).
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.web.comments.crash_writers import Confirmations, Decisions
from tests.web.crash import Site, crash, free_port
from tests.web.crash_writers import Comments, Members, environment, set_up
from tests.web.practice.crash_writer import Answers

MANY = 20000
"""More than any writer gets through, so that each thing is written once."""


def main() -> int:
    """Exit code 1 where anything acknowledged was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data, log = Path(folder) / "site", Path(folder) / "log"
        session = set_up(data)
        site = Site(environment(data), free_port(), log)
        writers = [
            Comments(data),
            Comments2(data),
            Confirmations(data, comments=MANY),
            Answers(data, links=MANY),
            Decisions(data, session, comments=MANY),
            Members(data, session),
        ]
        rng = random.Random(asked.seed)
        between = (0.05, 3.0)
        report = crash(site, writers, kills=asked.kills, rng=rng, between=between, tell=told)
    told(report.told())
    return 1 if any(report.lost.values()) else 0


def told(line: str) -> None:
    """As it goes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Comments2(Comments):
    """A second reader at the same time."""

    name = "comments, second reader"

    def write(self, connection, number):  # type: ignore[no-untyped-def]
        """As the first, with other numbers."""
        return super().write(connection, number + 10**6)


if __name__ == "__main__":
    sys.exit(main())
