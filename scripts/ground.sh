# Sourced by the other scripts: where things are, and what a fresh machine may lack.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
# Everything that cargo builds here shares one folder, so that no library is compiled twice.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
scaffold=$CARGO_TARGET_DIR/debug/scaffold

need() { # need COMMAND HOW-TO-GET-IT
  command -v "$1" >/dev/null 2>&1 || { echo "missing: $1. Get it with: $2" >&2; exit 1; }
}
need git "apt-get install git"
need cargo "the Rust installer, rustup"
need cc "apt-get install gcc"
