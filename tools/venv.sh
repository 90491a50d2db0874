#!/bin/sh
# Makes or mends .venv from requirements.lock. Called by make; safe to run twice
# and side by side. Writes nothing outside the project folder, except when it is
# root on a Debian without python3-venv: then it installs that one package.
set -eu
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}

say() { echo "xinyong: $*"; }
die() {
    for line in "$@"; do echo "xinyong: $line" >&2; done
    exit 1
}

command -v "$python" >/dev/null 2>&1 ||
    die "'$python' is missing; the project needs Python 3.11 or newer." \
        "To mend it: apt-get install python3 python3-venv"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    die "'$python' is $("$python" --version 2>&1); the project needs Python 3.11 or newer." \
        "If a newer one is installed, name it: make PYTHON=python3.12"
fi

can_make_venv() { "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; }

if ! can_make_venv; then
    package="python3-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "this Python cannot make a venv; installing the Debian package $package"
        export DEBIAN_FRONTEND=noninteractive
        { apt-get update -qq &&
            apt-get install -y -qq --no-install-recommends "$package"; } </dev/null >/dev/null ||
            say "apt-get could not install $package"
    fi
    can_make_venv ||
        die "'$python' cannot make a virtual environment: its modules venv and ensurepip are missing" \
            "(Debian keeps them in a package of their own)." \
            "To mend it: sudo apt-get install $package"
fi

mkdir -p .venv/tmp
if command -v flock >/dev/null 2>&1; then
    exec 9>.venv/.busy
    flock 9
fi

# pip's own chatter off; its scratch files stay inside the project.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_PROGRESS_BAR=off
export PIP_ROOT_USER_ACTION=ignore PIP_NO_CACHE_DIR=1 PIP_REQUIRE_VIRTUALENV=0
TMPDIR=$PWD/.venv/tmp
export TMPDIR
unset PYTHONHOME PYTHONPATH

venv_python=.venv/bin/python
if ! "$venv_python" -m pip --version >/dev/null 2>&1; then
    say "making .venv (once, about a minute)"
    rm -f .venv/.packages .venv/.project
    "$python" -m venv .venv
fi

# The lock and the parts of pyproject.toml that shape the installation.
packages=$("$venv_python" -c '
import hashlib
print(hashlib.sha256(open("requirements.lock", "rb").read()).hexdigest())')
project=$("$venv_python" -c '
import hashlib, json, os, tomllib
made = tomllib.load(open("pyproject.toml", "rb"))
parts = [os.getcwd(), made["build-system"], made["project"], made["tool"].get("hatch")]
print(hashlib.sha256(json.dumps(parts).encode()).hexdigest())')

if [ "$(cat .venv/.packages 2>/dev/null)" != "$packages" ]; then
    say "installing the packages named in requirements.lock"
    "$venv_python" -m pip install -qq --require-hashes --only-binary :all: -r requirements.lock
    echo "$packages" > .venv/.packages
fi
if [ "$(cat .venv/.project 2>/dev/null)" != "$project" ]; then
    say "installing xinyong itself (editable)"
    "$venv_python" -m pip install -qq --no-build-isolation --no-deps -e .
    echo "$project" > .venv/.project
fi
rm -rf .venv/tmp
touch .venv/.stamp
