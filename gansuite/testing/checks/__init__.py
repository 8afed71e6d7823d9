"""What has to hold of every plugin, in the order in which it is tried."""

from __future__ import annotations

from gansuite.testing.checks.answering import ANSWERING
from gansuite.testing.checks.examples import EXAMPLES
from gansuite.testing.checks.playing import PLAYING
from gansuite.testing.checks.settings import SETTINGS
from gansuite.testing.checks.training import TRAINING
from gansuite.testing.promise import Check

CHECKS: tuple[Check, ...] = (*SETTINGS, *EXAMPLES, *PLAYING, *ANSWERING, *TRAINING)
