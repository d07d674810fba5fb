#!/usr/bin/env bash
# The main job from end to end: new, gen, build, run, with something to paste. Ctrl-C stops it.
source "$(dirname "$0")/ground.sh"

project=$CARGO_TARGET_DIR/demo/courses
echo "building the tool …"
cargo build --quiet --locked --bin scaffold
rm -rf "$project"
"$scaffold" new "$project" --example courses --quiet
"$scaffold" -C "$project" gen
echo "building what was generated (a few minutes the first time) …"
(cd "$project" && cargo build --quiet --package app)

cd "$project"
set -a
# shellcheck disable=SC1091
source .env
SEED_FILE=seed.graphql SEED_TENANT=demo
HTTP_ADDR=${DEMO_HTTP_ADDR:-127.0.0.1:8080} GRPC_ADDR=${DEMO_GRPC_ADDR:-127.0.0.1:50051}
set +a
token=$("$scaffold" token --tenant demo --sub developer --scope STUDENT --scope TEACHER --scope ADMIN)

tell() {
  local host=${HTTP_ADDR%:*} port=${HTTP_ADDR##*:}
  for _ in $(seq 600); do
    (exec 3<>"/dev/tcp/$host/$port") 2>/dev/null && break
    sleep 0.1
  done
  cat <<TEXT

  GraphiQL   http://$HTTP_ADDR/            GraphQL  http://$HTTP_ADDR/graphql
  gRPC       $GRPC_ADDR (with reflection)   health   http://$HTTP_ADDR/health   metrics  http://$HTTP_ADDR/metrics

  A token for tenant "demo" (put it into GraphiQL's headers as {"authorization": "Bearer …"}):
  $token

  A mutation:
  curl -s http://$HTTP_ADDR/graphql -H 'content-type: application/json' -H 'authorization: Bearer $token' \\
    -d '{"query":"mutation { subscribeStudent(input: {studentId: \\"edsger\\", courseId: \\"rust\\"}) { position events } }"}'

  A query:
  curl -s http://$HTTP_ADDR/graphql -H 'content-type: application/json' -H 'authorization: Bearer $token' \\
    -d '{"query":"{ getCourseList(input: {}) { data { id title capacity seatsTaken } } getStudentCourseList(input: {}) { data { student { name } course { title } } } }"}'

  The project is in $project. Ctrl-C stops it.
TEXT
}
tell &
exec "$CARGO_TARGET_DIR/debug/app"
