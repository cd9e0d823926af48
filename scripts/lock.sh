#!/usr/bin/env bash
# Writes the pinned versions of all Python packages from pyproject.toml, and package-lock.json.
# Versions already pinned stay as they are; `make lock UPGRADE=--upgrade` takes the newest that fit.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check pip-tools

compile() {
    "$tools/bin/pip-compile" --quiet --strip-extras --allow-unsafe --no-header --no-annotate \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links ${UPGRADE:-} "$@" pyproject.toml
}
compile --output-file requirements/serve.txt
compile --extra dev --constraint requirements/serve.txt --output-file requirements/dev.txt
# A build for one kind of machine ("+cpu") must not be asked of all: take the one that the machine's index has.
sed -i -E 's/^([a-z0-9-]+==[0-9.]+)\+[a-z0-9]+$/\1/; /^#/d; /^$/d' requirements/serve.txt requirements/dev.txt

npm install --package-lock-only
