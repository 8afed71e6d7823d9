"""How fast each plugin trains beside the same step in PyTorch.

    python benchmarks/pytorch_speed.py [--case NAME]… [--precision float32|bfloat16] [--rounds N]
                                       [--compile] [--append] [--quick]

Needs the extra `bench`. A step of the plugin is what `gansuite train` runs, with the settings below (the
sizes that the papers published; `musegan`'s default), on one batch in memory, averages of the weights left
out. PyTorch's has the same networks (the numbers of their weights are compared), batch, losses and players,
each of which makes fakes of its own; its Adam is the fused one, and of eager execution with and without
channels-last, and with `--compile` of torch.compile (which knows no gradients of gradients, and needs a C++
compiler), the fastest is taken. Both use all cores, in turns, in one process. A figure is PyTorch's median
time over ours (promised: at least 1.05; `musegan` 1.2; latent search 1.1).
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from results import HERE, Figure, options, parse, publish

# isort: split
# TensorFlow's kernels are chosen there, before it is imported.
import sys

import numpy as np
import pytorch_networks as networks
import torch
from latent_search import build as build_search
from latent_search import pictures
from loops import Loop, alternate, constant, make_domain, milliseconds, ratios, steps_per_call
from torch import nn
from torch.nn import functional

from gansuite_music.networks.generator import latent_size

sys.path.append(str(HERE / "claims"))

import pytorch_dcgan

#: Plain steps without averages: the peer has none.
PLAIN = ("training.average=0",)
SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "dcgan": (
        "dcgan",
        (
            "data={size=64,channels=3}", "training.batch_size=64", "latent=100",
            "generator={width=64,widest=512}", "discriminator={width=64,widest=512}",
        ),
    ),
    "wgan-gp": (
        "wgan-gp",
        (
            "data={size=32,channels=3}", "training.batch_size=64", "latent=128", "rounds=5",
            "generator={width=128,widest=128}", "discriminator={width=128,widest=128}",
        ),
    ),
    "srresnet": (
        "srgan",
        (
            "data={scale=4,crop=96}", "training.batch_size=16",
            "generator={blocks=16,width=64,ends=9,batch_norm=true,activation='prelu'}",
            "generator={upsampling='stepwise',bicubic=false}",
        ),
    ),
    "pix2pix": (
        "pix2pix",
        (
            "data.size=256", "training.batch_size=1", "generator={width=64,dropout=0.5}",
            "discriminator={width=64,layers=3}",
        ),
    ),
    "musegan": ("musegan", ()),
}  # fmt: skip
SEARCH = "latent search"
PROMISES = dict.fromkeys(SETTINGS, 1.05) | {"musegan": 1.2, SEARCH: 1.1}
SMALL = {
    "dcgan": ("data.size=16", "generator.width=4", "discriminator.width=4", "training.batch_size=4"),
    "wgan-gp": ("data.size=16", "generator.width=4", "discriminator.width=4", "training.batch_size=4"),
    "srresnet": ("data.crop=16", "generator={blocks=1,width=4}", "training.batch_size=2"),
    "pix2pix": ("data.size=64", "generator.width=4", "discriminator={width=4,layers=2}"),
    "musegan": ("generator.channels=8", "critic.channels=8", "training.batch_size=4"),
}


@dataclass(frozen=True, kw_only=True)
class Form:
    """How PyTorch runs."""

    channels_last: bool = False
    compiled: bool = False
    half: bool = False

    @property
    def text(self) -> str:
        """Its name in the details."""
        return f"{'compiled' if self.compiled else 'eager'}{', channels-last' * self.channels_last}"

    def placed(self, network: nn.Module) -> Any:
        """A network as this form has it."""
        network = network.to(memory_format=torch.channels_last) if self.channels_last else network
        return torch.compile(network) if self.compiled else network

    def laid_out(self, pictures: torch.Tensor) -> torch.Tensor:
        """Pictures as this form has them."""
        return pictures.to(memory_format=torch.channels_last) if self.channels_last else pictures

    def arithmetic(self) -> AbstractContextManager[Any]:
        """What forward passes run in."""
        return torch.autocast("cpu", dtype=torch.bfloat16) if self.half else nullcontext()


def main() -> None:
    """Measure case after case."""
    parser = options(__doc__)
    parser.add_argument("--case", action="append", choices=(*SETTINGS, SEARCH), help="only this one")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--rounds", type=int, default=9, help="how often both are measured")
    parser.add_argument("--compile", action="store_true", help="try torch.compile as well")
    arguments = parse(parser)
    torch.manual_seed(0)
    figures, details = [], {}
    for case in arguments.case or (*SETTINGS, SEARCH):
        found = measure(case, arguments)
        details[case] = found
        print(f"{case}: {found}", file=sys.stderr)
        promise = 1.0 if arguments.precision == "bfloat16" else PROMISES[case]
        what = f"{case} in {arguments.precision}: PyTorch's time of a step over ours"
        name = f"{what} ({found['pytorch_ms']:g} over {found['ours_ms']:g} ms; {found['pytorch']})"
        figures.append(Figure(name=name, value=found["ratio"], unit="x", at_least=promise, seeds="0"))
    publish(arguments, figures, {"cases": details, "torch": torch.__version__})


def measure(case: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure both in turns: milliseconds of a step, the median ratio, and PyTorch's best form."""
    ours, config, weights = of_search(arguments) if case == SEARCH else of_plugin(case, arguments)
    forms = {}
    twice = case in ("wgan-gp", "musegan")
    for last, compiled in itertools.product((False, True), (False, True) if arguments.compile else (False,)):
        if (twice and compiled) or (case == "musegan" and last):
            continue
        form = Form(channels_last=last, compiled=compiled, half=arguments.precision == "bfloat16")
        step, count = PEERS[case](config, form)
        if count != weights:
            raise AssertionError(f"{case} has {weights} weights, its peer {count}")
        forms[form.text] = repeated(step)
    counts = {name: steps_per_call(run) for name, run in {"ours": ours, **forms}.items()}
    counts = {name: 1 if arguments.quick else number for name, number in counts.items()}
    trials = alternate(
        {name: partial(run, counts[name]) for name, run in forms.items()}, 1 if arguments.quick else 3
    )
    times = {name: milliseconds(trial.wall, counts[name]) for name, trial in trials.items()}
    best = min(times, key=lambda name: times[name])
    runs = {"ours": partial(ours, counts["ours"]), "theirs": partial(forms[best], counts[best])}
    measured = alternate(runs, 1 if arguments.quick else arguments.rounds)
    each = [second / counts["ours"] for second in measured["ours"].wall]
    theirs = [second / counts[best] for second in measured["theirs"].wall]
    return {
        "ratio": median(ratios(theirs, each)),
        "ours_ms": round(1000 * median(each), 2),
        "pytorch_ms": round(1000 * median(theirs), 2),
        "pytorch": best,
        "forms_ms": times,
        "weights": weights,
    }


