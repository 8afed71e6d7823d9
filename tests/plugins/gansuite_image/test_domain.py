"""The image domain: what it reads, how it plays and what it answers."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.cli import main
from gansuite.config import assignments, resolve
from gansuite.errors import ConfigError, DataError
from gansuite.export.asking import example_inputs
from gansuite.game import Turn
from gansuite.noise import Noise
from gansuite.training.answers import Answers
from gansuite_image.config import DCGAN
from gansuite_image.domain import ImageDomain
from warm import warm

SMALL = ("data.size=16", "data.channels=1", "generator.width=4", "discriminator.width=4", "latent=8")


def domain(*settings: str) -> ImageDomain:
    return ImageDomain(resolve(DCGAN, [assignments([*SMALL, *settings])]))


def test_digits_are_the_default_and_keep_their_labels() -> None:
    images = domain()
    train, valid = images.examples("train"), images.examples("valid")
    assert train.size + valid.size == 1797
    assert train.spec["examples"] == tf.TensorSpec([16, 16, 1], tf.float32)
    batch = train.load(tf.range(64, dtype=tf.int64), Noise(seed=0, rows=64))
    assert -1 <= float(tf.reduce_min(batch["examples"])) < -0.9
    labelled = domain("data.classes=10").examples("train")
    batch = labelled.load(tf.range(64, dtype=tf.int64), Noise(seed=0, rows=64))
    assert set(batch["labels"].numpy().tolist()) == set(range(10))


def test_a_sample_is_a_function_of_its_seed_alone() -> None:
    images = domain()
    networks = images.networks()
    sample = images.endpoints()["sample"].function
    together = sample(networks, seed=tf.constant([5, 6, 7], tf.int64))["images"]
    alone = sample(networks, seed=tf.constant([6], tf.int64))["images"]
    assert np.allclose(together[1:2], alone, atol=1e-6)
    assert not np.allclose(together[0], together[1])
    assert together.shape == (3, 16, 16, 1)
    assert 0 <= float(tf.reduce_min(together)) <= float(tf.reduce_max(together)) <= 1


@pytest.mark.parametrize(("loss", "term"), [("non-saturating", "non_saturating"), ("minimax", "minimax")])
def test_each_player_s_loss_reaches_what_it_trains(loss: str, term: str) -> None:
    images = domain(f"loss={loss}")
    networks = images.networks()
    batch = images.examples("train").load(tf.range(8, dtype=tf.int64), Noise(seed=0, rows=8))
    turn = Turn(networks=networks, batch=batch, noise=Noise(seed=0, rows=8), step=tf.constant(0, tf.int64))
    (phase,) = images.phases()
    names = {}
    for player in phase.players:
        with tf.GradientTape() as tape:
            terms = player.loss(turn)
            total = tf.add_n(list(terms.values()))
        weights = [weight.value for name in player.trains for weight in networks[name].trainable_weights]
        assert None not in tape.gradient(total, weights)
        names[player.name] = list(terms)
    assert names == {"discriminator": ["real", "fake"], "generator": [term]}


def test_a_batch_of_one_is_refused_with_batch_normalisation() -> None:
    with pytest.raises(ConfigError, match=r"training\.batch_size"):
        domain("training.batch_size=1")
    domain("training.batch_size=1", "generator.batch_norm=false", "discriminator.batch_norm=false")


@pytest.mark.parametrize(
    "settings",
    [
        ("training.batch_size=4", "training.accumulate=4"),
        ("discriminator.deviation=true", "training.batch_size=12", "training.accumulate=2"),
        ("feature_matching=1", "training.accumulate=2"),
    ],
)
def test_parts_of_a_batch_that_are_too_small_are_refused(settings: tuple[str, ...]) -> None:
    domain(*settings[:-1])
    with pytest.raises(ConfigError):
        domain(*settings)


def test_shares_of_a_batch_that_no_groups_can_be_made_of_are_refused(two_devices: list[str]) -> None:
    images = domain("discriminator.deviation=true", "training.batch_size=12")
    images.phases()
    with tf.distribute.MirroredStrategy(two_devices).scope():
        with pytest.raises(ConfigError, match="compares 4 pictures"):
            images.phases()
        domain("discriminator.deviation=true", "training.batch_size=16").phases()


def test_a_description_counts_and_names_what_was_skipped(tmp_path: Path) -> None:
    for number in range(12):
        Image.new("RGB", (20, 20), (number, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    images = domain(f"data.source={tmp_path}", "data.channels=3", "data.valid_share=0.0")
    described = images.describe()["images"]
    assert described["counts"] == {"train": 12, "valid": 0}
    assert described["skipped_count"] == 1
    assert described["skipped"][0][0] == "broken.png"
    with pytest.raises(DataError, match="no pictures in the valid part"):
        images.examples("valid")


def test_dcgan_learns_generates_and_judges_from_the_command_line(tmp_path: Path) -> None:
    def gansuite(*args: str) -> str:
        command = [*warm(), *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    run, out = str(tmp_path / "run"), tmp_path / "out"
    small = [part for setting in SMALL for part in ("--set", setting)]
    gansuite("train", "dcgan", "--steps", "4", "--batch-size", "8", "--out", run, *small, "-q")
    gansuite("generate", run, "-n", "3", "--seed", "7", "-o", str(out))
    assert sorted(file.name for file in out.glob("*.png")) == [
        *("grid.png", "seed-7.png", "seed-8.png", "seed-9.png"),
    ]
    judged = gansuite("evaluate", run, "-n", "50")
    assert "Fréchet distance" in judged
    assert "duplicates" in judged


def test_a_label_s_own_pictures_are_made_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twelve pictures of two classes in folders named after them; the run knows both names."""
    for number in range(12):
        folder = tmp_path / "pictures" / ("cat" if number % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 16), (20 * number, 0, 0)).save(folder / f"{number}.png")
    run, data = tmp_path / "run", str(tmp_path / "pictures")
    small = [part for setting in SMALL for part in ("--set", setting)]
    quick = ("--steps", "2", "--batch-size", "4", "--set", "data.classes=2", "--set", "data.valid_share=0")
    assert main(["train", "cgan", "--data", data, "--out", str(run), *small, *quick, "-q"]) == 0
    for label, number in (("cat", 0), ("1", 1)):
        out = tmp_path / label
        assert main(["generate", str(run), "-n", "2", "--label", label, "-o", str(out)]) == 0
        assert (out / f"label-{number}-seed-1.png").is_file()
    assert main(["generate", str(run), "-n", "2", "-o", str(tmp_path / "any")]) == 0
    capsys.readouterr()
    assert main(["generate", str(run), "--label", "bird"]) == 2
    assert "It knows cat, dog." in capsys.readouterr().err


