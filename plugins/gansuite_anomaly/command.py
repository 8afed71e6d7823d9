"""``gansuite detect``: what in pictures is unlike all that a run learned from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gansuite.cli.domains import note_unreached, open_trained
from gansuite.cli.options import GivenPath, Remote, checkpoint_option, run_argument, server_option
from gansuite.cli.pictures import Given, Pictures
from gansuite.cli.screen import note, results, verbose_option
from gansuite.errors import UsageError
from gansuite.runs import Run, Which

if TYPE_CHECKING:
    import numpy as np

    from gansuite.data.images.form import Form
    from gansuite.training.trained import Trained
    from gansuite_anomaly.calibration import Calibration
    from gansuite_anomaly.domain import AnomalyDomain

BATCH = 64
TABLE = Path("scores.csv")
COLUMNS = ("file", "score", "above_threshold", "threshold")
KINDS = ("heat", "overlay", "reconstruction")


@click.command()
@run_argument
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=GivenPath())
@click.option(
    "-o",
    "output",
    required=True,
    type=GivenPath(file_okay=False),
    help="The folder to write to.",
)
@click.option(
    "--quantile",
    type=click.FloatRange(0, 1),
    default=0.95,
    show_default=True,
    help="The part of normal pictures, held out from training, that stays below the threshold.",
)
@click.option("--set", "assignments", multiple=True, metavar="A.B=VALUE", help="How: search.steps=100.")
@checkpoint_option
@server_option
@verbose_option
def detect(
    run: Run,
    inputs: tuple[Path, ...],
    output: Path,
    quantile: float,
    assignments: tuple[str, ...],
    checkpoint: Which,
    server: Remote | None,
) -> None:
    """Score pictures by how unlike they are to what RUN learned from; prints the files written.

    INPUT is a picture or a folder of them. Writes scores.csv, and for each picture a heat map, the same over
    the picture, and the most similar picture that the run can make. All heat maps have one scale, that of
    normal pictures held out from training.
    """
    pictures = Pictures.find(inputs, output, masks=False)
    pictures.refuse_overwriting(lambda one: [TABLE, *(_file(kind, one) for kind in KINDS)])
    trained = open_trained(run, checkpoint, assignments=assignments, server=server)
    _detect(Detection.begin(trained), pictures, quantile)
    pictures.finish()


@dataclass(frozen=True, kw_only=True)
class Detection:
    """A run that detects, and what is normal to it."""

    trained: Trained
    domain: AnomalyDomain
    normal: Calibration

    @classmethod
    def begin(cls, trained: Trained) -> Detection:
        """Learn what is normal to a run.

        Raises:
            UsageError: it is no run of a plugin that detects anomalies.
            DataError: there are no held-out normal pictures.
        """
        from gansuite_anomaly.calibration import calibration
        from gansuite_anomaly.domain import AnomalyDomain

        domain = trained.domain
        if not isinstance(domain, AnomalyDomain):
            raise UsageError(
                f"this is a run of plugin {trained.run.plugin}, which detects no anomalies",
                where=str(trained.run.path),
                hint="Train one that does: gansuite train f-anogan",
            )
        note_unreached(trained, ": until then its scores mean little")
        return cls(trained=trained, domain=domain, normal=calibration(trained, domain))

    @property
    def form(self) -> Form:
        """The form of the pictures that were learned from."""
        from gansuite.data.images.form import Form

        data = self.domain.config.data
        return Form(size=data.size, channels=data.channels, fit=data.fit)

    def scored(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        """Answer the endpoint `score` for pictures, uint8 (n, size, size, channels)."""
        return self.trained.call("score", {"images": (pixels / 255).astype("float32")}, batch=BATCH)


def _detect(detection: Detection, pictures: Pictures, quantile: float) -> None:
    import numpy as np

    threshold = detection.normal.threshold(quantile)
    rows: list[tuple[Any, ...]] = []
    fitted = pictures.fitted(detection.form, "detecting")
    while some := list(islice(fitted, BATCH)):
        answers = detection.scored(np.stack([pixels for _, pixels in some]))
        for number, (one, pixels) in enumerate(some):
            answer = {name: values[number] for name, values in answers.items()}
            score = float(answer["score"])
            rows.append((str(one.path), f"{score:.6g}", int(score > threshold), f"{threshold:.6g}"))
            for path in _write(pictures, one, pixels, answer, detection.normal.brightest):
                results(str(path))
    results(str(pictures.write(TABLE, _table(rows))))
    above = sum(row[2] for row in rows)
    share = f"{1 - quantile:.1%} of held-out normal ones"
    note(f"{above} of {len(rows)} pictures score above {threshold:.4g}, which {share} do")


def _write(
    pictures: Pictures, one: Given, pixels: np.ndarray, answer: dict[str, np.ndarray], brightest: float
) -> Iterator[Path]:
    from gansuite.data.images.drawing import png, to_pixels
    from gansuite_anomaly.drawing import enlarged, heat, overlay

    drawn = {
        "heat": heat(answer["map"], brightest),
        "overlay": overlay(pixels, answer["map"], brightest),
        "reconstruction": to_pixels(answer["reconstruction"]),
    }
    for kind in KINDS:
        yield pictures.write(_file(kind, one), png(enlarged(drawn[kind])))


def _file(kind: str, one: Given) -> Path:
    return Path(kind, f"{one.name}.png")


def _table(rows: list[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    return text.getvalue().encode("utf-8", "surrogateescape")
