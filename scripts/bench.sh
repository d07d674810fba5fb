#!/usr/bin/env bash
# Measures, side by side in one run: `bench.sh [SECTION…]`, all if none is named; `bench.sh prepare` only builds.
# Results: target/bench/report.md and report.json. What cannot be fetched is left out, and said.
source "$(dirname "$0")/ground.sh"

bench=$CARGO_TARGET_DIR/bench
umadb=0.7.8 codegen=5.0.7 postgraphile=4.14.1
mkdir -p "$bench"

left_out() { echo "left out: $*" >&2; }

ours() {
  cargo build --quiet --release --locked --bin scaffold
  cargo build --quiet --profile measured --locked --package scaffold-bench
  cp "$CARGO_TARGET_DIR/release/scaffold" "$CARGO_TARGET_DIR/measured/scaffold-bench" "$bench/"
}

# Their build compiles a proto file and asks for protoc: Python's package brings one along.
protoc() {
  [ -n "${PROTOC:-}" ] && return
  if ! type -P protoc >/dev/null; then
    [ -d "$bench/protoc" ] || python3 -m pip install --quiet --target "$bench/protoc" grpcio-tools
    printf '#!/bin/sh\nPYTHONPATH=%q exec python3 -m grpc_tools.protoc "$@"\n' "$bench/protoc" >"$bench/protoc.sh"
    chmod +x "$bench/protoc.sh"
    export PROTOC=$bench/protoc.sh
  fi
}

peers() {
  protoc || { left_out "UmaDB $umadb and disintegrate: no protoc"; return; }
  (cd bench/peers && CARGO_TARGET_DIR=$bench/peers-target cargo build --quiet --release --locked) ||
    { left_out "UmaDB $umadb and disintegrate: they do not build"; return; }
  cp "$bench/peers-target/release/scaffold-bench-peers" "$bench/peers"
}

graphql_codegen() {
  command -v npm >/dev/null 2>&1 || { left_out "graphql-codegen: no npm"; return; }
  [ -x "$bench/codegen/node_modules/.bin/graphql-codegen" ] && return
  mkdir -p "$bench/codegen"
  # Without the override the newest releases ask for a library that not every mirror has.
  cat >"$bench/codegen/package.json" <<JSON
{ "private": true,
  "dependencies": { "graphql": "16", "@graphql-codegen/cli": "$codegen",
    "@graphql-codegen/typescript": "5.0.8", "@graphql-codegen/typescript-resolvers": "5.1.6" },
  "overrides": { "@graphql-tools/batch-execute": "10.2.0" } }
JSON
  (cd "$bench/codegen" && npm install --silent --no-audit --no-fund --ignore-scripts) ||
    left_out "graphql-codegen $codegen: npm has failed"
}

resolver() {
  (cd bench/peers/resolver && CARGO_TARGET_DIR=$bench/peers-target cargo build --quiet --release --locked) ||
    { left_out "the resolver by hand: it does not build"; return; }
  cp "$bench/peers-target/release/scaffold-bench-resolver" "$bench/resolver"
}

# Of its version 5 the registry has parts that do not fit together: every list fails.
postgraphile() {
  command -v npm >/dev/null 2>&1 || { left_out "PostGraphile: no npm"; return; }
  [ -x "$bench/postgraphile/node_modules/.bin/postgraphile" ] && return
  mkdir -p "$bench/postgraphile"
  echo "{ \"private\": true, \"dependencies\": { \"postgraphile\": \"$postgraphile\" } }" >"$bench/postgraphile/package.json"
  (cd "$bench/postgraphile" && npm install --silent --no-audit --no-fund --ignore-scripts) ||
    left_out "PostGraphile $postgraphile: npm has failed"
}

# The generated project whose commands and lists are counted.
courses() {
  rm -rf "$bench/courses"
  "$bench/scaffold" new "$bench/courses" --example courses --quiet
  "$bench/scaffold" -C "$bench/courses" gen --quiet
  (cd "$bench/courses" && cargo build --quiet --release --bin app)
  cp "$CARGO_TARGET_DIR/release/app" "$bench/courses-app"
}

echo "building …" >&2
ours
peers
resolver
graphql_codegen
postgraphile
courses
POSTGRES_BIN=$(bash scripts/postgres.sh)
export POSTGRES_BIN BENCH_TARGET=$bench
[ "${1:-}" = prepare ] && exit
"$bench/scaffold-bench" "$@"
echo "kept in $bench/report.md and report.json" >&2
