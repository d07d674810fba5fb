#!/usr/bin/env bash
# What takes too long for every run: each example as a user would have it, with the runtime's source inside.
source "$(dirname "$0")/ground.sh"

cargo build --quiet --locked --bin scaffold
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for example in schema-examples/*/; do
  name=$(basename "$example")
  from=$SECONDS
  "$scaffold" new "$place/$name" --example "$name" --quiet
  "$scaffold" -C "$place/$name" gen
  (
    cd "$place/$name"
    cargo clippy --quiet --workspace --all-targets -- -D warnings
    cargo test --quiet --workspace
    cargo build --quiet --workspace
  )
  "$scaffold" -C "$place/$name" gen --check
  echo "── $name: $((SECONDS - from)) s"
done
# PostgreSQL behind a pooler in transaction mode.
need pgbouncer "apt-get install pgbouncer"
bash scripts/postgres.sh
cargo test --quiet --locked --package scaffold-runtime --all-features --test postgres -- --ignored
# Every PostgreSQL that is supported; the usual one is what `make test` takes.
for version in 14.23.0-beta.17 15.18.0-beta.17 16.14.0-beta.17; do
  echo "── PostgreSQL $version"
  # What the version before has set is not to be taken for this one.
  POSTGRES_BIN=$(env -u POSTGRES_BIN POSTGRES_VERSION="$version" bash scripts/postgres.sh)
  export POSTGRES_BIN
  cargo test --quiet --locked --package scaffold-runtime --all-features --lib postgres
  cargo test --quiet --locked --package scaffold-runtime --all-features --test postgres --test entries --test faults
done
unset POSTGRES_BIN
# Consumer groups in processes that are killed and put to sleep, again and again.
SOAK_ROUNDS="${SOAK_ROUNDS:-10}" cargo test --quiet --locked --package scaffold-runtime --all-features --test groups
# Connections that are cut, disks that are full, clocks that jump, again and again.
SOAK_ROUNDS="${SOAK_ROUNDS:-10}" cargo test --quiet --locked --package scaffold-runtime --all-features --test faults
# Kills in the middle of a stream of commands, of one process and of one of several, and a disk that is full, again and again.
for round in $(seq "${SOAK_ROUNDS:-10}"); do
  echo "── kill, round $round"
  cargo test --quiet --locked --test end_to_end -- durability sharing postgres::a_kill full
done
