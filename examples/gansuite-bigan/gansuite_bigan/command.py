"""``gansuite reconstruct``: pictures as a trained run sees them."""

from __future__ import annotations

from pathlib import Path

import click

from gansuite.cli.domains import open_trained
from gansuite.cli.options import GivenPath, Remote, checkpoint_option, run_argument, server_option
from gansuite.cli.pictures import Given, Pictures
from gansuite.cli.screen import results, verbose_option
from gansuite.data.images.drawing import png, to_pixels
from gansuite.errors import UsageError
from gansuite.runs import Run, Which


@click.command()
@run_argument
@click.argument("inputs", metavar="FILE...", nargs=-1, required=True, type=GivenPath())
@click.option("-o", "output", required=True, type=GivenPath(file_okay=False), help="The folder to write to.")
@checkpoint_option
@server_option
@verbose_option
def reconstruct(
    run: Run, inputs: tuple[Path, ...], output: Path, checkpoint: Which, server: Remote | None
) -> None:
    """Encode pictures with RUN and decode them again; prints the files written, a PNG for each.

    FILE is a picture or a folder of them, brought into the form that RUN learned from.
    """
    pictures = Pictures.find(inputs, output)
    pictures.refuse_overwriting(lambda one: [_file(one)])
    trained = open_trained(run, checkpoint, server=server)
    from gansuite_bigan.domain import BiGAN

    if not isinstance(trained.domain, BiGAN):
        what = f"this is a run of plugin {run.plugin}, which reconstructs nothing"
        raise UsageError(what, where=str(run.path), hint="Train one that does: gansuite train bigan")
    for one, pixels in pictures.fitted(trained.domain.form, "reconstructing"):
        given = {"images": (pixels[None] / 255.0).astype("float32")}
        made = trained.call("reconstruct", given)["images"][0]
        results(str(pictures.write(_file(one), png(to_pixels(made)))))
    pictures.finish()


def _file(one: Given) -> Path:
    return Path(f"{one.name}.png")
