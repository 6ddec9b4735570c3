#!/usr/bin/env bash
# Sees to it that the browser tests have a Chromium: finds one, or as root on Debian installs it.
# Never fails: without a browser those tests skip with a reason (and fail where CI=true).
set -euo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null; then exit 0; fi
done

# Ubuntu's package of that name only points to a snap, which does not run headless as root.
if [[ $(id -u) == 0 ]] && grep -qx 'ID=debian' /etc/os-release 2>/dev/null; then
    echo "osler: installing chromium for the browser tests (the first time only)" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null 2>&1 || true
    if told=$(apt-get install -y -qq --no-install-recommends chromium 2>&1); then exit 0; fi
    printf '%s\n' "$told" "osler: chromium could not be installed" >&2
fi
echo "osler: no Chromium found, so the tests in tests/browser will not run." >&2
echo "       On Debian: sudo apt-get install chromium" >&2
