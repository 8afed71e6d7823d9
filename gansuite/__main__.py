"""``python -m gansuite`` is ``gansuite``."""

from __future__ import annotations

import sys

from gansuite.cli import main

code = main()
# Where a Ctrl-C came while Python ran the text of an exec(), as dataclasses and named tuples do when they are
# made, `python -m` ends by that signal whatever the exit code is. The next exec() of a text puts that right.
exec("")  # noqa: S102
sys.exit(code)