def repeated(step: Callable[[], None]) -> Callable[[int], None]:
    """Some steps, one after the other."""

    def run(steps: int) -> None:
        for _ in range(steps):
            step()

    return run


def of_plugin(case: str, arguments: argparse.Namespace) -> tuple[Callable[[int], None], Any, int]:
    """The steps of a plugin, its settings, and how many weights its players train."""
    plugin, settings = SETTINGS[case]
    small = SMALL[case] if arguments.quick else ()
    sets = [*PLAIN, *settings, *small, f"training.precision={arguments.precision}"]
    loop = Loop.of(make_domain(plugin, settings=sets))
    batches = constant(next(loop.stream()))
    phase, *_ = loop.state.phases[0]
    trained = {name for player in phase.players for name in player.trains}
    weights = sum(
        int(np.prod(weight.shape))
        for name in trained
        for weight in loop.state.networks[name].trainable_weights
    )
    return lambda steps: loop.run(batches, steps), loop.domain.config, weights


def adam(network: nn.Module, settings: Any) -> torch.optim.Adam:
    """The optimizer of a player."""
    betas = (settings.beta_1, settings.beta_2)
    return torch.optim.Adam(
        network.parameters(), lr=settings.learning_rate, betas=betas, eps=settings.epsilon, fused=True
    )


