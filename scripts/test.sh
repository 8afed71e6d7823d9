#!/usr/bin/env bash
# From a fresh clone to passing tests: install into .venv, then run pytest with the arguments given.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
.venv/bin/python -m pytest "$@"
