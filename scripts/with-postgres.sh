#!/usr/bin/env bash
# Runs a command with HNDP_TEST_DATABASE_URL set to a fresh PostgreSQL server, which ends with the command.
# usage: with-postgres.sh COMMAND...
set -euo pipefail

binaries=$(dirname "$(command -v initdb || true)")
[ -x "$binaries/postgres" ] || binaries=$(compgen -G "/usr/lib/postgresql/*/bin" | sort -V | tail -1)
if [ ! -x "$binaries/postgres" ]; then
    echo "There is no PostgreSQL server here. Type:  sudo apt-get install postgresql" >&2
    exit 1
fi

folder=$(mktemp -d)
as_user=()
if [ "$(id -u)" -eq 0 ]; then # PostgreSQL refuses to run as root
    user=nobody
    id postgres >/dev/null 2>&1 && user=postgres
    chown "$user" "$folder"
    as_user=(runuser -u "$user" --)
fi
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

stop() {
    "${as_user[@]}" "$binaries/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
cd "$folder" # the server's user may not be allowed to look into the present folder
"${as_user[@]}" "$binaries/initdb" -D "$folder/data" -U hndp -A trust -E UTF8 --no-sync >"$folder/initdb.log"
"${as_user[@]}" "$binaries/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -w start \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200" >/dev/null
cd "$OLDPWD"
HNDP_TEST_DATABASE_URL="postgresql://hndp@127.0.0.1:$port/postgres" "$@"
