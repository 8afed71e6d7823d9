"""``gansuite translate``: pictures through a trained run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gansuite.cli.domains import open_trained
from gansuite.cli.options import (
    LARGEST_SEED,
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
    from gansuite_translation.config import Sides

DIRECTIONS = ("A-to-B", "B-to-A")


@click.command()
@run_argument
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=GivenPath())
@click.option("-o", "folder", required=True, type=GivenPath(file_okay=False), help="Where to write.")
@click.option(
    "--direction",
    type=click.Choice(DIRECTIONS),
    help="Which way, where a run can go both; A-to-B by default.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    help="Translate with dropout as in training, from this seed; without it, dropout is off.",
)
@click.option(
    "--as-learned",
    is_flag=True,
    help="Bring pictures to the size that the run learned from first, as training and evaluation do; the "
    "result has that size.",
)
@missing_option
@checkpoint_option
@server_option
@verbose_option
def translate(
    run: Run,
    inputs: tuple[Path, ...],
    folder: Path,
    direction: str | None,
    seed: int | None,
    as_learned: bool,
    only_missing: bool,
    checkpoint: Which,
    server: Remote | None,
) -> None:
    """Translate pictures with a trained RUN: files and folders, of any size; prints the files written."""
    pictures = Pictures.find(inputs, folder)
    pictures.refuse_overwriting(lambda one: [_file(one)])
    if only_missing:
        pictures.leave_out_made(lambda one: [_file(one)])
    trained = open_trained(run, checkpoint, server=server)
    endpoint = _endpoint(trained, direction, seed)
    given = _read(pictures, trained.domain.config.data, as_learned)
    for path in _translate(trained, pictures, given, endpoint, seed):
        results(str(path))
    pictures.finish()


def _file(one: Given) -> Path:
    return Path(f"{one.name}.png")


def _endpoint(trained: Trained, direction: str | None, seed: int | None) -> str:
    """Return the endpoint that does what is asked for.

    Raises:
        UsageError: the run is not one that translates, or not in this direction, or has no dropout.
    """
    from gansuite_translation.domain import TranslationDomain

    domain, where = trained.domain, str(trained.run.path)
    if not isinstance(domain, TranslationDomain):
        raise UsageError(f"is a run of {trained.run.plugin}, which translates no pictures", where=where)
    known = domain.directions
    chosen = direction if direction is not None else next(iter(known))
    if chosen not in known:
        raise UsageError(f"this run translates {' and '.join(known)} only", where="--direction")
    if seed is None:
        return known[chosen]  # type: ignore[index]  # it is in there
    if "vary" not in domain.endpoints():
        raise UsageError("this run cannot translate with dropout", where="--seed", hint="Leave --seed out.")
    return "vary"


def _read(pictures: Pictures, data: Sides, as_learned: bool) -> Iterator[tuple[Given, np.ndarray]]:
    """Read the pictures, as they were learned from or as they are: then say once how far that is from it."""
    from gansuite.data.progress import note
    from gansuite_translation.scale import learned_form, remark

    said = False
    for one, pixels in pictures.read(data.channels, "translating"):
        if as_learned:
            yield one, learned_form(data).apply_to_pixels(pixels)
            continue
        height, width, _ = pixels.shape
        differs = None if said else remark(height, width, data)
        if differs is not None:
            said = True
            note(f"{one.path} {differs}; --as-learned brings pictures to {data.size} × {data.size} first")
        yield one, pixels


def _translate(
    trained: Trained,
    pictures: Pictures,
    given: Iterator[tuple[Given, np.ndarray]],
    endpoint: str,
    seed: int | None,
) -> Iterator[Path]:
    import numpy as np
    import tensorflow as tf

    from gansuite.client.asking import TooLargeError
    from gansuite.client.pictures import made_of
    from gansuite.data.images.drawing import png

    more = {} if seed is None else {"seed": np.array([seed], np.int64)}
    for one, pixels in given:
        try:
            _check_size(trained, endpoint, pixels)
            made = made_of(trained, endpoint, pixels, scale=1, **more)
        except TooLargeError as why:
            pictures.unusable.append((one.path, f"is too large for a server: {why.what}"))
            continue
        except tf.errors.ResourceExhaustedError:
            pictures.unusable.append((one.path, "is too large for this machine's memory"))
            continue
        yield pictures.write(_file(one), png(made))


def _check_size(trained: Trained, endpoint: str, pixels: np.ndarray) -> None:
    """Find out what a server would refuse, which would end the work on the others.

    Raises:
        TooLargeError: its generator would work on too many pixels.
    """
    from gansuite.client.asking import TooLargeError
    from gansuite.export.pictures import most_pixels

    count, most = trained.domain.endpoints()[endpoint].pixels, most_pixels()
    if trained.is_local or count is None:
        return
    seen = int(count(images=pixels[None]))
    if seen > most:
        what = f"with its mirror image around it, it has {seen:,} pixels, and a server takes {most:,}"
        raise TooLargeError(what)
