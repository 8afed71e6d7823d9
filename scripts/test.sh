#!/usr/bin/env bash
# From a fresh clone to passing tests: install into .venv, then run pytest with the arguments given.
# Three processes, each with whole files, in the order of tests/conftest.py: a test spends much of its time in
# Python, on one core, and some of it waiting.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
.venv/bin/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder "$@"
