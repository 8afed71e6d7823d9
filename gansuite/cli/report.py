"""``gansuite report``: a run on one page."""

from __future__ import annotations

import click

from gansuite.cli.options import run_argument
from gansuite.cli.screen import results, verbose_option
from gansuite.runs import Run


@click.command()
@run_argument
@verbose_option
def report(run: Run) -> None:
    """Write RUN/report.html: curves, samples and settings on one self-contained page."""
    from gansuite.reporting import write_report

    results(str(write_report(run)))
