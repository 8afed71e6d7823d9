"""``gansuite export``: a trained run for TensorFlow Serving."""

from __future__ import annotations

from pathlib import Path

import click

from gansuite.cli.domains import note_unreached, open_trained
from gansuite.cli.options import GivenPath, checkpoint_option, run_argument
from gansuite.cli.screen import Screen, note, results, verbose_option
from gansuite.errors import UsageError
from gansuite.runs import Run, Which


@click.command()
@run_argument
@click.argument("folder", type=GivenPath(file_okay=False))
@click.option("--name", help="What the model is called; as its plugin by default.")
@click.option(
    "--version", "number", type=click.IntRange(min=1), help="Its number; the one after the last by default."
)
@checkpoint_option
@verbose_option
def export(run: Run, folder: Path, name: str | None, number: int | None, checkpoint: Which) -> None:
    """Write RUN as a SavedModel, FOLDER/NAME/VERSION, and what serves it; prints where it is.

    It is compared with the run in another process before anybody can find it.
    """
    Screen.current().import_tensorflow()
    import tensorflow as tf

    from gansuite.export.exporting import export as export_run
    from gansuite.export.versions import BESIDE, is_name

    # The process that compares would have to share a GPU, and its kernels choose otherwise for other rows.
    tf.config.set_visible_devices([], "GPU")
    chosen = run.plugin if name is None else name
    if not is_name(chosen):
        raise UsageError(
            f"{chosen!r} cannot be the name of a model",
            where="--name",
            hint="Use letters, digits, '_', '-' and '.', and begin with a letter or digit. What lies beside "
            f"models is called {', '.join(BESIDE)}.",
        )
    trained = open_trained(run, checkpoint)
    note_unreached(trained)
    results(str(export_run(trained, folder, name=chosen, number=number, note=note)))
