#!/usr/bin/env bash
# Make .venv with gansuite and the extras named as arguments: scripts/setup.sh [EXTRA]...
# PYTHON names the interpreter to use; by default the first of python3.11 to python3.13 and python3 that fits.
set -euo pipefail
cd "$(dirname "$0")/.."

fits() { "$1" -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "gansuite needs Python 3.11, 3.12 or 3.13 with venv; name one with PYTHON=/path/to/python" >&2
    exit 2
}

# An environment that was interrupted while it was made has no pip, and is made anew.
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    "$python" -m venv --clear .venv
fi
extras=$(IFS=,; echo "$*")
echo "Installing gansuite${extras:+[$extras]} into .venv" >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".${extras:+[$extras]}"
