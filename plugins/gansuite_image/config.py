"""The settings of image GANs: one class for all, and a class for each plugin with its own defaults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gansuite.config import inherited, setting
from gansuite.contributions import LOSSES
from gansuite.errors import ConfigError
from gansuite.settings import Optimizer, Training

SIZES = (8, 16, 32, 64, 128)
#: The losses that a constant added to all scores does not change.
UNANCHORED = ("wasserstein",)
#: Rows that minibatch standard deviation compares.
GROUP = 4

Architecture = Literal["mlp", "dcgan", "resnet"]
Corners = Literal["sharp", "round"]
CORNERS = (
    "sharp: ReLU and LeakyReLU, as published; round: the same without a kink at 0, where rounding may decide "
    "otherwise on several devices than on one. A maxout has corners of its own."
)
Loss = Literal["non-saturating", "minimax", "least-squares", "hinge", "wasserstein"]


@dataclass(frozen=True, kw_only=True)
class ImageData:
    """What to learn from, and the form it is brought into."""

    source: str = setting(
        "digits", help="Name of a data set, or path of pictures: folder, archive, IDX, CIFAR batches or npz."
    )
    kind: Literal["pictures", "points"] = setting(
        "pictures", help="points are rows of two numbers in an npz file, to look at a game in the plane."
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
    classes: int = setting(
        0,
        minimum=0,
        maximum=100_000,
        help="Learn to make pictures of so many classes; 0: without labels.",
    )

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one example as networks see it."""
        return (2,) if self.kind == "points" else (self.size, self.size, self.channels)


@dataclass(frozen=True, kw_only=True)
class Generator:
    """From noise to examples."""

    architecture: Architecture = setting(
        "dcgan",
        help="mlp: dense layers; dcgan: transposed convolutions; resnet: residual blocks, as in wgan-gp.",
    )
    width: int = setting(
        64, minimum=1, help="Channels of the layer nearest to the picture; of every hidden layer in an mlp."
    )
    widest: int = setting(
        512, minimum=1, help="Channels double with every halving of the size, up to this (dcgan, resnet)."
    )
    kernel: int = setting(4, minimum=2, maximum=7, help="Height and width of the convolutions (dcgan).")
    layers: int = setting(2, minimum=1, maximum=16, help="Hidden layers (mlp).")
    batch_norm: bool = setting(True, help="Batch normalisation, over all devices together.")
    corners: Corners = setting("sharp", help=CORNERS)


@dataclass(frozen=True, kw_only=True)
class Discriminator:
    """Tells real examples from generated ones."""

    architecture: Architecture = setting(
        "dcgan",
        help="mlp: dense layers; dcgan: strided convolutions; resnet: residual blocks, as in wgan-gp.",
    )
    width: int = setting(
        64, minimum=1, help="Channels of the layer nearest to the picture; of every hidden layer in an mlp."
    )
    widest: int = setting(
        512, minimum=1, help="Channels double with every halving of the size, up to this (dcgan, resnet)."
    )
    kernel: int = setting(4, minimum=2, maximum=7, help="Height and width of the convolutions (dcgan).")
    layers: int = setting(2, minimum=1, maximum=16, help="Hidden layers (mlp).")
    batch_norm: bool = setting(
        True, help="Batch normalisation, over all devices together; not with a penalty on slopes."
    )
    corners: Corners = setting("sharp", help=CORNERS)
    spectral_norm: bool = setting(False, help="Divide every kernel by its largest singular value.")
    deviation: bool = setting(
        False,
        help=f"Show how much {GROUP} neighbouring examples differ: the minibatch standard deviation.",
    )
    condition: Literal["concat", "projection"] = setting(
        "concat", help="How labels reach it: as more inputs, or as a projection of its features."
    )
    flat: bool = setting(
        False,
        help="What is seen is judged place by place, not summed up over all places (resnet; dcgan always).",
    )
    clip: float = setting(0.0, minimum=0, help="Bound of every weight after each update; 0: none.")


@dataclass(frozen=True, kw_only=True)
class Penalty:
    """What keeps the discriminator's slope small."""

    kind: Literal["none", "gradient", "one-sided", "r1"] = setting(
        "none",
        help="gradient: slopes of 1 between real and generated examples; one-sided: of at most 1; r1: of 0 "
        "at real ones.",
    )
    weight: float = setting(10.0, minimum=0, help="Its factor: lambda of a gradient penalty, gamma of r1.")


