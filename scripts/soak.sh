#!/usr/bin/env bash
# What takes too long for every run: each example as a user would have it, with the runtime's source inside.
source "$(dirname "$0")/ground.sh"

started=$SECONDS
part() { # part NAME COMMAND…
  local name=$1 from=$SECONDS
  shift
  echo "── $name"
  "$@" || { echo "── $name: FAILED after $((SECONDS - from)) s" >&2; exit 1; }
  echo "── $name: $((SECONDS - from)) s"
}
of_runtime() { cargo test --quiet --locked --package scaffold-runtime --all-features "$@"; }

cargo build --quiet --locked --bin scaffold
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# One chain: where a function is asked for its outcome, the shell does not stop at what fails within it.
of_example() {
  "$scaffold" new "$place/$1" --example "$1" --quiet &&
    "$scaffold" -C "$place/$1" gen &&
    (
      cd "$place/$1" &&
        cargo clippy --quiet --workspace --all-targets -- -D warnings &&
        cargo test --quiet --workspace &&
        cargo build --quiet --workspace
    ) &&
    "$scaffold" -C "$place/$1" gen --check
}
for example in schema-examples/*/; do
  part "example $(basename "$example")" of_example "$(basename "$example")"
done
# PostgreSQL behind a pooler in transaction mode: the store, entries, groups, and whole processes.
need pgbouncer "apt-get install pgbouncer"
bash scripts/postgres.sh
part "pooler: store" of_runtime --test postgres pooler -- --ignored
export SCAFFOLD_TEST_POOLED=1
part "pooler: entries" of_runtime --test entries -- postgres shared same
part "pooler: groups" of_runtime --test groups
part "pooler: processes" cargo test --quiet --locked --test end_to_end -- postgres sharing
unset SCAFFOLD_TEST_POOLED
# Every PostgreSQL that is supported; the usual one is what `make test` takes.
for version in 14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17; do
  # What the version before has set is not to be taken for this one.
  POSTGRES_BIN=$(env -u POSTGRES_BIN POSTGRES_VERSION="$version" bash scripts/postgres.sh)
  export POSTGRES_BIN
  part "PostgreSQL $version: units" of_runtime --lib postgres
  part "PostgreSQL $version: tests" of_runtime --test postgres --test entries --test faults
done
unset POSTGRES_BIN
export SOAK_ROUNDS="${SOAK_ROUNDS:-10}"
# Consumer groups in processes that are killed and put to sleep, again and again.
part "groups" of_runtime --test groups
# Connections that are cut, disks that are full, clocks that jump, again and again.
part "faults" of_runtime --test faults
# Kills in the middle of a stream of commands, of one process and of one of several, and a disk that is full, again and again.
for round in $(seq "$SOAK_ROUNDS"); do
  part "kill, round $round" cargo test --quiet --locked --test end_to_end -- durability sharing postgres::a_kill full
done
echo "── all parts: $((SECONDS - started)) s"
