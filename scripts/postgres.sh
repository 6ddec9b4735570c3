#!/bin/sh
# Runs a command with a PostgreSQL of its own, which is thrown away afterwards:
#   scripts/postgres.sh pytest tests/web
# On Debian and Ubuntu, as root, PostgreSQL is installed where it is missing.
set -eu
newest() {
  for folder in /usr/lib/postgresql/*/bin; do bin=$folder; done
  [ -x "$bin/initdb" ]
}
if ! newest; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "osler: installing postgresql" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null 2>&1 || true
    apt-get install -y -qq --no-install-recommends postgresql >/dev/null 2>&1 || true
  fi
  newest || { echo "osler: no PostgreSQL; apt-get install postgresql" >&2; exit 2; }
fi
work=$(mktemp -d)
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  chown postgres "$work"
  as() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
else
  as() { "$@"; }
fi
finish() {
  as "$bin/pg_ctl" -D "$work/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
(
  cd "$work"
  as "$bin/initdb" -D "$work/data" -U osler -A trust --locale=C.UTF-8 -E UTF8 >/dev/null
  # Only through a socket in the folder: no port that somebody else may have.
  as "$bin/pg_ctl" -D "$work/data" -w -l "$work/log" -o "-c listen_addresses= -k $work" start \
    >/dev/null || { cat "$work/log" >&2; exit 2; }
)
chmod 755 "$work"
DATABASE_URL="postgres://osler@$(printf %s "$work" | sed 's:/:%2F:g')/postgres"
export DATABASE_URL
"$@"
