#!/usr/bin/env bash
# Build the documentation into build/docs; warnings are errors. Arguments go to sphinx-build.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -x .venv/bin/sphinx-build ] || scripts/setup.sh docs
.venv/bin/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet "$@" docs build/docs
echo build/docs/index.html
