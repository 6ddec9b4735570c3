#!/usr/bin/env bash
# Runs the timings in .venv-bench, which holds Osler's peers in Python too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lock=requirements/bench.txt
venv=.venv-bench
if [[ ! -f $venv/stamp || $(<"$venv/stamp") != "$(cksum <"$lock")" ]]; then
    rm -rf "$venv"
    .venv/bin/python -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation -e .
    cksum <"$lock" >"$venv/stamp"
fi
# One thread for linear algebra, as in the comparison's other programs; Osler's own threads count.
OPENBLAS_NUM_THREADS=1 "$venv/bin/python" -m bench "$@"
