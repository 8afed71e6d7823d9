"""The settings of image-to-image translation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gansuite.config import setting
from gansuite.contributions import LOSSES
from gansuite.errors import ConfigError
from gansuite.settings import Optimizer, Training

SIZES = (16, 32, 64, 128, 256, 512)
Direction = Literal["A-to-B", "B-to-A"]
#: What a discriminator without a bound on its slope can play; see `gansuite.losses.adversarial`.
Loss = Literal["non-saturating", "minimax", "least-squares", "hinge"]
#: The last two layers of a discriminator of patches take a row and a column each.
SMALLEST_JUDGED = 3


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Pictures of two kinds, A and B, and the form they are brought into."""

    source: str = setting(
        "edges",
        help="Name of a data set, or path of a folder: with folders A and B in it (or trainA, testB and so "
        "on), or with pictures that have A in their left half and B in their right one.",
    )
    size: int = setting(256, choices=SIZES, help="Height and width of what the networks see in training.")
    channels: int = setting(3, choices=(1, 3), help="1 for grey, 3 for colour; both sides alike.")
    fit: Literal["crop", "pad", "stretch"] = setting(
        "stretch",
        help="Other shapes: crop scales and cuts the middle out, pad fills up with black, stretch distorts.",
    )
    jitter: int = setting(
        30,
        minimum=0,
        maximum=512,
        help="Pictures to learn from are prepared so many pixels larger; `size` is cut out anywhere.",
    )
    flip: bool = setting(True, help="Mirror left to right half of the time.")
    valid_share: float = setting(
        0.1, minimum=0, below=1, help="Part held out for evaluation, where the data does not say which."
    )


@dataclass(frozen=True, kw_only=True)
class Pairs(Sides):
    """Pictures in pairs: each of A has a partner in B that should come out of it."""

    direction: Direction = setting("A-to-B", help="Which side is translated into which.")


@dataclass(frozen=True, kw_only=True)
class UNet:
    """An encoder and a decoder, with a connection across at every size."""

    width: int = setting(64, minimum=1, help="Channels next to the picture; up to 8 times as many inside.")
    dropout: float = setting(
        0.5, minimum=0, below=1, help="Share that is dropped in the first three levels of the decoder."
    )


@dataclass(frozen=True, kw_only=True)
class CycleGenerator(UNet):
    """A generator of CycleGAN: residual blocks, or a U-Net."""

    kind: Literal["resnet", "unet"] = setting("resnet", help="The architecture.")
    dropout: float = setting(
        0.0,
        minimum=0,
        below=1,
        help="Share that is dropped in the first three levels of the decoder (unet).",
    )
    blocks: int = setting(
        9, minimum=1, maximum=32, help="Residual blocks (resnet); published: 9 for 256 pixels, 6 for 128."
    )


@dataclass(frozen=True, kw_only=True)
class PatchGAN:
    """A discriminator that judges every patch of a picture by itself."""

    width: int = setting(64, minimum=1, help="Channels next to the picture; up to 8 times as many inside.")
    layers: int = setting(
        3,
        minimum=0,
        maximum=5,
        help="Layers that halve the size; they decide how much is judged at once: 0 to 5 for patches of 1, "
        "16, 34, 70, 142 and 286 pixels.",
    )


@dataclass(frozen=True, kw_only=True)
class Perceptual:
    """The network that `gansuite evaluate` measures perceptual distance with."""

    backbone: Path | None = setting(
        None,
        may_change=True,
        help="File (.npz) with SqueezeNet 1.1's weights under torchvision's names; without it there is no "
        "perceptual distance.",
    )
    heads: Path | None = setting(
        None,
        may_change=True,
        help="File (.npz) with LPIPS's linear heads for it; without it all channels count alike.",
    )


@dataclass(frozen=True, kw_only=True)
class Pix2Pix:
    """Pictures translated into pictures, learned from pairs."""

    data: Pairs = setting(Pairs(), help="What to learn from.")
    loss: Loss = setting("non-saturating", contributed=LOSSES, help="The adversarial loss of both players.")
    adversarial: float = setting(
        1.0, minimum=0, help="Weight of the adversarial loss; 0: L1 alone, without a discriminator."
    )
    l1: float = setting(
        100.0,
        minimum=0,
        help="Weight of the mean absolute difference to the partner, in a range from -1 to 1; 0: none.",
    )
    generator: UNet = setting(UNet(), help="Translates.")
    discriminator: PatchGAN = setting(PatchGAN(), help="Tells true partners from translations.")
    generator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=2e-4, beta_1=0.5), help="Moves the generator."
    )
    discriminator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=2e-4, beta_1=0.5), help="Moves the discriminator."
    )
    perceptual: Perceptual = setting(Perceptual(), help="What evaluation looks through.")
    training: Training = setting(
        Training(steps=80000, batch_size=1, average=0.0, sample_every=1000, checkpoint_every=1000),
        help="How long and how.",
    )

    def __post_init__(self) -> None:
        if self.adversarial == 0 and self.l1 == 0:
            raise ConfigError("nothing is left to learn from: l1 is 0 as well", where="adversarial")
        if self.adversarial > 0:
            check_patches(self.discriminator, self.data.size)


@dataclass(frozen=True, kw_only=True)
class CycleGAN:
    """Pictures translated there and back, learned without pairs."""

    data: Sides = setting(Sides(), help="What to learn from.")
    loss: Loss = setting("least-squares", contributed=LOSSES, help="The adversarial loss of all players.")
    adversarial: float = setting(
        2.0,
        above=0,
        help="Weight of the generators' adversarial losses; 2 with least squares is the paper's 1, which "
        "has no half in it.",
    )
    cycle: float = setting(
        10.0, minimum=0, help="Weight of the mean absolute difference after going there and back; 0: none."
    )
    identity: float = setting(
        5.0,
        minimum=0,
        help="Weight of the mean absolute difference that translating makes to what needs none; 0: none.",
    )
    generator: CycleGenerator = setting(CycleGenerator(), help="Both translators.")
    discriminator: PatchGAN = setting(PatchGAN(), help="Both discriminators.")
    generator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=2e-4, beta_1=0.5), help="Moves both generators together."
    )
    discriminator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=2e-4, beta_1=0.5), help="Moves the discriminators."
    )
    perceptual: Perceptual = setting(Perceptual(), help="What evaluation looks through.")
    training: Training = setting(
        Training(steps=200000, batch_size=1, average=0.0, sample_every=1000, checkpoint_every=1000),
        help="How long and how.",
    )

    def __post_init__(self) -> None:
        check_patches(self.discriminator, self.data.size)


def check_patches(network: PatchGAN, size: int) -> None:
    """Refuse a discriminator that has more layers than a picture has halves.

    Raises:
        ConfigError: nothing would be left to judge.
    """
    most = max(layers for layers in range(6) if layers == 0 or size >> layers >= SMALLEST_JUDGED)
    if network.layers > most:
        raise ConfigError(
            f"is {network.layers}, but pictures of {size} pixels can be halved for at most {most} layers",
            where="discriminator.layers",
        )
