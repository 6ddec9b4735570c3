#!/usr/bin/env bash
# Runs the tests on the oldest versions that pyproject.toml allows, in .venv-oldest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lock=requirements/oldest.txt
venv=.venv-oldest
command -v python3.11 >/dev/null && python3.11 -c '' 2>/dev/null || {
    echo "osler: the oldest supported versions need Python 3.11 itself (python3.11)" >&2
    exit 2
}
if [[ ! -f $venv/stamp || $(<"$venv/stamp") != "$(cksum <"$lock")" ]]; then
    rm -rf "$venv"
    python3.11 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation -e .
    cksum <"$lock" >"$venv/stamp"
fi
# The commands that tests start must be this environment's.
PATH="$PWD/$venv/bin:$PATH" "$venv/bin/python" -m pytest "$@"
