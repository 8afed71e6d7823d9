"""The settings of image GANs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gansuite.config import setting
from gansuite.errors import ConfigError
from gansuite.settings import Optimizer, Training

SIZES = (8, 16, 32, 64, 128)


@dataclass(frozen=True, kw_only=True)
class ImageData:
    """What to learn from, and the form it is brought into."""

    source: str = setting(
        "digits", help="Name of a data set, or path of pictures: folder, archive, IDX, CIFAR batches or npz."
    )
    size: int = setting(32, choices=SIZES, help="Height and width of the pictures.")
    channels: int = setting(3, choices=(1, 3), help="1 for grey, 3 for colour.")
    fit: Literal["crop", "pad", "stretch"] = setting(
        "crop",
        help="Other shapes: crop scales and cuts the middle out, pad fills up with black, stretch distorts.",
    )
    flip: bool = setting(False, help="Show every picture mirrored left to right half of the time.")
    valid_share: float = setting(
        0.1, minimum=0, below=1, help="Part held out for evaluation, where the data does not say which."
    )


@dataclass(frozen=True, kw_only=True)
class Network:
    """How large a network is: `width` channels next to the picture, twice as many in each deeper layer."""

    width: int = setting(minimum=1, help="Channels of the layer nearest to the picture.")
    widest: int = setting(512, minimum=1, help="No layer has more channels than this.")
    kernel: int = setting(4, minimum=2, maximum=7, help="Height and width of the convolutions.")
    batch_norm: bool = setting(True, help="Batch normalisation, over all devices together.")


@dataclass(frozen=True, kw_only=True)
class DCGAN:
    """Images from noise with convolutional networks."""

    data: ImageData = setting(ImageData(), help="What to learn from.")
    latent: int = setting(100, minimum=1, help="How many numbers a picture is made from.")
    loss: Literal["non-saturating", "minimax"] = setting(
        "non-saturating", help="What the generator minimises; minimax is the first paper's equation 1."
    )
    generator: Network = setting(Network(width=64), help="From noise to pictures.")
    discriminator: Network = setting(Network(width=64), help="Tells real pictures from generated ones.")
    generator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=2e-4, beta_1=0.5), help="Moves the generator."
    )
    discriminator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=2e-4, beta_1=0.5), help="Moves the discriminator."
    )
    training: Training = setting(Training(steps=20000), help="How long and how.")

    def __post_init__(self) -> None:
        if self.training.batch_size < 2 and (self.generator.batch_norm or self.discriminator.batch_norm):
            raise ConfigError(
                "batch normalisation needs at least 2 pictures in a batch", where="training.batch_size"
            )
