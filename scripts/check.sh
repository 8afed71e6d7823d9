#!/usr/bin/env bash
# Lint, format and types, as pre-commit and CI check them; `scripts/check.sh --fix` mends what can be mended.
set -euo pipefail
cd "$(dirname "$0")/.."

# Not at every commit: installing asks the network.
[ -x .venv/bin/ruff ] && [ -x .venv/bin/mypy ] || scripts/setup.sh dev
if [ "${1:-}" = --fix ]; then
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .
fi
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
