#!/usr/bin/env bash
# Sees to it that the browser tests can run: a Chromium, and libatomic, which the driver that
# comes with Playwright links and a minimal system lacks. As root on Debian it installs what is
# missing. It never fails: without a browser those tests skip with a reason (and fail where
# CI=true).
set -euo pipefail

missing=()
has_browser() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null; then return 0; fi
    done
    return 1
}
has_browser || missing+=(chromium)
if [[ $(uname -s) == Linux && $(PATH=$PATH:/sbin:/usr/sbin ldconfig -p) != *libatomic.so.1* ]]; then
    missing+=(libatomic1)
fi
((${#missing[@]})) || exit 0

# Ubuntu's chromium only points to a snap, which does not run headless as root.
if [[ $(id -u) == 0 ]] && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then
    echo "osler: installing ${missing[*]} for the browser tests (the first time only)" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null 2>&1 || true
    if told=$(apt-get install -y -qq --no-install-recommends "${missing[@]}" 2>&1); then exit 0; fi
    printf '%s\n' "$told" "osler: ${missing[*]} could not be installed" >&2
fi
echo "osler: the tests in tests/browser cannot run here without: ${missing[*]}" >&2
echo "       On Debian: sudo apt-get install ${missing[*]}" >&2
