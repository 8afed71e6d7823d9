"""``gansuite upscale``: small pictures made large by a trained run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gansuite.cli.domains import open_trained
from gansuite.cli.options import (
    GivenPath,
    Remote,
    checkpoint_option,
    missing_option,
    run_argument,
    server_option,
)
from gansuite.cli.pictures import Given, Pictures
from gansuite.cli.screen import results, verbose_option
from gansuite.errors import UsageError
from gansuite.runs import Run, Which

if TYPE_CHECKING:
    import numpy as np

    from gansuite.training.trained import Trained


@click.command()
@run_argument
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...", type=GivenPath())
@click.option(
    "-o",
    "output",
    required=True,
    type=GivenPath(file_okay=False),
    help="The folder to write to.",
)
@click.option(
    "--piece",
    type=click.IntRange(min=16),
    default=192,
    show_default=True,
    help="Pictures larger than this are enlarged in pieces; less takes less memory, the result is the same.",
)
@missing_option
@checkpoint_option
@server_option
@verbose_option
def upscale(
    run: Run,
    inputs: tuple[Path, ...],
    output: Path,
    piece: int,
    only_missing: bool,
    checkpoint: Which,
    server: Remote | None,
) -> None:
    """Make small pictures large with a trained RUN.

    INPUT is a picture or a folder of them, of any sizes; prints the files written, a PNG for each.
    """
    pictures = Pictures.find(inputs, output)
    pictures.refuse_overwriting(lambda one: [_file(one)])
    if only_missing:
        pictures.leave_out_made(lambda one: [_file(one)])
    trained = open_trained(run, checkpoint, server=server)
    from gansuite.client.asking import TooLargeError
    from gansuite.data.images.drawing import png

    for one, pixels in pictures.read(3, "enlarging"):
        try:
            made = _enlarged(trained, pixels, piece)
        except TooLargeError as why:
            reason = f"needs a smaller --piece for a server: {why.what}"
            pictures.unusable.append((one.path, reason))
            continue
        results(str(pictures.write(_file(one), png(made))))
    pictures.finish()


def _file(one: Given) -> Path:
    return Path(f"{one.name}.png")


def _enlarged(trained: Trained, pixels: np.ndarray, piece: int) -> np.ndarray:
    from gansuite.client.pictures import made_of
    from gansuite.data.images.drawing import to_pixels
    from gansuite_superres.domain import SuperResolution
    from gansuite_superres.tiling import enlarge_in_pieces

    domain = trained.domain
    if not isinstance(domain, SuperResolution):
        raise UsageError(
            f"this is a run of plugin {trained.run.plugin}, which enlarges nothing",
            where=str(trained.run.path),
            hint="Train one that does: gansuite train srgan",
        )

    def enlarge(pictures: np.ndarray) -> np.ndarray:
        made = made_of(trained, "upscale", to_pixels(pictures[0]), scale=domain.scale)
        return made[None].astype("float32") / 255

    return enlarge_in_pieces(pixels, enlarge, scale=domain.scale, reach=domain.reach, side=piece)
