"""A run on one page: curves, samples, settings and figures, read from its directory alone."""

from gansuite.reporting.page import write_report

__all__ = ["write_report"]