@dataclass(frozen=True, kw_only=True)
class Features:
    """What pictures are judged by."""

    features: Literal["auto", "classifier", "inception", "file", "none"] = setting(
        "auto",
        may_change=True,
        help="auto: the classifier that `gansuite datasets features` trained, where it did; inception: "
        "InceptionV3 from a file of Keras's weights; file: any Keras model.",
    )
    file: Path | None = setting(None, may_change=True, help="Where the weights or the model lie.")
    layer: str = setting("", may_change=True, help="The layer of a model that is taken; empty: the last.")
    preprocessing: Literal["caffe", "imagenet", "symmetric", "unit", "pixels"] = setting(
        "unit",
        may_change=True,
        help="What the network in a file was trained with: another range gives figures that mean nothing. "
        "caffe: BGR without ImageNet's mean; imagenet: RGB without the mean, over the deviation; symmetric: "
        "in [-1, 1]; unit: in [0, 1]; pixels: in [0, 255].",
    )


@dataclass(frozen=True, kw_only=True)
class ImageGAN:
    """Images from noise."""

    data: ImageData = setting(ImageData(), help="What to learn from.")
    latent: int = setting(100, minimum=1, help="How many numbers a picture is made from.")
    loss: Loss = setting(
        "non-saturating",
        contributed=LOSSES,
        help="What both players minimise; minimax is the first paper's equation 1.",
    )
    rounds: int = setting(1, minimum=1, maximum=100, help="Updates of the discriminator in a step.")
    penalty: Penalty = setting(Penalty(), help="Added to the discriminator's loss.")
    label_smoothing: float = setting(
        0.0,
        minimum=0,
        below=0.5,
        help="How far below 1 the answer to real examples should be; not with hinge and wasserstein.",
    )
    instance_noise: float = setting(
        0.0,
        minimum=0,
        help="Deviation of noise on what the discriminator tells apart, at the first step; the penalty has "
        "none.",
    )
    noise_steps: int = setting(10_000, minimum=1, help="Steps until the instance noise has faded to nothing.")
    feature_matching: float = setting(
        0.0, minimum=0, help="Weight of matching the discriminator's mean features in the generator's loss."
    )
    generator: Generator = setting(Generator(), help="From noise to pictures.")
    discriminator: Discriminator = setting(Discriminator(), help="Tells real pictures from generated ones.")
    generator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=2e-4, beta_1=0.5), help="Moves the generator."
    )
    discriminator_optimizer: Optimizer = setting(
        Optimizer(learning_rate=2e-4, beta_1=0.5), help="Moves the discriminator."
    )
    evaluation: Features = setting(Features(), may_change=True, help="How pictures are judged.")
    training: Training = setting(Training(steps=20000), help="How long and how.")

    def __post_init__(self) -> None:
        if self.generator.batch_norm or self.discriminator.batch_norm:
            check_norms(self.training)
        if self.feature_matching and self.training.accumulate > 1:
            raise ConfigError(
                "the mean features of parts of a batch are not those of all of it, which are to be matched",
                where="feature_matching",
                hint="Set training.accumulate=1 or feature_matching=0.",
            )
        if self.label_smoothing and self.loss in ("hinge", "wasserstein"):
            raise ConfigError(f"the loss {self.loss} has no target to smooth", where="label_smoothing")
        _check_penalty(self)
        check_groups(self, devices=1)
        _check_points(self)


def check_norms(training: Training) -> None:
    """Refuse batch normalisation over single pictures."""
    if training.batch_size // training.accumulate < 2:
        raise ConfigError(
            "batch normalisation needs at least 2 pictures in a batch, or in each accumulated part of it",
            where="training.batch_size",
        )


def _check_penalty(config: ImageGAN) -> None:
    crowded = config.discriminator.batch_norm or config.discriminator.deviation
    if config.penalty.kind != "none" and crowded:
        raise ConfigError(
            f"a penalty of kind {config.penalty.kind} needs a discriminator that judges each example alone",
            where="penalty.kind",
            hint="Set discriminator.batch_norm=false and discriminator.deviation=false.",
        )


def check_groups(config: ImageGAN, *, devices: int) -> None:
    """Refuse to compare pictures in groups that so many devices cannot make of their shares of a batch."""
    if config.discriminator.deviation and config.training.batch_size % (
        GROUP * devices * config.training.accumulate
    ):
        raise ConfigError(
            f"the minibatch standard deviation compares {GROUP} pictures: what a device plays at a time, the "
            "batch size by devices and accumulated parts, must divide by it",
            where="training.batch_size",
        )


