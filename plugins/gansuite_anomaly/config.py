"""The settings of anomaly detection: those of an image GAN, and how its pictures are compared with others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gansuite.config import inherited, setting
from gansuite.errors import ConfigError
from gansuite.settings import Optimizer, Training
from gansuite_image.config import (
    Discriminator,
    Generator,
    ImageData,
    ImageGAN,
    Loss,
    Penalty,
    check_norms,
)


@dataclass(frozen=True, kw_only=True)
class AnomalyData(ImageData):
    """What is normal, and the form it is brought into."""

    normal: str = setting(
        "",
        help="Name or number of the class that is normal; empty: the one called good or normal, or every "
        "picture where there are no classes.",
    )


@dataclass(frozen=True, kw_only=True)
class Search:
    """The search for the latents of the most similar picture that the generator can make."""

    steps: int = setting(500, minimum=1, may_change=True, help="Updates of the latents.")
    learning_rate: float = setting(0.05, above=0, may_change=True, help="Size of an update (adam).")
    weight: float = setting(
        0.1,
        minimum=0,
        maximum=1,
        may_change=True,
        help="Share of the discriminator's features in what is compared, lambda; pixels have the rest.",
    )
    starts: int = setting(
        64,
        minimum=1,
        maximum=4096,
        may_change=True,
        help="A search begins from the most similar of so many random pictures; 1: from the same always.",
    )
    seed: int = setting(0, minimum=0, may_change=True, help="Decides where searches begin.")
    preview_steps: int = setting(
        50, minimum=1, may_change=True, help="Updates for the pictures drawn during training."
    )


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """From pictures to the latents they could have been made from."""

    architecture: Literal["dcgan", "resnet"] = setting(
        "dcgan", help="dcgan: strided convolutions; resnet: residual blocks, as in wgan-gp."
    )
    width: int = setting(32, minimum=1, help="Channels of the layer nearest to the picture.")
    widest: int = setting(256, minimum=1, help="Channels double with every halving of the size, up to this.")
    kernel: int = setting(4, minimum=2, maximum=7, help="Height and width of the convolutions (dcgan).")
    batch_norm: bool = setting(True, help="Batch normalisation, over all devices together.")


@dataclass(frozen=True, kw_only=True)
class AnoGAN(ImageGAN):
    """Anomalies, by searching a GAN's latents."""

    data: AnomalyData = inherited(ImageGAN, "data", AnomalyData())
    latent: int = inherited(ImageGAN, "latent", 32)
    generator: Generator = inherited(ImageGAN, "generator", Generator(width=32, widest=256))
    discriminator: Discriminator = inherited(
        ImageGAN, "discriminator", Discriminator(width=32, widest=256, flat=True)
    )
    search: Search = setting(Search(), may_change=True, help="How similar pictures are found.")
    training: Training = inherited(ImageGAN, "training", Training(steps=5000))

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_pictures(self)


@dataclass(frozen=True, kw_only=True)
class FAnoGAN(ImageGAN):
    """Anomalies, by an encoder into a GAN's latents."""

    data: AnomalyData = inherited(ImageGAN, "data", AnomalyData())
    latent: int = inherited(ImageGAN, "latent", 32)
    loss: Loss = inherited(ImageGAN, "loss", "wasserstein")
    rounds: int = inherited(ImageGAN, "rounds", 2)
    penalty: Penalty = inherited(ImageGAN, "penalty", Penalty(kind="gradient"))
    generator: Generator = inherited(ImageGAN, "generator", Generator(width=32, widest=256))
    discriminator: Discriminator = inherited(
        ImageGAN, "discriminator", Discriminator(width=32, widest=256, batch_norm=False, flat=True)
    )
    generator_optimizer: Optimizer = inherited(
        ImageGAN, "generator_optimizer", Optimizer(learning_rate=5e-4, beta_1=0.5, beta_2=0.9)
    )
    discriminator_optimizer: Optimizer = inherited(
        ImageGAN, "discriminator_optimizer", Optimizer(learning_rate=5e-4, beta_1=0.5, beta_2=0.9)
    )
    adversarial_steps: int = setting(
        3000,
        minimum=0,
        help="How long generator and discriminator play; what training.steps leaves is the encoder's.",
    )
    encoder: Encoder = setting(Encoder(), help="Finds latents, once the game is over.")
    encoder_optimizer: Optimizer = setting(Optimizer(learning_rate=1e-3), help="Moves the encoder.")
    weight: float = setting(
        1.0,
        minimum=0,
        help="Weight of the discriminator's features beside the pixels, kappa, in learning and in scores.",
    )
    # A long average would still hold generators of the game while the encoder learns to invert the last.
    training: Training = inherited(ImageGAN, "training", Training(steps=5000, average=0.99))

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_pictures(self)
        if self.encoder.batch_norm:
            check_norms(self.training)


def _check_pictures(config: AnoGAN | FAnoGAN) -> None:
    if config.data.kind != "pictures":
        raise ConfigError("anomalies are looked for in pictures only", where="data.kind")
    if config.data.classes:
        hint = "Say which class is normal with data.normal."
        raise ConfigError("only one class is learned", where="data.classes", hint=hint)
    if config.discriminator.deviation:
        what = "the score of a picture must not depend on the pictures beside it"
        raise ConfigError(what, where="discriminator.deviation")
