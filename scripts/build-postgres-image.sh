#!/bin/bash
# Builds a PostgreSQL image from Debian's packages, for machines without an image registry.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=bookworm
version=15
kind=postgres
tag=
force=
mirror=${DEBIAN_MIRROR:-}

usage() {
    cat <<'TEXT'
Usage: scripts/build-postgres-image.sh [--force] [--tag NAME] [--mirror URL] [--runtime]

Builds a PostgreSQL 15 image from Debian 12's packages, for machines without an image registry. Use it with
    DLC_BDD_DATABASE_IMAGE=NAME scripts/run-bdd-tests.sh --database container
    POSTGRES_IMAGE=NAME docker compose up

  --tag NAME     name of the image (default dance-lessons-coach/postgres:15-debian)
  --force        build even if the image exists
  --mirror URL   Debian mirror (default: DEBIAN_MIRROR, otherwise the one in this machine's apt sources)
  --runtime      build a plain Debian image instead, for the service itself: RUNTIME_IMAGE of the Dockerfile
                 (default name dance-lessons-coach/debian:bookworm)
  -h, --help     this text

Needs root, a running Docker engine and debootstrap, which it installs if apt is available.
TEXT
}

say()  { printf '[%3ds] %s\n' "$SECONDS" "$*"; }
fail() { printf 'build-postgres-image: %s\n' "$*" >&2; exit 1; }

read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --tag | --mirror)
                [ $# -ge 2 ] || { usage >&2; exit 2; }
                if [ "$1" = --tag ]; then tag=$2; else mirror=$2; fi
                shift ;;
            --tag=*)     tag=${1#*=} ;;
            --mirror=*)  mirror=${1#*=} ;;
            --force)     force=yes ;;
            --runtime)   kind=runtime ;;
            -h | --help) usage; exit 0 ;;
            *) printf 'build-postgres-image: unknown option %s\n\n' "$1" >&2; usage >&2; exit 2 ;;
        esac
        shift
    done
    if [ -z "$tag" ]; then
        case $kind in
            postgres) tag=dance-lessons-coach/postgres:$version-debian ;;
            runtime)  tag=dance-lessons-coach/debian:$suite ;;
        esac
    fi
}

check_machine() {
    command -v docker >/dev/null || fail "there is no docker command here; install Docker's client first"
    docker version >/dev/null 2>&1 || fail "no Docker engine answers; start it (docker version says why)"
    if [ -z "$force" ] && docker image inspect "$tag" >/dev/null 2>&1; then
        say "$tag exists already (--force builds it again)"
        exit 0
    fi
    [ "$(id -u)" = 0 ] || fail "debootstrap needs root; run this with sudo"
    if ! command -v debootstrap >/dev/null; then
        command -v apt-get >/dev/null || fail "debootstrap is missing and apt-get isn't there to install it"
        say "installing debootstrap"
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
            debootstrap debian-archive-keyring; } >"$log" 2>&1 || fail_with_log "debootstrap can't be installed"
    fi
}

fail_with_log() {
    tail -n 20 "$log" >&2
    fail "$1"
}

# One "URL suite component…" line for every Debian source of this machine, whichever of apt's two formats it has.
apt_sources() {
    # shellcheck disable=SC2016 # apt-get expands these variables, not the shell
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null | sort --unique
}

find_mirror() {
    if [ -z "$mirror" ] && command -v apt-get >/dev/null; then
        mirror=$(apt_sources | awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
    fi
    [ -n "$mirror" ] || fail "this machine's apt sources have no mirror of Debian $suite; set one with --mirror URL"
}

install_base() {
    say "Debian $suite, the minimum, from the mirror"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror" >"$log" 2>&1 \
        || fail_with_log "debootstrap failed"
}

# apt in the new root needs the same access to the mirror as this machine: its sources of the same suite (security
# updates come from another one), its proxy and its certificates.
copy_apt_settings() {
    {
        printf 'deb %s %s main\n' "$mirror" "$suite"
        apt_sources | awk -v suite="$suite" '$3 == "main" && ($2 == suite "-security" || $2 == suite "-updates") {
            print "deb", $1, $2, $3 }'
    } >"$root/etc/apt/sources.list"
    apt-config dump | grep --extended-regexp '^Acquire::(http|https|Check|Retries)' \
        >"$root/etc/apt/apt.conf.d/90copied" || true
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
        cp "$root/etc/ssl/certs/ca-certificates.crt" "$folder/own-certificates.crt"
        cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    fi
    # Files that are deleted later are not unpacked, and nothing is synced to disk.
    printf 'force-unsafe-io\n' >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
    printf 'path-exclude=/usr/share/%s/*\n' doc man info locale lintian >"$root/etc/dpkg/dpkg.cfg.d/slim"
    # Packages must not start services here.
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
}

