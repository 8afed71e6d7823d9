"""A conformance kit: whether a plugin keeps what gansuite promises of every run.

::

    from gansuite.testing import check_plugin

    def test_it_keeps_its_promises():
        assert check_plugin("two-arms", preset="small").problems == []
"""

from gansuite.testing.checking import check_names, check_plugin
from gansuite.testing.report import Outcome, Report

__all__ = ["Outcome", "Report", "check_names", "check_plugin"]
