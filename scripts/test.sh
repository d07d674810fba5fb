#!/usr/bin/env bash
# Everything that must hold. Each stage prints its time; the first that fails ends the run.
source "$(dirname "$0")/ground.sh"

started=$SECONDS
stage() { # stage NAME COMMAND…
  local name=$1 from=$SECONDS
  shift
  echo "── $name"
  "$@" || { echo "── $name: FAILED after $((SECONDS - from)) s" >&2; exit 1; }
  printf '── %s: %d s\n' "$name" $((SECONDS - from))
}
in_sample() { (cd generated-sample && "$@"); }

export CARGO_TERM_COLOR=never INSTA_UPDATE=no INSTA_FORCE_PASS=0
stage "format" cargo fmt --all --check
stage "lint tool and runtime" cargo clippy --quiet --locked --workspace --all-targets --all-features -- -D warnings
stage "build tool" cargo build --quiet --locked --bin scaffold
stage "sample is what gen makes" "$scaffold" -C generated-sample gen --check
stage "lint generated code" in_sample cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
stage "specs of the sample" in_sample cargo test --quiet --locked --workspace
stage "build the sample's programs" in_sample cargo build --quiet --locked --bins
# A copy of its own: other generated projects build programs of the same names into that folder.
export SAMPLE_PROGRAMS=$CARGO_TARGET_DIR/sample
mkdir -p "$SAMPLE_PROGRAMS"
cp "$CARGO_TARGET_DIR"/debug/{app,gateway,enrollment} "$SAMPLE_PROGRAMS/"
stage "PostgreSQL for the tests" bash scripts/postgres.sh
stage "build tests" cargo test --quiet --locked --workspace --all-features --no-run
# Each binary runs, also after one that failed: one run tells everything.
stage "tests" cargo test --quiet --locked --workspace --all-features --no-fail-fast
stage "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --all-features --no-deps
echo "── all stages: $((SECONDS - started)) s"
