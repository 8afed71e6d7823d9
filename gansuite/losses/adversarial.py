"""The losses of discriminators and generators, on a discriminator's logits.

σ is the logistic function, D's answer is σ(logit): the probability that an example is real. A critic's scores
are unbounded and stand for no probability; the functions take them as logits just the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from gansuite.contributions import LOSSES, bring
from gansuite.errors import PluginError


def discriminator_real(logits: tf.Tensor, target: float = 1.0) -> tf.Tensor:
    """Recognise real examples: mean of −t·log σ(logit) − (1 − t)·log(1 − σ(logit)).

    Args:
        logits: of real examples, float32 (batch,).
        target: t, the probability to answer; below 1 for one-sided label smoothing.

    Returns:
        Scalar float32, at least 0; log 2 for a discriminator that guesses.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1, first term; Salimans et al. 2016,
    arXiv:1606.03498, section 3.4, for the smoothing.
    """
    real = tf.reduce_mean(tf.nn.softplus(-logits))
    return real if target == 1.0 else target * real + (1.0 - target) * discriminator_fake(logits)


def discriminator_fake(logits: tf.Tensor) -> tf.Tensor:
    """Recognise fake examples: mean of −log(1 − σ(logit)).

    Args:
        logits: of fake examples, float32 (batch,).

    Returns:
        Scalar float32, at least 0; log 2 for a discriminator that guesses.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1, second term.
    """
    return tf.reduce_mean(tf.nn.softplus(logits))


def minimax(logits: tf.Tensor) -> tf.Tensor:
    """Make fake examples less recognisable: mean of log(1 − σ(logit)), the other side of the same game.

    Its slope vanishes while the discriminator is sure of itself; see `non_saturating`.

    Args:
        logits: of fake examples, float32 (batch,).

    Returns:
        Scalar float32, at most 0.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, eq. 1 and algorithm 1.
    """
    return -tf.reduce_mean(tf.nn.softplus(logits))


def non_saturating(logits: tf.Tensor) -> tf.Tensor:
    """Make fake examples look real: mean of −log σ(logit).

    Args:
        logits: of fake examples, float32 (batch,).

    Returns:
        Scalar float32, at least 0.

    Source: Goodfellow et al. 2014, arXiv:1406.2661, section 3.
    """
    return tf.reduce_mean(tf.nn.softplus(-logits))


def least_squares(logits: tf.Tensor, target: float) -> tf.Tensor:
    """Answer a number: mean of (logit − target)² / 2.

    Args:
        logits: float32 (batch, ...).
        target: 1 for real examples and for the generator's, 0 for fake ones.

    Returns:
        Scalar float32, at least 0.

    Source: Mao et al. 2017, arXiv:1611.04076, eq. 9.
    """
    return 0.5 * tf.reduce_mean(tf.square(logits - target))


def hinge_real(logits: tf.Tensor) -> tf.Tensor:
    """Lift real examples above 1, and no further: mean of max(0, 1 − logit).

    Args:
        logits: of real examples, float32 (batch,).

    Returns:
        Scalar float32, at least 0.

    Source: Miyato et al. 2018, arXiv:1802.05957, eq. 16.
    """
    return tf.reduce_mean(tf.nn.relu(1.0 - logits))


def hinge_fake(logits: tf.Tensor) -> tf.Tensor:
    """Press fake examples below −1, and no further: mean of max(0, 1 + logit).

    Args:
        logits: of fake examples, float32 (batch,).

    Returns:
        Scalar float32, at least 0.

    Source: Miyato et al. 2018, arXiv:1802.05957, eq. 16.
    """
    return tf.reduce_mean(tf.nn.relu(1.0 + logits))


def lower(logits: tf.Tensor) -> tf.Tensor:
    """Lower the scores: their mean. What a Wasserstein critic does with fake examples."""
    return tf.reduce_mean(logits)


def higher(logits: tf.Tensor) -> tf.Tensor:
    """Raise the scores: minus their mean. What a Wasserstein critic does with real examples, and what the
    generators of Wasserstein and hinge losses do with theirs.

    Source: Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1; Miyato et al. 2018, eq. 17.
    """
    return -tf.reduce_mean(logits)


@dataclass(frozen=True, kw_only=True)
class AdversarialLoss:
    """Both sides of a game.

    Args:
        real, fake: what the discriminator minimises, from logits float32 (batch, ...) to a scalar.
        generator: what the generator minimises, from the logits of its examples.
        smoothed: `real` with a target other than 1; None where the loss has no target.
    """

    real: Callable[[tf.Tensor], tf.Tensor]
    fake: Callable[[tf.Tensor], tf.Tensor]
    generator: Callable[[tf.Tensor], tf.Tensor]
    smoothed: Callable[[tf.Tensor, float], tf.Tensor] | None = None


#: By the names they have in settings.
ADVERSARIAL_LOSSES = {
    "minimax": AdversarialLoss(
        real=discriminator_real, fake=discriminator_fake, generator=minimax, smoothed=discriminator_real
    ),
    "non-saturating": AdversarialLoss(
        real=discriminator_real,
        fake=discriminator_fake,
        generator=non_saturating,
        smoothed=discriminator_real,
    ),
    "least-squares": AdversarialLoss(
        real=lambda logits: least_squares(logits, 1.0),
        fake=lambda logits: least_squares(logits, 0.0),
        generator=lambda logits: least_squares(logits, 1.0),
        smoothed=least_squares,
    ),
    "hinge": AdversarialLoss(real=hinge_real, fake=hinge_fake, generator=higher),
    "wasserstein": AdversarialLoss(real=higher, fake=lower, generator=higher),
}


def adversarial_loss(name: str) -> AdversarialLoss:
    """Return the loss that settings call so: one of gansuite's, or one that an installed distribution brings.

    Raises:
        UsageError: there is none.
        PluginError: importing it failed, or it is no `AdversarialLoss`.
    """
    if name in ADVERSARIAL_LOSSES:
        return ADVERSARIAL_LOSSES[name]
    loss, owner = bring(LOSSES, name, "loss")
    if not isinstance(loss, AdversarialLoss):
        raise PluginError("is not a gansuite.losses.adversarial.AdversarialLoss", where=owner)
    return loss
