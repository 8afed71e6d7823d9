"""What Pix2Pix's paper claims, in small: L1 alone blurs; a game beside it makes what looks like a photograph.

    python benchmarks/claims/pix2pix.py [--minutes N | --steps N] [--data FOLDER] [--squeezenet FOLDER]
                                        [--set A.B=VALUE]… [--out FOLDER] [--append] [--quick]

Plugin `pix2pix` learns facades from maps of their parts, at 128 × 128: first with L1 + cGAN for so many
minutes (30 unless told otherwise) or steps, then with L1 alone for as many steps. Both are judged on the
held-out pairs: by perceptual distance to the photograph (LPIPS on SqueezeNet; promised: at least 10 % lower
with the game), and by L1, PSNR and SSIM, which L1 alone should win.

The networks have half the published width, so that a CPU gets somewhere in half an hour. `--out` keeps both
runs and `compared.png`: map, L1 alone, L1 + cGAN, photograph.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

import numpy as np
from results import SHARED_DATA, Figure, options, parse, publish
from training import kept, opened, train

from gansuite.data.images.drawing import grid, png, to_pixels
from gansuite.data.images.ranges import to_people
from gansuite.metrics.perceptual import PerceptualDistance
from gansuite.metrics.sampling import load_some
from gansuite.training.trained import Trained
from gansuite_translation.scoring import pair_figures, scores_of_pairs

COMPARED = 24
SETTINGS = (
    "data={size=128,jitter=15,direction='B-to-A'}", "generator.width=32", "discriminator.width=32",
    "training={batch_size=4,average=0,sample_every=500,checkpoint_every=500}",
)  # fmt: skip
TINY = ("data.size=32", "data.jitter=0", "generator.width=4", "discriminator={width=4,layers=2}")
VARIANTS = {"L1 + cGAN": (), "L1 alone": ("adversarial=0",)}
GAME, ALONE = VARIANTS


def main() -> None:
    """Measure both variants."""
    parser = options(__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, default=30.0, help="of the run with the game")
    length.add_argument("--steps", type=int, help="of both runs")
    parser.add_argument("--data", type=Path, default=SHARED_DATA / "facades")
    parser.add_argument("--squeezenet", type=Path, default=SHARED_DATA / "squeezenet")
    parser.add_argument("--set", dest="sets", action="append", default=[], help="of both runs")
    parser.add_argument("--out", type=Path, help="keep both runs and their pictures here")
    arguments = parse(parser)
    if arguments.quick:
        arguments.steps, arguments.sets = 2, [*TINY, *arguments.sets]
    with kept(arguments.out) as folder:
        details = measure(arguments, folder)
    publish(arguments, figures(details), details)


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Train both and judge them: by variant, steps, minutes and scores."""
    lin = "lpips_squeeze_v0.1_lin.npz"
    distance = PerceptualDistance.load(
        arguments.squeezenet / "squeezenet1_1_fp16.npz", arguments.squeezenet / lin
    )
    details: dict[str, Any] = {}
    pictures: dict[str, np.ndarray] = {}
    steps = arguments.steps
    for variant, own in VARIANTS.items():
        path = folder / ("game" if variant == GAME else "alone")
        begun = time.monotonic()
        train(
            "pix2pix",
            path,
            data=str(arguments.data),
            sets=(*SETTINGS, *arguments.sets, *own),
            steps=steps,
            minutes=arguments.minutes if steps is None else None,
        )
        minutes = (time.monotonic() - begun) / 60
        trained = opened(path)
        steps = trained.step
        pairs, made = translations(trained)
        compared_pairs = scores_of_pairs(pair_figures(made, pairs["targets"], distance), distance)
        scores = {one.name: one.value for one in compared_pairs}
        details[variant] = {"steps": steps, "minutes": round(minutes, 2), "pairs": len(made), **scores}
        pictures.update({"inputs": pairs["inputs"], variant: made, "targets": pairs["targets"]})
    (folder / "compared.png").write_bytes(png(compared(pictures)))
    return details


def translations(trained: Trained) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the held-out pairs, and what is made of their inputs."""
    held_out = load_some(trained.domain.examples("valid"), 1000, seed=0)
    pairs = {name: to_people(pictures) for name, pictures in held_out.items()}
    return pairs, trained.call("translate", {"images": pairs["inputs"]})["images"]


def compared(pictures: Mapping[str, np.ndarray]) -> np.ndarray:
    """Lay out map, both translations and photograph of some pairs: uint8 (height, width, 3)."""
    order = [pictures[name][:COMPARED] for name in ("inputs", ALONE, GAME, "targets")]
    return grid(to_pixels(np.stack(order, axis=1).reshape(-1, *order[0].shape[1:])), columns=8)


def figures(details: Mapping[str, Any]) -> list[Figure]:
    """What is promised, and what both are alike in."""
    game, alone = details[GAME], details[ALONE]
    name = "perceptual distance"
    what = f"pix2pix on facades, {game['steps']} steps"
    return [
        Figure(
            name=f"{what}: {name} of L1 + cGAN over that of L1 alone ({alone[name]:.4f})",
            value=game[name] / alone[name], unit="x", at_most=0.9, seeds="0",
        ),
        Figure(
            name=f"{what}: L1 of L1 + cGAN over that of L1 alone ({alone['L1']:.4f})",
            value=game["L1"] / alone["L1"], unit="x", seeds="0",
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