def moved(optimizer: torch.optim.Adam, loss: torch.Tensor) -> None:
    """Move a player."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def dcgan(config: Any, form: Form) -> tuple[Callable[[], None], int]:
    """Non-saturating losses; each player makes its own fakes."""
    data, rows = config.data, config.training.batch_size
    generator = form.placed(
        pytorch_dcgan.generator(config.latent, config.generator, data.size, data.channels)
    )
    discriminator = form.placed(pytorch_dcgan.discriminator(config.discriminator, data.size, data.channels))
    against, with_it = (
        adam(discriminator, config.discriminator_optimizer),
        adam(generator, config.generator_optimizer),
    )
    real = form.laid_out(torch.rand(rows, data.channels, data.size, data.size) * 2 - 1)

    def step() -> None:
        with form.arithmetic():
            with torch.no_grad():
                fake = generator(torch.randn(rows, config.latent))
            loss = functional.softplus(-discriminator(real).float()).mean()
            loss = loss + functional.softplus(discriminator(fake).float()).mean()
        moved(against, loss)
        with form.arithmetic():
            fake = generator(torch.randn(rows, config.latent))
            loss = functional.softplus(-discriminator(fake).float()).mean()
        moved(with_it, loss)

    return step, networks.count(generator, discriminator)


def slope(critic: Any, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """The gradient penalty."""
    mix = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (real + mix * (fake - real)).requires_grad_(True)
    slopes = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
    return ((slopes.float().flatten(1).square().sum(1) + 1e-12).sqrt() - 1).square().mean()


def wasserstein(
    generator: Any, critic: Any, make: Callable[[], torch.Tensor], real: torch.Tensor, form: Form, *,
    rounds: int, weight: float, optimizers: tuple[torch.optim.Adam, torch.optim.Adam],
) -> Callable[[], None]:  # fmt: skip
    """So many rounds of a critic with gradient penalty, then the generator."""
    with_it, against = optimizers

    def step() -> None:
        for _ in range(rounds):
            with form.arithmetic():
                with torch.no_grad():
                    fake = generator(make()).float()
                loss = critic(fake).float().mean() - critic(real).float().mean()
                loss = loss + weight * slope(critic, real, fake)
            moved(against, loss)
        with form.arithmetic():
            loss = -critic(generator(make())).float().mean()
        moved(with_it, loss)

    return step


def wgan_gp(config: Any, form: Form) -> tuple[Callable[[], None], int]:
    """Residual networks of WGAN-GP."""
    data, rows = config.data, config.training.batch_size
    generator, critic = (
        form.placed(networks.resnet_generator(config)),
        form.placed(networks.resnet_critic(config)),
    )
    real = form.laid_out(torch.rand(rows, data.channels, data.size, data.size) * 2 - 1)
    optimizers = adam(generator, config.generator_optimizer), adam(critic, config.discriminator_optimizer)
    step = wasserstein(
        generator, critic, lambda: torch.randn(rows, config.latent), real, form, rounds=config.rounds,
        weight=config.penalty.weight, optimizers=optimizers,
    )  # fmt: skip
    return step, networks.count(generator, critic)


def musegan(config: Any, form: Form) -> tuple[Callable[[], None], int]:
    """Phrases of music."""
    rows, data, tracks = config.training.batch_size, config.data, len(config.tracks)
    generator, critic = networks.MusicGenerator(config), networks.MusicCritic(config)
    latent = latent_size(config)
    real = (torch.rand(rows, data.steps, tracks, config.pitches.count) < 0.05).float()
    step = wasserstein(
        generator, critic, lambda: torch.randn(rows, latent), real, form, rounds=config.critic.rounds,
        weight=config.critic.penalty,
        optimizers=(adam(generator, config.generator.optimizer), adam(critic, config.critic.optimizer)),
    )  # fmt: skip
    return step, networks.count(generator, critic)


def srresnet(config: Any, form: Form) -> tuple[Callable[[], None], int]:
    """The content phase of SRGAN."""
    rows, data = config.training.batch_size, config.data
    generator = form.placed(networks.srresnet(config))
    optimizer = adam(generator, config.content.optimizer)
    low = form.laid_out(torch.rand(rows, 3, data.low_crop, data.low_crop) * 2 - 1)
    high = form.laid_out(torch.rand(rows, 3, data.crop, data.crop) * 2 - 1)

    def step() -> None:
        with form.arithmetic():
            loss = functional.mse_loss(generator(low).float(), high)
        moved(optimizer, loss)

    return step, networks.count(generator)


def pix2pix(config: Any, form: Form) -> tuple[Callable[[], None], int]:
    """Conditional loss and L1; each player translates for itself."""
    rows, data = config.training.batch_size, config.data
    generator, discriminator = form.placed(networks.unet(config)), form.placed(networks.patchgan(config))
    against, with_it = (
        adam(discriminator, config.discriminator_optimizer),
        adam(generator, config.generator_optimizer),
    )
    inputs, targets = (
        form.laid_out(torch.rand(rows, data.channels, data.size, data.size) * 2 - 1) for _ in range(2)
    )

    def judged(pictures: torch.Tensor) -> torch.Tensor:
        return discriminator(torch.cat([inputs, pictures], 1)).float()

    def step() -> None:
        with form.arithmetic():
            with torch.no_grad():
                fake = generator(inputs)
            loss = functional.softplus(-judged(targets)).mean() + functional.softplus(judged(fake)).mean()
        moved(against, 0.5 * loss)
        with form.arithmetic():
            fake = generator(inputs)
            loss = config.adversarial * functional.softplus(-judged(fake)).mean()
            loss = loss + config.l1 * functional.l1_loss(fake.float(), targets)
        moved(with_it, loss)

    return step, networks.count(generator, discriminator)


def of_search(arguments: argparse.Namespace) -> tuple[Callable[[int], None], Any, int]:
    """Steps of the search for 64 latents at once, as `detect` runs it."""
    built: dict[int, Any] = {}

    def run(steps: int) -> None:
        if steps not in built:
            _, answers, _, _ = build_search(steps)
            built[steps] = (answers, pictures(answers))
            answers.call("score", {"images": built[steps][1]}, batch=64)  # compiles
        answers, images = built[steps]
        answers.call("score", {"images": images}, batch=64)

    found, _, _, config = build_search(1)
    weights = sum(int(np.prod(one.shape)) for network in found.values() for one in network.trainable_weights)
    return run, config, weights


def search(config: Any, form: Form) -> tuple[Callable[[], None], int]:
    """One update of 64 latents by the pixels and the discriminator's features."""
    data = config.data
    generator = pytorch_dcgan.generator(config.latent, config.generator, data.size, data.channels).eval()
    discriminator = pytorch_dcgan.discriminator(config.discriminator, data.size, data.channels).eval()
    weights = networks.count(generator, discriminator)
    generator, look = (
        form.placed(generator.requires_grad_(False)),
        form.placed(discriminator[:-2].requires_grad_(False)),
    )
    latents = torch.randn(64, config.latent, requires_grad=True)
    optimizer = torch.optim.Adam([latents], lr=config.search.learning_rate, fused=True)
    wanted = form.laid_out(torch.rand(64, data.channels, data.size, data.size) * 2 - 1)
    with torch.no_grad():
        features = look(wanted)
    share = config.search.weight

    def step() -> None:
        with form.arithmetic():
            made = generator(latents)
            loss = (1 - share) * (wanted - made).abs().sum() + share * (features - look(made)).abs().sum()
        moved(optimizer, loss.float())

    return step, weights


PEERS: dict[str, Callable[[Any, Form], tuple[Callable[[], None], int]]] = {
    "dcgan": dcgan, "wgan-gp": wgan_gp, "srresnet": srresnet, "pix2pix": pix2pix, "musegan": musegan,
    SEARCH: search,
}  # fmt: skip


if __name__ == "__main__":
    main()
