# To be sourced by scripts that start PostgreSQL servers. Sets `programs` and `folder`, and removes everything at the end.
# A script may define `stop_all` to stop the processes that it has started, and `explain` to print details of a failure.

find_programs() {
    local bin
    for bin in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
        if [ -x "$bin/initdb" ]; then programs=$bin; return; fi
    done
    printf 'no initdb in pg_config --bindir or /usr/lib/postgresql\n' >&2
    exit 1
}

# PostgreSQL and PgBouncer refuse to run as root.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"
    else
        "$@"
    fi
}

# The same in place of this shell: after `exec_as_user … &`, $! is the program, and not a shell that waits for it.
exec_as_user() {
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"
    fi
    exec "$@"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_until WHAT COMMAND…: repeats the command until it succeeds, for up to a minute.
wait_until() {
    local what=$1 end=$((SECONDS + 60))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] || { printf 'not within a minute: %s\n' "$what" >&2; return 1; }
        sleep 0.1
    done
}

# make_server NAME PORT: creates a server with SCRAM. Its superuser is postgres, with the password `secret`.
make_server() {
    local data=$folder/$1
    as_user tee "$folder/password" <<<secret >/dev/null
    as_user "$programs/initdb" --no-sync --username=postgres --auth=scram-sha-256 --encoding=UTF8 --locale=C \
        --pwfile="$folder/password" -D "$data" >/dev/null
    as_user tee --append "$data/postgresql.conf" >/dev/null <<SETTINGS
port = $2
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
max_connections = 300
SETTINGS
}

start_server() {
    as_user "$programs/pg_ctl" -D "$folder/$1" -l "$folder/$1.log" --wait --silent start \
        || { tail -n 20 "$folder/$1.log" >&2; return 1; }
}

stop_server() {
    as_user "$programs/pg_ctl" -D "$folder/$1" -m "${2:-immediate}" --silent stop
}

clean_up() {
    local status=$? data
    trap '' INT TERM
    if [ "$status" != 0 ] && declare -F explain >/dev/null; then explain >&2; fi
    if declare -F stop_all >/dev/null; then stop_all; fi
    for data in "$folder"/*/postmaster.pid; do
        if [ -e "$data" ]; then stop_server "$(basename "$(dirname "$data")")" >/dev/null 2>&1 || true; fi
    done
    rm -rf "$folder"
    exit "$status"
}

find_programs
PATH=$programs:$PATH
folder=$(mktemp --directory --tmpdir servers-XXXXXX)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ "$(id -u)" = 0 ]; then chown nobody "$folder"; fi
