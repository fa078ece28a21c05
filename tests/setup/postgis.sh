# A PostgreSQL cluster with PostGIS for one run of the tests: made in a folder of its own, gone with it.
# Sourced by tests/run. No other cluster on the machine is touched.

# Runs a server program as a user who may: PostgreSQL refuses to run as root.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd "$1" && shift && runuser -u postgres -- "$@")
    else
        (cd "$1" && shift && "$@")
    fi
}

# Prints a port of 127.0.0.1 on which nobody answers.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 30000))
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# Makes and starts a cluster below the folder $1; sets BIHU_TEST_POSTGRES.
start_postgis() {
    local folder=$1/pg bin port options attempt
    bin=$(postgres_bin)
    mkdir -p "$folder"
    if [ "$(id -u)" -eq 0 ]; then
        chmod 711 "$1"
        chown postgres "$folder"
    fi
    as_server "$folder" "$bin/initdb" -D "$folder/data" -U postgres -A trust --encoding=UTF8 --locale=C >"$1/initdb.log"
    for attempt in 1 2 3 4 5; do
        port=$(free_port)
        # What is lost in a crash of the machine is the run itself: no need to wait for the disk.
        options="-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        if as_server "$folder" "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -o "$options" -w -t 60 start >/dev/null; then
            export BIHU_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres"
            echo "PostgreSQL $(basename "$(dirname "$bin")") on port $port"
            return
        fi
        echo "attempt $attempt on port $port failed" >&2
    done
    cat "$folder/log" >&2
    return 1
}

# Stops the cluster below the folder $1, if it runs.
stop_postgis() {
    if [ -e "$1/pg/data/postmaster.pid" ]; then
        as_server "$1/pg" "$(postgres_bin)/pg_ctl" -D "$1/pg/data" -m immediate -w stop >/dev/null || true
    fi
}
