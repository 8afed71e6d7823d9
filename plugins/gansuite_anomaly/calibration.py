"""What is known of held-out normal pictures: the threshold of scores, and the scale of heat maps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gansuite.data.images.ranges import to_people
from gansuite.data.progress import note
from gansuite.errors import DataError
from gansuite.files import write_atomically
from gansuite.metrics.sampling import blocks
from gansuite.runs import Run
from gansuite_image.game import EXAMPLES

if TYPE_CHECKING:
    from gansuite.training.trained import Trained
    from gansuite_anomaly.domain import AnomalyDomain

#: How many held-out normal pictures are scored.
MOST = 512
BATCH = 64
#: Of all residuals of normal pictures, the part that is not drawn in the brightest colour.
NOT_BRIGHTEST = 0.999
#: Residuals are never all 0, but a scale must not be.
SMALLEST = 1e-6


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What a run's scores are on held-out normal pictures.

    Args:
        scores: of some of them, in order of size.
        brightest: the residual that heat maps show in the brightest colour.
    """

    scores: tuple[float, ...]
    brightest: float

    def threshold(self, quantile: float) -> float:
        """Return the score below which a part of the normal pictures stays."""
        return float(np.quantile(self.scores, quantile))


def calibration(trained: Trained, domain: AnomalyDomain) -> Calibration:
    """Score held-out normal pictures: once, until the run is trained further or scores are made otherwise.

    Raises:
        DataError: the data of the run is gone, or none of it was held out.
        GansuiteError: the run cannot be written to.
    """
    if not trained.is_local:  # what is served may have been exported at another step
        return _measured(trained, domain)
    file = kept_file(trained.run)
    made_of = {"step": trained.step, **domain.scored_by}
    kept = _kept(file, made_of)
    if kept is None:
        kept = _measured(trained, domain)
        _keep(file, kept, made_of)
    return kept


def kept_file(run: Run) -> Path:
    """Where a run's calibration is kept."""
    return run.path / "normal.json"


def _measured(trained: Trained, domain: AnomalyDomain) -> Calibration:
    examples = _held_out(domain)
    scores, brightest = [], []
    for batch in blocks(examples, MOST, seed=0, rows=BATCH):
        answer = trained.call("score", {"images": to_people(batch[EXAMPLES])})
        scores.append(answer["score"])
        brightest.append(np.quantile(answer["map"], NOT_BRIGHTEST))
    ordered = tuple(float(one) for one in np.sort(np.concatenate(scores)))
    return Calibration(scores=ordered, brightest=max(float(np.mean(brightest)), SMALLEST))


def _held_out(domain: AnomalyDomain) -> Any:
    try:
        return domain.pictures.normal("valid")
    except DataError as error:
        hint = "Scores are compared with those of normal pictures that were held out from training."
        more = f"{hint}\n  {error.hint}" if error.hint else hint
        raise DataError(error.what, where=error.where, hint=more) from error


def _keep(file: Path, measured: Calibration, made_of: Mapping[str, Any]) -> None:
    content = {"made_of": made_of, **asdict(measured)}
    try:
        write_atomically(file, json.dumps(content, indent=1) + "\n")
    except OSError as error:
        note(f"{file} cannot be written ({error.strerror or error}): the next time it is computed again")


def _kept(file: Path, made_of: Mapping[str, Any]) -> Calibration | None:
    """Read what was kept; None where there is nothing, or something else."""
    try:
        content = json.loads(file.read_text("utf-8"))
        if content.pop("made_of") != made_of:
            return None
        return Calibration(
            scores=tuple(float(one) for one in content["scores"]), brightest=float(content["brightest"])
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
