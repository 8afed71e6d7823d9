"""Which pictures are normal: classes of arrays, folders, and the layout of MVTec AD."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from anomalies import domain, write
from gansuite.errors import ConfigError, DataError
from gansuite.metrics.evaluation import DomainEvaluation
from gansuite.noise import Noise
from gansuite.training.answers import Answers
from gansuite_anomaly.scoring import anomaly_scores


def pictures(examples: object, count: int) -> dict[str, np.ndarray]:
    loaded = examples.load(tf.range(count, dtype=tf.int64), Noise(seed=0, rows=count))  # type: ignore[attr-defined]
    return {name: rows.numpy() for name, rows in loaded.items()}


def test_one_class_is_learned_and_all_are_held_out() -> None:
    digits = domain("anogan", "data.normal=3")
    train, valid = digits.examples("train"), digits.examples("valid")
    counts = digits.describe()["normality"]
    assert counts["train"]["normal"] == train.size
    assert 100 < train.size < 250
    assert sum(counts["train"].values()) + valid.size == 1797
    assert sum(counts["valid"].values()) == valid.size
    assert set(train.spec) == {"examples"}
    assert int(pictures(valid, valid.size)["anomalous"].sum()) == counts["valid"]["anomalous"]


def test_it_is_said_once_how_many_are_normal(capsys: pytest.CaptureFixture[str]) -> None:
    digits = domain("anogan", "data.normal=3")
    sizes = {digits.examples("train").size for _ in range(2)}
    said = (
        f"{sizes.pop()} of the {sum(digits.describe()['normality']['train'].values())} pictures to learn from"
    )
    assert capsys.readouterr().err.count(f"{said} are normal") == 1


def test_rows_are_those_of_the_class() -> None:
    digits = domain("anogan", "data.normal=3")
    cache = digits.pictures._pictures.cache
    labels = cache.arrays["train_labels"].read(np.arange(len(cache.arrays["train_labels"])))
    images = cache.arrays["train_images"].read(np.flatnonzero(labels == 3))
    train = digits.examples("train")
    np.testing.assert_allclose(pictures(train, train.size)["examples"], images / 127.5 - 1, atol=1e-6)


def test_any_beginning_of_what_is_held_out_is_a_fair_choice() -> None:
    valid = domain("anogan", "data.normal=3").examples("valid")
    flags = pictures(valid, valid.size)["anomalous"]
    share = flags.mean()
    assert abs(flags[:60].mean() - share) < 0.1
    assert flags[:20].tolist() != sorted(flags[:20].tolist())


@pytest.mark.parametrize("plugin", ["anogan", "f-anogan"])
def test_the_layout_of_mvtec_is_understood(bottles: Path, plugin: str) -> None:
    found = domain(plugin, f"data.source={bottles}", "data.normal=")
    assert found.describe()["normality"] == {
        "train": {"normal": 12, "anomalous": 0},
        "valid": {"normal": 5, "anomalous": 4},
    }
    inputs = found.preview().inputs["images"]
    assert [image.max() > 0.2 for image in inputs] == [False] * 5 + [True] * 4


def test_many_things_in_the_layout_of_mvtec_are_not_learned_as_one(bottles: Path, tmp_path: Path) -> None:
    (tmp_path / "mvtec").mkdir()
    for thing in ("bottle", "cable"):
        (tmp_path / "mvtec" / thing).symlink_to(bottles)
    for normal in ("", "bottle"):
        found = domain("anogan", f"data.source={tmp_path / 'mvtec'}", f"data.normal={normal}")
        with pytest.raises(DataError, match="several data sets") as caught:
            found.examples("train")
        assert f"--data {tmp_path / 'mvtec' / 'bottle'}" in str(caught.value)
        assert "There are bottle, cable." in str(caught.value)


def test_pictures_without_classes_are_all_normal(tmp_path: Path) -> None:
    write(tmp_path / "plain", 20, 50)
    found = domain("anogan", f"data.source={tmp_path / 'plain'}", "data.normal=", "data.valid_share=0.3")
    counts = found.describe()["normality"]
    assert counts["train"]["normal"] + counts["valid"]["normal"] == 20
    with pytest.raises(DataError, match="no classes"):
        domain("anogan", f"data.source={tmp_path / 'plain'}", "data.normal=good").examples("train")


def test_a_class_is_named_or_numbered(tmp_path: Path) -> None:
    for name, count in (("Cracked", 3), ("Fine", 6)):
        write(tmp_path / "things" / name, count, 50)
    source = f"data.source={tmp_path / 'things'}"
    for normal in ("Fine", "fine", "1"):
        found = domain("anogan", source, f"data.normal={normal}", "data.valid_share=0")
        assert found.examples("train").size == 6
    with pytest.raises(ConfigError, match="which class is normal") as caught:
        domain("anogan", source, "data.normal=").examples("train")
    assert "Cracked, Fine" in str(caught.value)
    for wrong in ("broken", "2"):
        with pytest.raises(ConfigError, match="there is no class"):
            domain("anogan", source, f"data.normal={wrong}").examples("train")


def test_a_number_that_no_picture_has_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is no class '10'"):
        domain("anogan", "data.normal=10").examples("train")


def test_it_is_said_why_a_figure_is_undefined(tmp_path: Path) -> None:
    write(tmp_path / "plain", 20, 50)
    found = domain("anogan", f"data.source={tmp_path / 'plain'}", "data.normal=", "data.valid_share=0.3")
    answers = Answers(found, found.networks())
    scores = anomaly_scores(DomainEvaluation(domain=found, answers=answers, count=60, seed=0))
    assert [one.name for one in scores if np.isnan(one.value)] == [one.name for one in scores]
    held_out = found.examples("valid").size
    for one in scores[::2]:
        assert f"undefined: no anomalous picture is among the {held_out} held-out ones" in one.meaning