def test_labels_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"labels up to 9, but only 5 classes"):
        domain("data.classes=5").examples("train")
    Image.new("L", (16, 16)).save(tmp_path / "alone.png")
    with pytest.raises(DataError, match="have no labels"):
        domain("data.classes=2", f"data.source={tmp_path}", "data.valid_share=0").examples("train")


def test_classes_without_pictures_are_refused_in_training_and_named_where_there_are_gaps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, labels in (("two", [0, 1]), ("gaps", [1, 3])):
        images = np.random.default_rng(0).integers(0, 256, (60, 16, 16), np.uint8)
        np.savez(tmp_path / f"{name}.npz", images=images, labels=np.resize(labels, 60))
    two, gaps, run = (str(tmp_path / name) for name in ("two.npz", "gaps.npz", "run"))
    small = [part for setting in SMALL for part in ("--set", setting)]
    train = ["train", "cgan", *small, "--steps", "2", "--batch-size", "4", "--out", run]
    assert main([*train, "--data", two]) == 2
    said = capsys.readouterr().err
    assert "data.classes" in said
    assert "there are labels up to 1, but 10 classes" in said
    assert "Set data.classes=2." in said
    assert main([*train, "--data", gaps, "--set", "data.classes=4"]) == 0
    assert "no picture to learn from has one of the labels 0, 2, of 4 classes" in capsys.readouterr().err
    assert main(["evaluate", run, "--data", two, "-n", "20"]) == 0
    assert "no picture to learn from" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("endpoint", "labels", "answered"),
    [("generate", [0, 2], True), ("generate", [0, 3], False), ("generate", [-1, 0], False),
     ("sample", [-7, 2], True), ("sample", [99, 0], False)],
)  # fmt: skip
def test_a_label_of_no_class_is_refused(endpoint: str, labels: list[int], answered: bool) -> None:
    images = domain("data.classes=3")
    inputs = {"generate": {"latents": np.zeros((2, 8), np.float32)}, "sample": {"seed": np.arange(2)}}
    ask = partial(
        Answers(images, images.networks()).call, endpoint, {**inputs[endpoint], "labels": np.int32(labels)}
    )
    if answered:
        assert len(ask()["images"]) == 2
        return
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels go from 0 to 2, not"):
        ask()


@pytest.mark.parametrize("classes", [1, 3])
def test_examples_of_what_is_asked_name_classes_that_there_are(classes: int) -> None:
    images = domain(f"data.classes={classes}")
    answers = Answers(images, images.networks())
    for name, one in images.endpoints().items():
        assert len(answers.call(name, example_inputs(name, one, 4))["images"]) == 4


def test_the_label_of_a_seed_s_own_choice_is_a_function_of_the_seed() -> None:
    images = domain("data.classes=10")
    networks = images.networks()
    sample = images.endpoints()["sample"].function
    seeds = tf.range(50, dtype=tf.int64)
    chosen = sample(networks, seed=seeds, labels=-tf.ones(50, tf.int32))["images"]
    alone = sample(networks, seed=seeds[7:8], labels=-tf.ones(1, tf.int32))["images"]
    assert np.allclose(chosen[7:8], alone, atol=1e-6)
    of_label = [
        sample(networks, seed=seeds[7:8], labels=tf.fill([1], label))["images"] for label in range(10)
    ]
    assert sum(np.allclose(alone, one, atol=1e-6) for one in of_label) == 1
