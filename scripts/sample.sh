#!/usr/bin/env bash
# Makes generated-sample/ anew from the courses example.
source "$(dirname "$0")/ground.sh"

cargo build --quiet --locked --bin scaffold
rm -rf generated-sample.new
"$scaffold" new generated-sample.new --example courses --name courses --runtime path:../runtime --quiet
rm generated-sample.new/.env
# The numbers on the wire and the versions of the libraries stay as they are.
for kept in scaffold.lock Cargo.lock; do
  if [ -e "generated-sample/$kept" ]; then cp -r "generated-sample/$kept" generated-sample.new/; fi
done
rm -f generated-sample.new/scaffold.lock/{files,tool}
"$scaffold" -C generated-sample.new gen
rm -rf generated-sample
mv generated-sample.new generated-sample
(cd generated-sample && cargo metadata --format-version 1 >/dev/null)
