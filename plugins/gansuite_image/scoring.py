"""How good generated pictures are, beside the held-out ones."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gansuite.data.cache import Cache
from gansuite.domain import Evaluation, Score, Split
from gansuite.errors import ConfigError
from gansuite.metrics.duplicates import SAME, duplicate_share
from gansuite.metrics.features.classifier import trained_classifier
from gansuite.metrics.features.inception import inception
from gansuite.metrics.features.model import FeatureModel
from gansuite.metrics.features.saved import saved_model
from gansuite.metrics.frechet import frechet_distance
from gansuite.metrics.kernel import kernel_distance
from gansuite.metrics.manifold import precision_and_recall
from gansuite.metrics.sampling import some_rows
from gansuite_image.config import ImageGAN
from gansuite_image.game import EXAMPLES, LABELS
from gansuite_image.generating import Seen, generate, labels_like

COMPONENTS = 32
#: Real ones that are learned about, where no more are generated.
MOST_PICTURES = 10_000
#: Numbers in all of them, in memory.
MOST_NUMBERS = 1 << 28


@dataclass(frozen=True, kw_only=True)
class Real:
    """What generated pictures are compared with, as rows of numbers.

    Attributes:
        train: of the pictures that were learned from.
        count: how many held-out or generated ones are compared with those: the distance of a sample grows as
            it shrinks, so it is the same for both.
        reference: figures of the held-out ones.
    """

    train: np.ndarray
    count: int
    reference: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class RealFeatures(Real):
    """What a network sees in real pictures."""

    model: FeatureModel


@dataclass(frozen=True, kw_only=True)
class RealPixels(Real):
    """Real pictures in their principal components."""

    components: Any


def picture_scores(
    evaluation: Evaluation, config: ImageGAN, pictures: Callable[[], Cache]
) -> Sequence[Score]:
    """Judge generated pictures.

    Args:
        evaluation: makes them.
        config: the settings of the run.
        pictures: the prepared pictures that a classifier was trained on.
    """
    features, pixels, known = evaluation.once("real pictures", lambda: _real(evaluation, config, pictures))
    labels = None if known is None else labels_like(known, evaluation.count, seed=evaluation.seed)
    kept = np.empty((min(pixels.count, evaluation.count), *config.data.shape), np.float32)
    seen = generate(evaluation, labels, None if features is None else features.model, kept)
    found = [] if features is None or seen is None else feature_scores(seen, features)
    return (*found, *pixel_scores(kept, pixels))


def _real(
    evaluation: Evaluation, config: ImageGAN, pictures: Callable[[], Cache]
) -> tuple[RealFeatures | None, RealPixels, np.ndarray | None]:
    numbers = config.data.size**2 * config.data.channels
    most = min(max(MOST_PICTURES, evaluation.count), max(MOST_NUMBERS // numbers, 1))
    train, labels = _loaded(evaluation, "train", most)
    held_out, _ = _loaded(evaluation, "valid", min(most, evaluation.count))
    model = feature_model(config, pictures)
    features = None if model is None else real_features(train, held_out, model)
    return features, real_pixels(train, held_out), labels


def _loaded(evaluation: Evaluation, split: Split, most: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Pictures in [0, 1], and their labels where there are classes."""
    loaded = evaluation.load(split, most)
    return np.asarray((loaded[EXAMPLES] + 1) / 2), loaded.get(LABELS)


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
            return saved_model(settings.file, settings.layer, settings.preprocessing)
        case "none":
            return None
    model = trained_classifier(pictures())
    if model is None and settings.features == "classifier":
        command = f"gansuite datasets features {shlex.quote(data.source)}"
        form = f"--size {data.size} --channels {data.channels} --fit {data.fit}"
        hint = f"Train it: {command} {form} --valid-share {data.valid_share}"
        raise ConfigError("there is no classifier for this data", where="evaluation.features", hint=hint)
    return model


def real_features(train: np.ndarray, held_out: np.ndarray, model: FeatureModel) -> RealFeatures:
    """Look at real pictures, float32 (n, size, size, channels) in [0, 1], with a network.

    Args:
        train: those that were learned from.
        held_out: others, at most as many as will be generated.
        model: what looks.
    """
    known, kept = model.features(train), model.features(held_out)
    return RealFeatures(train=known, count=len(kept), reference=_figures(known, kept), model=model)