# The cluster that Debian creates during the installation would become a part of the image.
forbid_cluster() {
    mkdir -p "$root/etc/postgresql-common"
    printf 'create_main_cluster = false\n' >"$root/etc/postgresql-common/createcluster.conf"
}

# This machine's TMPDIR may not exist in the new root, and the update of ca-certificates fails without a TMPDIR.
in_root() {
    TMPDIR=/tmp DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" "$@"
}

install_packages() {
    say "updates${1:+ and }$*"
    {
        in_root apt-get update
        in_root apt-get upgrade --yes --no-install-recommends
        if [ $# -gt 0 ]; then
            in_root apt-get install --yes --no-install-recommends "$@"
        fi
    } >"$log" 2>&1 || fail_with_log "the packages can't be installed"
}

set_up_postgres() {
    in_root localedef --inputfile=en_US --charmap=UTF-8 en_US.UTF-8 >"$log" 2>&1 \
        || fail_with_log "the locale en_US.UTF-8 can't be made"
    sed --in-place "s/^#listen_addresses = .*/listen_addresses = '*'/" \
        "$root/usr/share/postgresql/$version/postgresql.conf.sample"
    install --mode=755 deploy/postgres/entrypoint.sh "$root/usr/local/bin/docker-entrypoint.sh"
    install --directory "$root/docker-entrypoint-initdb.d"
    in_root install --directory --owner=postgres --group=postgres --mode=700 /var/lib/postgresql/data
    # A test server needs no just-in-time compilation, whose LLVM is larger than PostgreSQL itself, and none of Debian's
    # Perl wrappers. Without the wrappers, PATH finds the real psql.
    rm -rf "$root"/usr/lib/*/libLLVM* "$root"/usr/lib/llvm-* "$root"/usr/lib/*/libz3.so* \
           "$root/usr/lib/postgresql/$version/lib/bitcode" "$root/usr/lib/postgresql/$version/lib"/llvmjit* \
           "$root"/usr/lib/*/perl "$root"/usr/lib/*/libperl.so* "$root"/usr/share/perl "$root"/usr/share/perl5 \
           "$root/usr/share/i18n" "$root/usr/lib/gcc"
    find "$root/usr/bin" -lname '*postgresql-common/pg_wrapper' -delete
}

slim() {
    in_root apt-get clean
    rm -f "$root/etc/apt/apt.conf.d/90copied" "$root/etc/dpkg/dpkg.cfg.d/unsafe-io" \
          "$root/etc/apt/sources.list" "$root/usr/sbin/policy-rc.d" "$root/etc/resolv.conf" "$root/etc/hostname"
    if [ -f "$folder/own-certificates.crt" ]; then
        cp "$folder/own-certificates.crt" "$root/etc/ssl/certs/ca-certificates.crt"
    fi
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/* "$root"/var/log/* "$root"/tmp/* \
           "$root"/usr/share/{doc,man,info,lintian} "$root"/var/lib/dpkg/*-old "$root"/var/cache/debconf
    find "$root/usr/share/locale" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
}

hand_over() {
    say "handing it to Docker"
    case $kind in
        runtime)
            pack | docker import --change 'CMD ["/bin/bash"]' - "$tag" >"$log" 2>&1 ;;
        postgres)
            mkdir "$folder/context"
            cp deploy/postgres/Dockerfile "$folder/context/"
            pack >"$folder/context/rootfs.tar"
            docker build --build-arg VERSION="$version" --tag "$tag" "$folder/context" >"$log" 2>&1 ;;
    esac || fail_with_log "Docker doesn't take it"
}

pack() {
    tar --create --numeric-owner --one-file-system --directory="$root" .
}

clean_up() {
    # An interrupted debootstrap leaves its mounts. Deleting through them would delete files of this machine.
    local place
    for place in proc sys dev/pts dev; do
        if mountpoint --quiet "$root/$place"; then umount --lazy "$root/$place" || true; fi
    done
    rm -rf --one-file-system "$folder"
}

read_options "$@"
folder=$(mktemp --directory)
root=$folder/root
log=$folder/log
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
check_machine
find_mirror
install_base
copy_apt_settings
if [ "$kind" = postgres ]; then
    forbid_cluster
    install_packages "postgresql-$version" "postgresql-client-$version" locales
    set_up_postgres
else
    install_packages
fi
slim
hand_over
say "$tag is ready: $(docker image inspect --format '{{.Size}}' "$tag" | awk '{ printf "%d MB", $1 / 1000000 }')"
