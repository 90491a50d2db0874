#!/bin/sh
# Rewrites requirements.lock from pyproject.toml: every package the project
# needs to run, to be tested and to be built, with hashes and without addresses.
# Which index serves the packages is the business of the machine, not of this file.
set -eu
cd "$(dirname "$0")/.."

tool=.venv/lock-tool
if [ ! -x "$tool/bin/uv" ]; then
    echo "xinyong: getting uv into $tool"
    .venv/bin/python -m venv "$tool"
    "$tool/bin/python" -m pip install -qq --no-cache-dir uv
fi

new=.venv/requirements.new
{
    echo "# Made by 'make lock' from pyproject.toml. Do not edit by hand."
    "$tool/bin/uv" pip compile -q --no-cache --no-config \
        --universal --python-version 3.11 \
        --extra fast --extra serve --extra link --extra privacy --group dev --group build \
        --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --no-emit-find-links \
        "$@" pyproject.toml
} > "$new"

if grep -n -i -E '://|^ *--(extra-)?index|^ *--find-links|^ *--trusted-host| @ ' "$new"; then
    echo "xinyong: the new lock names an address (above); the old lock stays" >&2
    exit 1
fi
mv "$new" requirements.lock
echo "xinyong: requirements.lock holds $(grep -c == requirements.lock) packages"
