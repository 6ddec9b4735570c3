"""`python -m bench`: what the engine and the commands take, on this machine."""

import os
import platform

from bench.commands import command_timings, report
from bench.pooling import pooling_paces, pooling_report


def main() -> None:
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print(report(command_timings()))
    print()
    print(pooling_report(pooling_paces()))


if __name__ == "__main__":
    main()
