"""What SRGAN's paper claims, in small: pixel losses give the best PSNR, a game the better pictures.

    python benchmarks/claims/srgan.py [--steps N] [--adversarial N] [--data FOLDER] [--set5 FOLDER]
                                      [--squeezenet FOLDER] [--out FOLDER] [--append] [--quick]

Measured on Set5, enlarged 4 times, as published: MATLAB's brightness, 4 pixels at each edge left out.

- Bicubic enlargements: 28.43 dB in the paper (promised: within 0.05 dB of 28.4).
- The content phase of plugin `srgan` with its default networks on the 400 photographs of BSDS500's train and
  test (promised: at least 30.5 dB, after at most 40 minutes of training on 2 cores).
- The adversarial phase after it, with SqueezeNet in the place of VGG19 and the pixels kept beside it. It must
  lower the perceptual distance while PSNR falls, as in the paper's table 2. The distance is LPIPS on other
  layers of SqueezeNet than those that are trained with.

`--out` keeps the run and what it made of Set5.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from results import SHARED_DATA, Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import keras
import numpy as np
from training import kept, opened, train

from gansuite.data.images.bicubic import enlarge
from gansuite.data.images.drawing import png
from gansuite.metrics.perceptual import PerceptualDistance
from gansuite.models.squeezenet import load_squeezenet
from gansuite.training.trained import Trained
from gansuite_superres.domain import SuperResolution
from gansuite_superres.photographs import Pair, find, read
from gansuite_superres.scoring import likeness
from gansuite_superres.tiling import enlarge_in_pieces

SCALE = 4
BACKBONE, HEADS = "squeezenet1_1_fp16.npz", "lpips_squeeze_v0.1_lin.npz"
#: In fires 3 and 6 of SqueezeNet; LPIPS looks at 4, 7, 9, 10, 11, 12 and the first convolution.
LAYERS = [f"features-{fire}-expand{side}x{side}" for fire in (3, 6) for side in (1, 3)]
GAME = (
    "perceptual.model=file", "perceptual.preprocessing=unit", "perceptual.scale=0.03", "perceptual.weight=1",
    f"perceptual.layers={json.dumps(LAYERS)}", "adversarial.weight=1e-3", "adversarial.pixels=1",
)  # fmt: skip
TINY = (
    "generator={blocks=1,width=4}", "discriminator={width=2,dense=4}", "training.batch_size=2",
    "training.report_every=1",
)  # fmt: skip

Pictures = Mapping[str, np.ndarray]


def main() -> None:
    """Measure both phases."""
    parser = options(__doc__)
    parser.add_argument("--steps", type=int, default=13000, help="of the content phase")
    parser.add_argument("--adversarial", type=int, default=3000, help="steps of the adversarial phase")
    parser.add_argument("--data", type=Path, default=SHARED_DATA / "bsds400")
    parser.add_argument("--set5", type=Path, default=SHARED_DATA / "set5" / "x4")
    parser.add_argument("--squeezenet", type=Path, default=SHARED_DATA / "squeezenet")
    parser.add_argument("--out", type=Path, help="keep the run and its pictures here")
    arguments = parse(parser)
    if arguments.quick:
        arguments.steps = arguments.adversarial = 2
    with kept(arguments.out) as folder:
        measured, minutes = measure(arguments, folder)
    publish(arguments, figures(measured, minutes), {"set5": measured, "minutes": minutes})


def measure(arguments: argparse.Namespace, folder: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """Train both phases and measure after each: figures of each stage, and minutes."""
    pairs = {one.name: read(one.path, SCALE) for one in find(arguments.set5, 0.0) if one.split == "valid"}
    distance = PerceptualDistance.load(arguments.squeezenet / BACKBONE, arguments.squeezenet / HEADS)
    bicubic = {name: enlarge(pair.low, SCALE) for name, pair in pairs.items()}
    measured = {"bicubic": judged(pairs, bicubic, distance)}
    run, minutes = folder / "run", {}
    for stage, steps in stages(arguments).items():
        begun = time.monotonic()
        train("srgan", run, data=str(arguments.data), sets=settings(arguments, folder, run), steps=steps)
        minutes[stage] = round((time.monotonic() - begun) / 60, 2)
        made = upscaled(opened(run), pairs)
        measured[stage] = judged(pairs, made, distance)
        for name, picture in made.items():
            target = folder / stage / f"{Path(name).stem}.png"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(png(picture))
    return measured, minutes


def stages(arguments: argparse.Namespace) -> dict[str, int]:
    """The step at which each stage ends."""
    return {"content": arguments.steps, "adversarial": arguments.steps + arguments.adversarial}


def settings(arguments: argparse.Namespace, folder: Path, run: Path) -> list[str]:
    """What a run that begins is told; one that goes on has it already."""
    if run.exists():
        return []
    eye = folder / "squeezenet.keras"
    save_eye(arguments.squeezenet / BACKBONE, eye)
    steps = f"content.steps={arguments.steps}"
    return [steps, "data.valid_share=0", f"perceptual.file={eye}", *GAME, *(TINY if arguments.quick else ())]


def save_eye(weights: Path, file: Path) -> None:
    """Save SqueezeNet as Keras's own layers only, as a file of `perceptual.file` must have them.

    Its own padding does nothing at the sizes that crops of 96 pixels have in it.
    """
    network = load_squeezenet(weights)

    def kept_layer(layer: keras.layers.Layer) -> keras.layers.Layer:
        if type(layer).__module__.startswith("keras."):
            return type(layer).from_config(layer.get_config())
        return keras.layers.Identity(name=layer.name)

    copy = keras.models.clone_model(network, clone_function=kept_layer)
    copy.set_weights(network.get_weights())
    copy.save(file)


def upscaled(trained: Trained, pairs: Mapping[str, Pair]) -> dict[str, np.ndarray]:
    """Enlarge the small pictures with what a run learned."""
    domain = trained.domain
    assert isinstance(domain, SuperResolution)  # noqa: S101

    def enlarged(pictures: np.ndarray) -> np.ndarray:
        return trained.call("upscale", {"images": pictures})["images"]

    return {
        name: enlarge_in_pieces(pair.low, enlarged, scale=SCALE, reach=domain.reach)
        for name, pair in pairs.items()
    }


def judged(pairs: Mapping[str, Pair], made: Pictures, distance: PerceptualDistance) -> dict[str, float]:
    """Mean PSNR, SSIM and perceptual distance of some pictures."""
    rows = []
    for name, pair in pairs.items():
        pictures = [one[None].astype(np.float32) / 255 for one in (pair.high, made[name])]
        rows.append({**likeness(pair.high, made[name], SCALE), "distance": float(distance(*pictures)[0])})
    return {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}


def figures(measured: Mapping[str, Mapping[str, float]], minutes: Mapping[str, float]) -> list[Figure]:
    """What is promised, in the order of the claims."""
    bicubic, content, game = (measured[stage] for stage in ("bicubic", "content", "adversarial"))
    return [
        Figure(name="PSNR of bicubic Set5 ×4", value=bicubic["PSNR"], unit="dB", at_least=28.35),
        Figure(
            name="PSNR of bicubic Set5 ×4 off the published 28.4 dB", value=abs(bicubic["PSNR"] - 28.4),
            unit="dB", at_most=0.05,
        ),
        Figure(
            name="PSNR of Set5 ×4 after the content phase", value=content["PSNR"], unit="dB", at_least=30.5,
            seeds="0",
        ),
        Figure(name="content phase, training", value=minutes["content"], unit="min", at_most=40, seeds="0"),
        Figure(
            name="perceptual distance (LPIPS, SqueezeNet) after the adversarial phase over before",
            value=game["distance"] / content["distance"], unit="x", at_most=0.95, seeds="0",
        ),
        Figure(
            name="PSNR lost in the adversarial phase", value=content["PSNR"] - game["PSNR"], unit="dB",
            at_least=0, seeds="0",
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
