"""What players in PyTorch share: optimizers, losses, and the game of a generator and its opponent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from peers.case import Form, Step

Scored = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Both sides of a game, as `gansuite.losses.adversarial` has them: logits to a scalar."""

    real: Scored
    fake: Scored
    generator: Scored


RULES = {
    "non-saturating": Rule(
        real=lambda logits: functional.softplus(-logits).mean(),
        fake=lambda logits: functional.softplus(logits).mean(),
        generator=lambda logits: functional.softplus(-logits).mean(),
    ),
    "least-squares": Rule(
        real=lambda logits: 0.5 * (logits - 1).square().mean(),
        fake=lambda logits: 0.5 * logits.square().mean(),
        generator=lambda logits: 0.5 * (logits - 1).square().mean(),
    ),
    "hinge": Rule(
        real=lambda logits: functional.relu(1 - logits).mean(),
        fake=lambda logits: functional.relu(1 + logits).mean(),
        generator=lambda logits: -logits.mean(),
    ),
    "wasserstein": Rule(
        real=lambda logits: -logits.mean(),
        fake=lambda logits: logits.mean(),
        generator=lambda logits: -logits.mean(),
    ),
}


def optimizer_of(settings: Any, *networks: nn.Module) -> torch.optim.Optimizer:
    """Return a player's optimizer; Adam is the fused one."""
    weights = [weight for network in networks for weight in network.parameters()]
    figures = {"lr": settings.learning_rate, "eps": settings.epsilon}
    if settings.kind == "rmsprop":
        return torch.optim.RMSprop(weights, alpha=settings.beta_2, momentum=settings.momentum, **figures)
    return torch.optim.Adam(weights, betas=(settings.beta_1, settings.beta_2), fused=True, **figures)


def moved(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """Move a player; nothing is computed of the gradients of others, as in the plugins."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward(inputs=[weight for group in optimizer.param_groups for weight in group["params"]])
    optimizer.step()


@torch.no_grad()
def clipped(network: nn.Module, bound: float) -> None:
    """Keep every weight within [-bound, bound]."""
    for weight in network.parameters():
        weight.clamp_(-bound, bound)


def slope(critic: Scored, real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """The gradient penalty."""
    mix = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (real + mix * (fake - real)).requires_grad_(True)
    slopes = torch.autograd.grad(critic(between).sum(), between, create_graph=True)[0]
    return ((slopes.float().flatten(1).square().sum(1) + 1e-12).sqrt() - 1).square().mean()


def adversarial(
    make: Callable[[], torch.Tensor], opponent: nn.Module, judge: Scored, real: torch.Tensor, form: Form, *,
    rule: Rule, optimizers: tuple[torch.optim.Optimizer, torch.optim.Optimizer], rounds: int = 1,
    penalty: float = 0.0, clip: float = 0.0,
) -> Step:  # fmt: skip
    """So many rounds of a discriminator, or critic, then the generator; each player makes its own fakes.

    Args:
        make: makes a batch of fakes.
        opponent: what tells them from real ones.
        judge: gives its logits, float32.
        real: a batch.
        form: how PyTorch runs.
        rule: the losses.
        optimizers: of the generator and of its opponent.
        rounds: updates of the opponent in a step.
        penalty: weight of the gradient penalty; 0: none.
        clip: bound of the opponent's weights; 0: none.
    """
    with_it, against = optimizers

    def step() -> None:
        """All rounds of the opponent, then the generator."""
        for _ in range(rounds):
            with form.arithmetic():
                with torch.no_grad():
                    fake = make()
                loss = rule.real(judge(real)) + rule.fake(judge(fake))
                if penalty:
                    loss = loss + penalty * slope(judge, real, fake.float())
            moved(against, loss)
            if clip:
                clipped(opponent, clip)
        with form.arithmetic():
            loss = rule.generator(judge(make()))
        moved(with_it, loss)

    return step
