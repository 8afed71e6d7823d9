"""How good generated pictures are, beside the held-out ones."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gansuite.data.cache import Cache
from gansuite.domain import Evaluation, Score
from gansuite.errors import ConfigError
from gansuite.metrics.duplicates import SAME, duplicate_share
from gansuite.metrics.features.classifier import trained_classifier
from gansuite.metrics.features.inception import inception
from gansuite.metrics.features.model import FeatureModel
from gansuite.metrics.features.saved import saved_model
from gansuite.metrics.frechet import frechet_distance
from gansuite.metrics.kernel import kernel_distance
from gansuite.metrics.manifold import precision_and_recall
from gansuite_image.config import ImageGAN
from gansuite_image.game import EXAMPLES

COMPONENTS = 32
MOST_PICTURES = 10_000
#: Numbers in all of them, in memory.
MOST_NUMBERS = 1 << 28


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The pictures to compare, float32 (n, size, size, channels) in [0, 1].

    Attributes:
        fake: generated ones.
        labels: what they were to show, int32 (n,); None where there are no classes.
        train: real ones that were learned from.
        held_out: others, at most as many as generated ones.
    """

    fake: np.ndarray
    labels: np.ndarray | None
    train: np.ndarray
    held_out: np.ndarray

    @property
    def equal(self) -> int:
        """As many as there are on both sides of a comparison: distances of samples grow as these shrink."""
        return min(len(self.fake), len(self.held_out))


def picture_scores(
    evaluation: Evaluation, config: ImageGAN, pictures: Callable[[], Cache]
) -> Sequence[Score]:
    """Judge generated pictures.

    Args:
        evaluation: makes them.
        config: the settings of the run.
        pictures: the prepared pictures that a classifier was trained on.
    """
    seeds = np.arange(evaluation.seed, evaluation.seed + evaluation.count)
    labels = (
        np.arange(evaluation.count, dtype=np.int32) % config.data.classes if config.data.classes else None
    )
    inputs: dict[str, np.ndarray] = {"seed": seeds} if labels is None else {"seed": seeds, "labels": labels}
    numbers = config.data.size**2 * config.data.channels
    most = min(MOST_PICTURES, max(MOST_NUMBERS // numbers, 1))
    judged = Judged(
        fake=evaluation.call("sample", inputs)["images"],
        labels=labels,
        train=_unit(evaluation.load("train", most)[EXAMPLES]),
        held_out=_unit(evaluation.load("valid", min(most, evaluation.count))[EXAMPLES]),
    )
    model = feature_model(config, pictures)
    found = [] if model is None else feature_scores(judged, model)
    return (*found, *pixel_scores(judged))


def feature_model(config: ImageGAN, pictures: Callable[[], Cache]) -> FeatureModel | None:
    """Open the feature network that some settings name; None for none.

    Raises:
        ConfigError: it is the classifier, which was not trained yet.
        DataError: its file is not there, or another one.
    """
    settings, data = config.evaluation, config.data
    match settings.features:
        case "inception":
            return inception(settings.file)
        case "file":
            if settings.file is None:
                raise ConfigError("no file is named", where="evaluation.file", hint="Name a .keras file.")
            return saved_model(settings.file, settings.layer)
        case "none":
            return None
    model = trained_classifier(pictures())
    if model is None and settings.features == "classifier":
        command = f"gansuite datasets features {shlex.quote(data.source)}"
        hint = f"Train it: {command} --size {data.size} --channels {data.channels} --fit {data.fit}"
        raise ConfigError("there is no classifier for this data", where="evaluation.features", hint=hint)
    return model


def feature_scores(judged: Judged, model: FeatureModel) -> list[Score]:
    """Judge by the features of a network."""
    all_made, guessed = model.both(judged.fake)
    fake = all_made[: judged.equal]
    real, kept = model.features(judged.train), model.features(judged.held_out)[: judged.equal]
    with_what = f"{len(fake)} generated and {len(real)} training pictures; {model.describe()}"
    mean, deviation = kernel_distance(real, fake)
    kept_mean, _ = kernel_distance(real, kept)
    precision, recall = precision_and_recall(real, fake)
    kept_precision, kept_recall = precision_and_recall(real, kept)
    scores = [
        Score(
            name="FID",
            value=frechet_distance(real, fake),
            reference=frechet_distance(real, kept),
            meaning=f"Fréchet distance, lower is better; {with_what}; reference: {len(kept)} held-out ones",
            better="lower",
        ),
        Score(
            name="KID",
            value=mean,
            reference=kept_mean,
            meaning=f"kernel distance, 0 at best, deviation over subsets {deviation:.2g}; {with_what}",
            better="lower",
        ),
        Score(
            name="precision",
            value=precision,
            reference=kept_precision,
            meaning=f"share of generated pictures among the real ones; {with_what}",
            better="higher",
        ),
        Score(
            name="recall",
            value=recall,
            reference=kept_recall,
            meaning=f"share of real pictures among the generated ones; {with_what}",
            better="higher",
        ),
    ]
    if judged.labels is not None and guessed is not None:
        agreed = float(np.mean(guessed.argmax(axis=1) == judged.labels))
        meaning = f"share of {len(all_made)} generated pictures that show their class; {model.describe()}"
        scores.append(
            Score(name="label agreement", value=agreed, reference=None, meaning=meaning, better="higher")
        )
    return scores


def pixel_scores(judged: Judged) -> list[Score]:
    """Judge by the pixels themselves: cheap, and blind to what a picture shows."""
    from sklearn.decomposition import PCA  # slow to import

    fake, train, held_out = map(_rows, (judged.fake, judged.train, judged.held_out))
    equal = judged.equal
    pca = PCA(min(COMPONENTS, *train.shape), random_state=0).fit(train)
    known, made, kept = (pca.transform(rows) for rows in (train, fake[:equal], held_out[:equal]))
    return [
        Score(
            name="pixel PCA Fréchet distance",
            value=frechet_distance(known, made),
            reference=frechet_distance(known, kept),
            meaning=f"of {equal} generated to {len(train)} training pictures, in the first "
            f"{pca.n_components_} principal components of the training pixels; lower is better; no FID: it "
            f"does not see what a picture shows; reference: {equal} held-out pictures",
            better="lower",
        ),
        Score(
            name="duplicates",
            value=duplicate_share(fake[:equal]),
            reference=duplicate_share(held_out[:equal]),
            meaning=f"share of {equal} generated pictures that equal another one "
            f"(root mean square difference below {SAME} of the range); reference: held-out pictures",
            better="closer",
        ),
    ]


def _unit(images: np.ndarray) -> np.ndarray:
    return np.asarray((images + 1) / 2)


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32)
