#!/bin/bash
# Starts PostgreSQL in the image that scripts/build-postgres-image.sh builds. It understands what users of the official
# `postgres` image rely on: POSTGRES_USER, POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE), POSTGRES_DB,
# POSTGRES_HOST_AUTH_METHOD, POSTGRES_INITDB_ARGS, PGDATA, files in /docker-entrypoint-initdb.d, and arguments for the
# server, which begin with a dash.
set -euo pipefail
shopt -s nullglob

say()  { printf 'entrypoint: %s\n' "$*"; }
fail() { printf 'entrypoint: %s\n' "$*" >&2; exit 1; }

# The next start would take a folder that is only partly set up for a complete one.
undo_half_made_cluster() {
    local status=$?
    say "the set-up was not finished; emptying $PGDATA"
    pg_ctl --pgdata="$PGDATA" --mode=immediate --silent stop 2>/dev/null || true
    find "$PGDATA" -mindepth 1 -delete || true
    exit "$status"
}

read_settings() {
    if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then
        POSTGRES_PASSWORD=$(<"$POSTGRES_PASSWORD_FILE")
    fi
    : "${POSTGRES_PASSWORD:=}" "${POSTGRES_USER:=postgres}" "${POSTGRES_INITDB_ARGS:=}"
    : "${POSTGRES_DB:=$POSTGRES_USER}" "${POSTGRES_HOST_AUTH_METHOD:=scram-sha-256}"
    if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
        fail "set POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust to let everybody in without one"
    fi
}

make_cluster() {
    local options=(--pgdata="$PGDATA" --username="$POSTGRES_USER")
    # A server without fsync has no data to protect, so initdb does not sync either, which saves time.
    case " $* " in *fsync=off*) options+=(--no-sync) ;; esac
    # shellcheck disable=SC2206 # the variable holds several options, so it must be split at blanks
    options+=($POSTGRES_INITDB_ARGS)
    if [ -n "$POSTGRES_PASSWORD" ]; then
        initdb "${options[@]}" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD")
    else
        initdb "${options[@]}"
    fi
    printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
}

run_init_files() {
    local psql=(psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB")
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        say "running $file"
        case $file in
            *.sh)     bash "$file" ;;
            *.sql)    "${psql[@]}" --file="$file" ;;
            *.sql.gz) gunzip --stdout "$file" | "${psql[@]}" ;;
            *)        say "ignoring $file: neither .sh nor .sql nor .sql.gz" ;;
        esac
    done
}

# The database and the user's own files need a running server, but no client may connect before they are complete. So
# this first server listens on its socket only. pg_ctl sends its log to standard output, and the final server writes to
# standard error: testcontainers waits for "ready to accept connections" on both.
fill_cluster() {
    local quoted="-c listen_addresses=''" argument
    for argument in "${@:2}"; do
        quoted+=" $(printf '%q' "$argument")"
    done
    pg_ctl --pgdata="$PGDATA" --wait --options="$quoted" start
    export PGPASSWORD=$POSTGRES_PASSWORD
    if [ "$POSTGRES_DB" != postgres ]; then
        psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
             --set=db="$POSTGRES_DB" <<<'create database :"db";'
    fi
    run_init_files
    unset PGPASSWORD
    pg_ctl --pgdata="$PGDATA" --wait --mode=fast stop
}

case ${1:-} in
    '' | -*) set -- postgres "$@" ;;
esac
if [ "$1" != postgres ]; then
    exec "$@"
fi
for argument in "$@"; do
    case $argument in
        --help | '-?' | --version | -V | --describe-config) exec "$@" ;;
    esac
done

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres:postgres {} +
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # The first process of a container ignores every signal for which it has no handler.
    trap 'exit 130' INT
    trap 'exit 143' TERM
    read_settings
    # initdb refuses a folder with other files in it. It must not be emptied.
    if [ -z "$(find "$PGDATA" -mindepth 1 -print -quit)" ]; then
        trap undo_half_made_cluster EXIT
    fi
    make_cluster "$@"
    fill_cluster "$@"
    trap - EXIT INT TERM
    say "set up; starting the server"
fi
exec "$@"