def _check_points(config: ImageGAN) -> None:
    if config.data.kind == "pictures":
        return
    if config.data.classes:
        raise ConfigError("points have no classes", where="data.classes", hint="Set data.classes=0.")
    for name, network in (("generator", config.generator), ("discriminator", config.discriminator)):
        if network.architecture != "mlp":
            raise ConfigError(f"points need an mlp, not {network.architecture}", where=f"{name}.architecture")


@dataclass(frozen=True, kw_only=True)
class GAN(ImageGAN):
    """Images, or points in the plane, from noise with dense layers."""

    generator: Generator = inherited(
        ImageGAN, "generator", Generator(architecture="mlp", width=256, batch_norm=False)
    )
    discriminator: Discriminator = inherited(
        ImageGAN, "discriminator", Discriminator(architecture="mlp", width=256, batch_norm=False)
    )


@dataclass(frozen=True, kw_only=True)
class CGAN(ImageGAN):
    """Images of a class, from noise and a label."""

    data: ImageData = inherited(ImageGAN, "data", ImageData(classes=10))


@dataclass(frozen=True, kw_only=True)
class DCGAN(ImageGAN):
    """Images from noise with convolutional networks."""


@dataclass(frozen=True, kw_only=True)
class WGAN(ImageGAN):
    """Images from noise, with a critic kept smooth by clipping its weights."""

    loss: Loss = inherited(ImageGAN, "loss", "wasserstein")
    rounds: int = inherited(ImageGAN, "rounds", 5)
    discriminator: Discriminator = inherited(ImageGAN, "discriminator", Discriminator(clip=0.01))
    generator_optimizer: Optimizer = inherited(
        ImageGAN,
        "generator_optimizer",
        Optimizer(kind="rmsprop", learning_rate=5e-5, beta_2=0.99, epsilon=1e-8),
    )
    discriminator_optimizer: Optimizer = inherited(
        ImageGAN,
        "discriminator_optimizer",
        Optimizer(kind="rmsprop", learning_rate=5e-5, beta_2=0.99, epsilon=1e-8),
    )


@dataclass(frozen=True, kw_only=True)
class WGANGP(ImageGAN):
    """Images from noise, with a critic kept smooth by a penalty on its slope."""

    latent: int = inherited(ImageGAN, "latent", 128)
    loss: Loss = inherited(ImageGAN, "loss", "wasserstein")
    rounds: int = inherited(ImageGAN, "rounds", 5)
    penalty: Penalty = inherited(ImageGAN, "penalty", Penalty(kind="gradient"))
    generator: Generator = inherited(
        ImageGAN, "generator", Generator(architecture="resnet", width=128, widest=128)
    )
    discriminator: Discriminator = inherited(
        ImageGAN,
        "discriminator",
        Discriminator(architecture="resnet", width=128, widest=128, batch_norm=False, condition="projection"),
    )
    generator_optimizer: Optimizer = inherited(
        ImageGAN, "generator_optimizer", Optimizer(learning_rate=2e-4, beta_1=0.0, beta_2=0.9)
    )
    discriminator_optimizer: Optimizer = inherited(
        ImageGAN, "discriminator_optimizer", Optimizer(learning_rate=2e-4, beta_1=0.0, beta_2=0.9)
    )


@dataclass(frozen=True, kw_only=True)
class SNGAN(ImageGAN):
    """Images from noise, with a discriminator kept smooth by spectral normalisation."""

    latent: int = inherited(ImageGAN, "latent", 128)
    loss: Loss = inherited(ImageGAN, "loss", "hinge")
    rounds: int = inherited(ImageGAN, "rounds", 5)
    generator: Generator = inherited(
        ImageGAN, "generator", Generator(architecture="resnet", width=256, widest=256)
    )
    discriminator: Discriminator = inherited(
        ImageGAN,
        "discriminator",
        Discriminator(
            architecture="resnet",
            width=128,
            widest=128,
            batch_norm=False,
            spectral_norm=True,
            condition="projection",
        ),
    )
    generator_optimizer: Optimizer = inherited(
        ImageGAN, "generator_optimizer", Optimizer(learning_rate=2e-4, beta_1=0.0, beta_2=0.9)
    )
    discriminator_optimizer: Optimizer = inherited(
        ImageGAN, "discriminator_optimizer", Optimizer(learning_rate=2e-4, beta_1=0.0, beta_2=0.9)
    )
