#!/bin/bash
# Runs the behaviour suite. With --database external it starts the test server of compose.yaml for the run.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'TEXT'
Usage: scripts/run-bdd-tests.sh [OPTION…] [PATH…]

Runs `cargo test --test bdd -- OPTION… PATH…`. If necessary, starts a test server for the run, and removes it afterwards,
also after Ctrl-C. The exit code is that of the suite.

  --database external    without DLC_BDD_DATABASE_URL and without a url in config.test.toml: starts `postgres-test` of
                         compose.yaml on a free port (or on POSTGRES_TEST_PORT), waits for it, and removes it
                         afterwards. If it is running already, it is used and keeps running.
  --database auto|container|local|URL, --store sqlite
                         start nothing here; the suite starts what it needs

POSTGRES_IMAGE names the image for Compose, DLC_BDD_DATABASE_IMAGE the image for --database container. On machines
without an image registry, scripts/build-postgres-image.sh builds one for both.

The suite's own options follow.
TEXT
}

say()  { printf 'run-bdd-tests: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

wants_external() {
    local previous=
    for argument in "$@"; do
        case $previous$argument in
            --database=external) return 0 ;;
        esac
        previous=
        if [ "$argument" = --database ]; then previous=--database=; fi
    done
    return 1
}

server_is_named() {
    [ -n "${DLC_BDD_DATABASE_URL:-}" ] || grep --quiet '^url *= *"[^"]' config.test.toml
}

find_compose() {
    if docker compose version >/dev/null 2>&1; then
        compose="docker compose"
    elif command -v docker-compose >/dev/null; then
        compose="docker-compose"
    else
        fail "--database external needs Docker Compose for its test server; or set DLC_BDD_DATABASE_URL to an existing server"
    fi
    docker version >/dev/null 2>&1 || fail "no Docker engine answers; start it, or set DLC_BDD_DATABASE_URL"
}

# Uses the server that the developer keeps running. Otherwise starts one in a Compose project of its own, so that
# removing it affects nothing else, and two runs at the same time are separate.
start_test_server() {
    local container
    container=$($compose ps -q postgres-test 2>/dev/null || true)
    if [ -n "$container" ] && [ "$(docker inspect --format '{{.State.Running}}' "$container")" = true ]; then
        say "using the test server of compose.yaml that is running"
    else
        project=dance-lessons-coach-bdd-$$
        say "starting the test server of compose.yaml"
        POSTGRES_TEST_PORT=${POSTGRES_TEST_PORT:-0} $compose -p "$project" up -d postgres-test >&2 \
            || fail "the test server doesn't start; is the image there (POSTGRES_IMAGE), and the port free (POSTGRES_TEST_PORT)?"
        container=$($compose -p "$project" ps -q postgres-test)
    fi
    wait_until_healthy "$container"
    local address
    address=$(docker port "$container" 5432/tcp | head -n 1)
    export DLC_BDD_DATABASE_URL="postgres://postgres:postgres@127.0.0.1:${address##*:}/postgres"
}

wait_until_healthy() {
    local left=300
    until [ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]; do
        left=$((left - 1))
        if [ "$left" = 0 ] || [ "$(docker inspect --format '{{.State.Running}}' "$1")" != true ]; then
            docker logs --tail 20 "$1" >&2
            fail "the test server isn't healthy; its last lines are above"
        fi
        sleep 0.2
    done
}

clean_up() {
    local status=$?
    trap '' INT TERM
    if [ -n "$project" ]; then
        say "removing the test server"
        $compose -p "$project" --profile test down --volumes >/dev/null 2>&1 || say "it can't be removed: $compose -p $project down"
    fi
    exit "$status"
}

# The suite runs in a process group of its own and gets every signal that this script gets. A SIGTERM to cargo alone
# would leave the suite running, and bash would handle the signal only after the suite had ended.
run_suite() {
    local status
    set -m
    cargo test --test bdd -- "$@" &
    suite=$!
    set +m
    trap 'kill -s INT -- "-$suite"' INT
    trap 'kill -s TERM -- "-$suite"' TERM
    while true; do
        status=0
        wait "$suite" || status=$?
        kill -0 "$suite" 2>/dev/null || break
    done
    return "$status"
}

for argument in "$@"; do
    case $argument in
        -h | --help) usage; echo; exec cargo test --quiet --test bdd -- --help ;;
    esac
done

project=
compose=
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if wants_external "$@" && ! server_is_named; then
    find_compose
    start_test_server
fi
run_suite "$@"
