#!/usr/bin/env bash
# Writes requirements/*.txt from pyproject.toml: exact versions and hashes for every platform
# and every supported Python, and no index's address, so that any mirror may serve them.
#
#   scripts/lock.sh              brings the lock in step, changing as little as it must
#   scripts/lock.sh --upgrade    takes the newest version of everything
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# --no-config: the lock must not depend on one person's settings.
compile() {
    local out=$1
    shift
    .venv/bin/uv pip compile --no-config --quiet --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
        --custom-compile-command "make lock" --output-file "$out" pyproject.toml "$@"
    echo "$out: $(grep -c '==' "$out") packages"
}

compile requirements/runtime.txt --universal --extra figures --extra records --group build "$@"
compile requirements/dev.txt --universal --all-extras --group dev \
    --constraint requirements/runtime.txt "$@"
# Python 3.11 alone, with the lowest versions that pyproject.toml allows.
compile requirements/oldest.txt --all-extras --group build --group test \
    --resolution lowest-direct "$@"
# What Osler is timed beside.
compile requirements/bench.txt --universal --all-extras --group build --group bench \
    --constraint requirements/dev.txt "$@"
