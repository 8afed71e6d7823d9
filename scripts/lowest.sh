#!/usr/bin/env bash
# The tests with the lowest version of each package that setup.py allows, in .venv-lowest:
# scripts/lowest.sh [PYTEST ARGUMENT]...  PYTHON names the interpreter, by default python3.11, the lowest too.
set -euo pipefail
cd "$(dirname "$0")/.."

python=.venv-lowest/bin/python
install() { "$python" -m pip install --quiet --disable-pip-version-check "$@"; }

"${PYTHON:-python3.11}" -m venv --clear .venv-lowest
install packaging
install --no-deps --editable .
"$python" - > .venv-lowest/lowest.txt <<'EOF'
from importlib.metadata import requires
from packaging.requirements import Requirement

for one in map(Requirement, requires("gansuite")):
    if one.marker is None or one.marker.evaluate({"extra": "test"}):
        [lowest] = [bound.version for bound in one.specifier if bound.operator == ">="]
        print(f"{one.name}=={lowest}")
EOF
install --constraint .venv-lowest/lowest.txt --editable ".[test]"
"$python" -m pip check
"$python" -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder "$@"
