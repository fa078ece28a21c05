# What the tests need from the machine: looked for, and installed from Debian's packages where something is missing.
# Sourced by tests/run. Without root nothing is installed; the exact command is printed instead.

# Prints the folder of the newest PostgreSQL server that has PostGIS beside it; nothing when there is none.
postgres_bin() {
    local bin version found=
    for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do
        version=$(basename "$(dirname "$bin")")
        if [ -x "$bin/initdb" ] && [ -e "/usr/share/postgresql/$version/extension/postgis.control" ]; then
            found=$bin
        fi
    done
    [ -z "$found" ] || printf '%s\n' "$found"
}

# Prints the browser's program; nothing when there is none.
browser() {
    command -v chromium || command -v chromium-browser || command -v google-chrome || true
}

# Prints the packages that are missing, one per line. The PostGIS package carries PostgreSQL's version in its name, so it
# is asked for when the server is there.
missing_packages() {
    command -v cc >/dev/null || echo build-essential
    command -v curl >/dev/null || echo curl
    command -v jq >/dev/null || echo jq
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
    command -v ogrinfo >/dev/null || echo gdal-bin
    command -v cs2cs >/dev/null || echo proj-bin
    [ -n "$(browser)" ] || echo chromium
    [ -n "$(find /usr/share/fonts -iname '*noto*cjk*' -print -quit 2>/dev/null)" ] || echo fonts-noto-cjk
    if [ -z "$(postgres_bin)" ]; then
        echo postgresql
        echo postgis
        local server
        for server in /usr/lib/postgresql/*/bin/initdb; do
            [ ! -x "$server" ] || echo "postgresql-$(basename "$(dirname "$(dirname "$server")")")-postgis-3"
        done
    fi
}

# Runs a command up to three times: mirrors have bad moments.
try_thrice() {
    local attempt
    for attempt in 1 2 3; do
        if "$@"; then return 0; fi
        echo "attempt $attempt failed: $*" >&2
        sleep $((attempt * 5))
    done
    return 1
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    try_thrice apt-get update -q
    if [[ " $* " == *" postgresql "* ]]; then
        # The tests bring a cluster of their own: Debian's is neither made nor started for them.
        try_thrice apt-get install -q -y --no-install-recommends postgresql-common
        if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
            sed -i 's/^#\?create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
        fi
    fi
    try_thrice apt-get install -q -y --no-install-recommends "$@"
}

# Installs what is missing, or says how.
prepare_machine() {
    local round packages
    for round in 1 2; do
        mapfile -t packages < <(missing_packages)
        [ "${#packages[@]}" -gt 0 ] || break
        if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
            echo "missing on this machine; run as root, then start again:" >&2
            echo "    apt-get update && apt-get install -y ${packages[*]}" >&2
            return 1
        fi
        echo "round $round installs: ${packages[*]}"
        install_packages "${packages[@]}"
    done
    mapfile -t packages < <(missing_packages)
    if [ "${#packages[@]}" -gt 0 ]; then
        echo "still missing after installing: ${packages[*]}" >&2
        return 1
    fi
    check_toolchains
}

check_toolchains() {
    if ! command -v cargo >/dev/null; then
        echo "cargo is missing: install Rust from https://rustup.rs (or apt-get install rustup), then start again" >&2
        return 1
    fi
    local node_major
    node_major=$(node -p 'process.versions.node.split(".")[0]')
    if [ "$node_major" -lt 20 ]; then
        echo "Node.js 20 or newer is needed, this is $(node --version): see https://nodejs.org/en/download" >&2
        return 1
    fi
}