def feature_scores(fake: Seen, real: RealFeatures) -> list[Score]:
    """Judge by the features of a network.

    Args:
        fake: what it sees in generated pictures.
        real: what they are compared with.
    """
    made = fake.features
    count = min(len(made), real.count)
    figures = _figures(real.train, made[:count])
    described = real.model.describe()
    labelled = "" if fake.labels is None else ", labels as frequent in both"
    with_what = f"{count} generated and {len(real.train)} training pictures{labelled}; {described}"

    def score(name: str, meaning: str, better: Literal["lower", "higher"]) -> Score:
        value, reference = figures[name], real.reference[name]
        return Score(name=name, value=value, reference=reference, meaning=meaning, better=better)

    scores = [
        score(
            "FID",
            f"Fréchet distance, lower is better; {with_what}; reference: {real.count} held-out ones",
            "lower",
        ),
        score(
            "KID",
            f"kernel distance, 0 at best, deviation over subsets {figures['deviation']:.2g}; {with_what}",
            "lower",
        ),
        score("precision", f"share of generated pictures among the real ones; {with_what}", "higher"),
        score("recall", f"share of real pictures among the generated ones; {with_what}", "higher"),
    ]
    if len(made) > count:
        # The published protocol, if there are enough of both.
        with_all = f"{len(made)} generated and {len(real.train)} training pictures{labelled}"
        meaning = f"FID by all {with_all}; {described}"
        distance = frechet_distance(real.train, made)
        scores.append(Score(name="FID, all", value=distance, reference=None, meaning=meaning, better="lower"))
    agreed = fake.agreement
    if agreed is not None:
        shown = f"{len(made)} generated pictures, labels as frequent as in the data,"
        meaning = f"share of {shown} that show their class; {described}"
        scores.append(
            Score(name="label agreement", value=agreed, reference=None, meaning=meaning, better="higher")
        )
    return scores


def _figures(real: np.ndarray, others: np.ndarray) -> Mapping[str, float]:
    mean, deviation = kernel_distance(real, others)
    precision, recall = precision_and_recall(real[some_rows(len(real), len(others))], others)
    return {
        "FID": frechet_distance(real, others),
        "KID": mean,
        "deviation": deviation,
        "precision": precision,
        "recall": recall,
    }


def real_pixels(train: np.ndarray, held_out: np.ndarray) -> RealPixels:
    """Find the principal components of real pictures; arguments as of `real_features`."""
    from sklearn.decomposition import PCA  # slow to import

    known, kept = _rows(train), _rows(held_out)
    components = PCA(min(COMPONENTS, *known.shape), random_state=0).fit(known)
    known = components.transform(known)
    reference = {
        "distance": frechet_distance(known, components.transform(kept)),
        "duplicates": duplicate_share(kept),
    }
    return RealPixels(train=known, count=len(kept), reference=reference, components=components)


def pixel_scores(fake: np.ndarray, real: RealPixels) -> list[Score]:
    """Judge by the pixels themselves: cheap, and blind to what a picture shows.

    Args:
        fake: generated pictures, float32 (n, size, size, channels) in [0, 1].
        real: what they are compared with.
    """
    made = _rows(fake[: real.count])
    return [
        Score(
            name="pixel PCA Fréchet distance",
            value=frechet_distance(real.train, real.components.transform(made)),
            reference=real.reference["distance"],
            meaning=f"of {len(made)} generated to {len(real.train)} training pictures, in the first "
            f"{real.components.n_components_} principal components of the training pixels; lower is better; "
            f"no FID: it does not see what a picture shows; reference: {real.count} held-out pictures",
            better="lower",
        ),
        Score(
            name="duplicates",
            value=duplicate_share(made),
            reference=real.reference["duplicates"],
            meaning=f"share of {len(made)} generated pictures that equal another one "
            f"(root mean square difference below {SAME} of the range); reference: held-out pictures",
            better="closer",
        ),
    ]


def _rows(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32, copy=False)
