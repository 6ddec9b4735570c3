#!/usr/bin/env bash
# Makes .venv and installs the locked requirements into it; a second run does nothing.
#
#   scripts/environment.sh runtime   what Osler itself needs (make demo)
#   scripts/environment.sh dev       all that, and the tools for tests, linting and docs
#
# Needs Python 3.11 or newer and its venv module; on Debian and Ubuntu, as root, the
# venv module is installed where it is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kind=${1:?"say runtime or dev"}
lock=requirements/$kind.txt
venv=.venv
log=$venv/install.log
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USER=0

say() { printf 'osler: %s\n' "$*" >&2; }
fail() {
    say "$1"
    shift
    (($# == 0)) || printf '       %s\n' "$@" >&2
    exit 2
}

# What a command prints is shown only where it fails.
quietly() {
    local told
    told=$("$@" 2>&1) || {
        printf '%s\n' "$told" >&2
        return 1
    }
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    local name
    for name in "${OSLER_PYTHON:-}" python3.14 python3.13 python3.12 python3.11 python3 python; do
        # Being on the PATH is not enough: a version manager's shim may have nothing behind it.
        if [[ -n $name ]] && command -v "$name" >/dev/null && new_enough "$name"; then
            printf '%s' "$name"
            return
        fi
    done
    fail "Python 3.11 or newer was not found." \
        "On Debian 12+ or Ubuntu 24.04+: apt-get install python3 python3-venv" \
        "If it lies somewhere unusual: OSLER_PYTHON=/path/to/python make demo"
}

ensure_venv_module() {
    local python=$1 version
    if "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then return; fi
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
        fail "$python has no venv module, which makes the environment." \
            "On Debian and Ubuntu: sudo apt-get install python$version-venv"
    fi
    say "installing python$version-venv"
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get update -qq || true
    quietly apt-get install -y -qq --no-install-recommends "python$version-venv" ||
        quietly apt-get install -y -qq --no-install-recommends python3-venv ||
        fail "python$version-venv could not be installed."
}

make_venv() {
    local python
    python=$(find_python)
    ensure_venv_module "$python"
    say "making .venv with $("$python" --version)"
    rm -rf "$venv"
    "$python" -m venv "$venv" || fail "$python -m venv .venv failed; its message is above."
}

# A folder that was moved leaves scripts that point to where it was.
usable() {
    [[ -x $venv/bin/python ]] && grep -qF "$PWD/$venv" "$venv/bin/activate" 2>/dev/null &&
        "$venv/bin/python" -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

counted() {
    local total
    total=$(grep -c '==' "$lock")
    if [[ -t 2 ]]; then
        awk -v total="$total" '/^ *Collecting / { n++; sub(/==.*/, "", $2)
            printf "\r       %d of %d  %-40s", n, total, $2 > "/dev/stderr" }
            /^Installing collected/ { printf "\r       %-60s", "unpacking" > "/dev/stderr" }
            END { printf "\r%-70s\r", "" > "/dev/stderr" }'
    else
        cat >/dev/null
    fi
}

explain_failure() {
    if grep -qiE 'NewConnectionError|name resolution|Network is unreachable|ConnectTimeout|ReadTimeout|ProxyError' "$log"; then
        fail "the package index could not be reached." "Check the network (or pip's proxy settings) and run this again."
    elif grep -qE 'DO NOT MATCH THE HASHES' "$log"; then
        fail "a package differs from the one that was locked, so nothing was installed." \
            "Run this again; if it stays, the download is being altered on the way."
    elif grep -qE 'No space left' "$log"; then
        fail "the disk is full; about 1 GB is needed."
    fi
    tail -n 15 "$log" >&2
    fail "the requirements could not be installed; the whole log is $log"
}

pip_install() {
    "$venv/bin/python" -m pip install --progress-bar off --retries 3 "$@" 2>&1 | tee -a "$log" | counted ||
        explain_failure
}

stamp() { cksum <"$1"; }
fresh() { [[ -f $venv/$1.stamp && $(<"$venv/$1.stamp") == "$(stamp "$2")" ]]; }

usable || make_venv
if ! fresh "$kind" "$lock"; then
    # The tools include what Osler needs, so a machine set up for tests can run the demo.
    if [[ $kind == runtime ]] && fresh dev requirements/dev.txt; then
        :
    else
        say "installing $(grep -c '==' "$lock") packages (the first time only, about a minute)"
        : >"$log"
        pip_install --require-hashes -r "$lock"
        stamp "$lock" >"$venv/$kind.stamp"
    fi
fi
if ! fresh project pyproject.toml; then
    : >"$log"
    pip_install --no-deps --no-build-isolation -e .
    stamp pyproject.toml >"$venv/project.stamp"
fi
