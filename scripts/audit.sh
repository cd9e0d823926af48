#!/usr/bin/env bash
# Asks which pinned packages have a known vulnerability; one that cannot be looked up is an error, no pass.
set -uo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools" &&
    "$tools/bin/pip" install --quiet --disable-pip-version-check pip-audit || exit

status=0
"$tools/bin/pip-audit" --progress-spinner off --strict --disable-pip --no-deps \
    -r requirements/dev.txt -r requirements/front-end.txt || status=1
PATH="$PATH:$PWD/.venv/bin" npm audit --package-lock-only || status=1
exit $status
