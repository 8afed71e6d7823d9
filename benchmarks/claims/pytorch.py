"""What `dcgan` gets out of some minutes, beside an equal DCGAN in PyTorch.

    python benchmarks/claims/pytorch.py [--minutes N] [--data PATH] [--out FOLDER] [--append] [--quick]

Needs the extra `bench`. Both learn Fashion-MNIST at 32 × 32 with the settings of that data set's card, one
after the other, for `--minutes` (12), of which `gansuite train` spends some on its start. Both are judged by
the FID and KID of 10,000 samples of their running averages, with the features of a classifier of the data
set. Promised: the FID is no worse than PyTorch's.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from results import SHARED_DATA, Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import numpy as np
from images import CARD, COUNT, TINY, form, of_card
from pytorch_dcgan import train as train_pytorch
from training import QUIET, judged, kept, opened, train

from gansuite.data.images.preparing import prepare_images
from gansuite.metrics.features.classifier import train_classifier
from gansuite.metrics.frechet import frechet_distance
from gansuite.metrics.kernel import kernel_distance

FIGURES = ("FID", "KID")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=12.0, help="that each trains")
    parser.add_argument("--data", type=Path, default=SHARED_DATA / CARD, metavar="PATH")
    parser.add_argument("--out", type=Path, help="keep the run here")
    arguments = parse(parser)
    with kept(arguments.out) as folder:
        details = measure(arguments, folder / "dcgan")
    publish(arguments, figures(details), details)


def measure(arguments: argparse.Namespace, path: Path) -> dict[str, Any]:
    """Train both and judge them: steps, FID and KID of each."""
    cache = prepare_images(arguments.data, form(arguments))
    classifier, _ = train_classifier(cache)
    count, steps = (64, 2) if arguments.quick else (COUNT, None)
    settings = [*of_card("dcgan"), QUIET, *(TINY if arguments.quick else ())]
    minutes = None if arguments.quick else arguments.minutes
    train("dcgan", path, data=str(arguments.data), sets=settings, steps=steps, minutes=minutes)
    ours = opened(path)
    scores = judged(path, count)
    pictures = cache.arrays["train_images"].read(np.arange(len(cache.arrays["train_images"])))
    config: Any = ours.domain.config
    theirs = train_pytorch(config, pictures, minutes=arguments.minutes, steps=steps)
    real = classifier.features(pictures[:COUNT].astype(np.float32) / 255)
    fake = classifier.features(theirs.sample(count))
    distances = (frechet_distance(real, fake), kernel_distance(real, fake)[0])
    return {
        "gansuite": {"steps": ours.step, **{name: scores[name].value for name in FIGURES}},
        "PyTorch": {"steps": theirs.step, **dict(zip(FIGURES, distances, strict=True))},
    }


def figures(details: dict[str, Any]) -> list[Figure]:
    """Ours over theirs."""
    ours, theirs = details["gansuite"], details["PyTorch"]
    what = f"dcgan on {CARD}, {ours['steps']} steps, over PyTorch's, {theirs['steps']} steps"
    return [
        Figure(
            name=f"{what}: {name} ({ours[name]:.4g} over {theirs[name]:.4g})",
            value=ours[name] / theirs[name], unit="x", at_most=1 if name == "FID" else None, seeds="0",
        )
        for name in FIGURES
    ]  # fmt: skip


if __name__ == "__main__":
    main()
