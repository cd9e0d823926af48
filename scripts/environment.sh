#!/usr/bin/env bash
# Makes .venv and installs pinned packages into it.
# usage: environment.sh REQUIREMENTS_FILE
set -euo pipefail
cd "$(dirname "$0")/.."

find_python() {
    local candidate
    for candidate in python3.11 python3 /usr/bin/python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "H-NDP Studio needs Python 3.11. On Debian 12:  sudo apt-get install python3 python3-venv" >&2
    exit 1
}

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    "$python" -c 'import ensurepip' 2>/dev/null || scripts/system-packages.sh venv
    rm -rf .venv
    "$python" -m venv .venv
fi
echo "Installing Python packages of $1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$1"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
