"""The settings of super-resolution."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gansuite.config import setting
from gansuite.contributions import LOSSES
from gansuite.errors import ConfigError
from gansuite.settings import Optimizer, Training

SCALES = (2, 3, 4, 8)


@dataclass(frozen=True, kw_only=True)
class Data:
    """What to learn from, and how it is cut."""

    source: str = setting("photographs", help="Name of a data set, or path of a picture or folder.")
    scale: int = setting(4, choices=SCALES, help="How many times higher and wider pictures become.")
    crop: int = setting(
        96, minimum=16, help="Height and width of the large pictures that are learned from, in pixels."
    )
    tile: int = setting(
        160,
        minimum=16,
        help="Photographs are cut into tiles of this height and width once, crops out of tiles every time; "
        "smaller photographs are left out.",
    )
    augment: bool = setting(True, help="Mirror and turn what is learned from, in eight ways.")
    valid_share: float = setting(
        0.1, minimum=0, below=1, help="Part held out for evaluation, where the data does not say which."
    )

    @property
    def low_crop(self) -> int:
        """Height and width of a small crop."""
        return self.crop // self.scale

    @property
    def low_tile(self) -> int:
        """Height and width of a small tile."""
        return self.tile // self.scale


@dataclass(frozen=True, kw_only=True)
class Generator:
    """What enlarges: residual blocks at the size of the small picture, then its enlargement."""

    blocks: int = setting(8, minimum=1, help="Residual blocks of two convolutions.")
    width: int = setting(32, minimum=1, help="Channels.")
    ends: Literal[3, 5, 7, 9] = setting(3, help="Height and width of the first and last convolution.")
    batch_norm: bool = setting(False, help="Batch normalisation, over all devices together.")
    activation: Literal["relu", "prelu"] = setting(
        "relu", help="What bends; prelu learns the slope below 0 of each channel."
    )
    upsampling: Literal["at-once", "stepwise"] = setting(
        "at-once",
        help="at-once: the last convolution makes the pixels, at the size of the small picture; stepwise: "
        "channels become pixels by 2 (or 3) at a time, and the last convolution is at full size.",
    )
    bicubic: bool = setting(True, help="Add what is made to a bicubic enlargement instead of making it all.")


@dataclass(frozen=True, kw_only=True)
class Discriminator:
    """What tells photographs from enlarged pictures: eight convolutions, four of them strided."""

    width: int = setting(16, minimum=1, help="Channels of the first convolutions; the last have eight times.")
    dense: int = setting(128, minimum=1, help="Numbers that the features are summed up in.")
    batch_norm: bool = setting(False, help="Batch normalisation, over all devices together.")


@dataclass(frozen=True, kw_only=True)
class Content:
    """The first phase: as near to the photograph as can be, pixel by pixel."""

    steps: int = setting(20000, minimum=0, help="How long; what training.steps leaves is the second phase.")
    loss: Literal["l1", "l2"] = setting(
        "l2", help="l1: absolute differences; l2: squared ones, which PSNR counts. In both phases."
    )
    optimizer: Optimizer = setting(Optimizer(learning_rate=1e-3), help="Moves the generator.")


@dataclass(frozen=True, kw_only=True)
class Perceptual:
    """What a network sees in a picture, to be alike in the second phase."""

    model: Literal["none", "discriminator", "vgg19", "file"] = setting(
        "discriminator",
        help="discriminator: the one being trained; vgg19: with ImageNet's weights, from Keras's folder or "
        "`file`; file: any network that Keras saved.",
    )
    file: Path | None = setting(None, help="A .keras file, or one of VGG19's weights.")
    layers: tuple[str, ...] = setting(
        ("block5_conv4",), help="Names of the layers whose outputs are compared (vgg19 and file)."
    )
    preprocessing: Literal["caffe", "imagenet", "symmetric", "unit", "pixels"] = setting(
        "unit",
        help="What the network in a file was trained with. caffe: BGR without ImageNet's mean; imagenet: RGB "
        "without the mean, over the deviation; symmetric: RGB in [-1, 1]; unit: in [0, 1]; pixels: in "
        "[0, 255].",
    )
    scale: float = setting(
        1 / 12.75, above=0, help="Features are multiplied by it before they are compared (vgg19 and file)."
    )
    weight: float = setting(0.01, minimum=0, help="How much it counts.")


@dataclass(frozen=True, kw_only=True)
class Adversarial:
    """The second phase: taken for a photograph."""

    loss: Literal["minimax", "non-saturating", "least-squares", "hinge"] = setting(
        "non-saturating", contributed=LOSSES, help="The game."
    )
    weight: float = setting(1e-3, above=0, help="How much the generator's side of it counts.")
    pixels: float = setting(1.0, minimum=0, help="How much the loss of the first phase counts in the second.")
    generator_optimizer: Optimizer = setting(Optimizer(learning_rate=1e-4), help="Moves the generator.")
    discriminator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=1e-4), help="Moves the discriminator."
    )


@dataclass(frozen=True, kw_only=True)
class SRGAN:
    """Small pictures made large."""

    data: Data = setting(Data(), help="What to learn from.")
    generator: Generator = setting(Generator(), help="Enlarges.")
    discriminator: Discriminator = setting(Discriminator(), help="Tells photographs from enlarged pictures.")
    content: Content = setting(Content(), help="The first phase.")
    perceptual: Perceptual = setting(Perceptual(), help="Part of the second phase.")
    adversarial: Adversarial = setting(Adversarial(), help="The second phase.")
    training: Training = setting(
        Training(steps=30000, batch_size=16, sample_every=1000, checkpoint_every=1000),
        help="How long and how.",
    )

    def __post_init__(self) -> None:
        self._check_sizes()
        if self.perceptual.model == "file" and self.perceptual.file is None:
            raise ConfigError("needs a file", where="perceptual.model", hint="Name it as perceptual.file.")
        if self.perceptual.model in ("vgg19", "file") and not self.perceptual.layers:
            raise ConfigError("names no layer", where="perceptual.layers")
        normalised = self.generator.batch_norm or self.discriminator.batch_norm
        if self.training.batch_size // self.training.accumulate < 2 and normalised:
            raise ConfigError(
                "batch normalisation needs at least 2 pictures in a batch, or in each accumulated part of it",
                where="training.batch_size",
            )

    def _check_sizes(self) -> None:
        data = self.data
        if data.crop % data.scale:
            what = f"{data.crop} does not divide by the scale {data.scale}"
            below = data.crop - data.crop % data.scale
            raise ConfigError(what, where="data.crop", hint=f"Use {below} or {below + data.scale}.")
        if data.low_tile < data.low_crop:
            what = f"a tile of {data.tile} pixels is smaller than the crop of {data.crop}"
            raise ConfigError(what, where="data.tile", hint="Make tiles larger, or the crop smaller.")
