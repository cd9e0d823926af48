#!/usr/bin/env bash
# Installs the system packages for a purpose where it may, else names the one command that does.
# usage: system-packages.sh venv|camera|browser|postgres
set -euo pipefail

missing=()
want() { # packages that are not installed yet
    local package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing+=("$package")
    done
}
has_command() { command -v "$1" >/dev/null 2>&1; }

case "$1" in
    venv) purpose="Python's virtual environments"; packages=(python3-venv) ;;
    camera) purpose="the simulated camera"; packages=(libegl1 libegl-mesa0 libgbm1 libgl1-mesa-dri) ;;
    browser)
        purpose="the browser tests"; packages=(chromium)
        if has_command chromium || has_command google-chrome || has_command chromium-browser; then exit 0; fi
        ;;
    postgres)
        purpose="the tests on PostgreSQL"; packages=(postgresql)
        if has_command initdb || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null; then exit 0; fi
        ;;
    *) echo "unknown purpose $1" >&2; exit 2 ;;
esac

if ! has_command apt-get; then
    echo "This system has no apt: see to it that it has what Debian calls ${packages[*]} (for $purpose)." >&2
    exit 0
fi
want "${packages[@]}"
[ ${#missing[@]} -gt 0 ] || exit 0

install="apt-get install -y --no-install-recommends ${missing[*]}"
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    else
        echo "Missing for $purpose: ${missing[*]}. Type:  sudo $install" >&2
        exit 1
    fi
fi
echo "Installing for $purpose: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq || true # an old list of packages may still do
if ! $as_root env DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null; then
    echo "Could not be installed for $purpose: ${missing[*]}. When the network is there, type:  sudo $install" >&2
    exit 1
fi
