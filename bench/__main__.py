"""``python -m bench [PART ...]``: what Osler takes on this machine, beside its peers.

Parts: commands, pooling, models, files, networks, site, starting; all where none is named.
"""

import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import commands, files, models, networks, pooling, site, starting, timing

PROGRAMS = ["osler", "metafor", "pimeta", "PyMARE"]


def _races(module: object) -> Callable[[Path], str]:
    def told(scratch: Path) -> str:
        races = module.races(scratch)  # type: ignore[attr-defined]
        return timing.table(timing.run(races, scratch), PROGRAMS)

    return told


PARTS: dict[str, Callable[[Path], str]] = {
    "commands": lambda scratch: commands.report(commands.command_timings()),
    "starting": lambda scratch: starting.report(),
    "pooling": _races(pooling),
    "models": _races(models),
    "files": files.report,
    "networks": networks.report,
    "site": site.report,
}


def main() -> int:
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"bench: no part {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    for name in wanted:
        with tempfile.TemporaryDirectory() as scratch:
            print(f"\n{name}\n\n{PARTS[name](Path(scratch))}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
