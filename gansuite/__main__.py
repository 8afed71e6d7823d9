"""``python -m gansuite`` is ``gansuite``."""

from __future__ import annotations

import sys

from gansuite.cli import main

sys.exit(main())
