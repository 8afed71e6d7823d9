"""What distributions bring along besides plugins: losses, metrics, cards of data sets."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sites import Site

from warm import warm

LOSS = """
    import tensorflow as tf

    from gansuite.losses.adversarial import AdversarialLoss

    halved = AdversarialLoss(
        real=lambda logits: 0.5 * tf.reduce_mean(tf.nn.softplus(-logits)),
        fake=lambda logits: 0.5 * tf.reduce_mean(tf.nn.softplus(logits)),
        generator=lambda logits: 0.5 * tf.reduce_mean(tf.nn.softplus(-logits)),
    )
    wrong = 3
"""
METRIC = """
    from gansuite.domain import Score


    def brightness(domain, evaluation):
        shown = evaluation.load("train", limit=8)["examples"]
        made = evaluation.call(domain.preview().endpoint, domain.preview().inputs)["images"]
        return [
            Score(
                name="brightness", value=float(made.mean()), reference=float(shown.mean()),
                meaning="mean of the pixels", better="closer",
            )
        ]


    def wrong(domain, evaluation):
        return ["bright"]


    def failing(domain, evaluation):
        return [1 / 0]


    def nothing(domain, evaluation):
        return None
"""
DATA = """
    import numpy as np
    from PIL import Image


    def write(card, source):
        card.folder.mkdir(parents=True, exist_ok=True)
        for number in range(12):
            picture = np.full((16, 16), 20 * number, np.uint8)
            picture[:: 1 + number % 3] = 255
            Image.fromarray(picture).save(card.folder / f"{number}.png")
        return card.folder
"""
CARD = """
    name = "{name}"
    title = "Stripes"
    summary = "Twelve pictures of stripes"
    holds = "pictures"
    licence = "CC0"
    layout = "a folder of PNG files"
    loader = "more.data:write"

    [settings.dcgan]
    data = {{ size = 8, channels = 1, valid_share = 0.25 }}
    latent = 3
    generator = {{ width = 2 }}
    discriminator = {{ width = 2 }}
    training = {{ batch_size = 4 }}
"""
MODULES = {
    "extras/__init__.py": "raise RuntimeError('listing runs code')",
    "extras/stripes.toml": CARD.format(name="stripes"),
    "extras/misnamed.toml": CARD.format(name="other"),
    "extras/broken.toml": "name = ",
    "more/__init__.py": "",
    "more/losses.py": LOSS,
    "more/metrics.py": METRIC,
    "more/data.py": DATA,
}
POINTS = {
    "gansuite.losses": {"halved": "more.losses:halved", "three": "more.losses:wrong", "gone": "nowhere:x"},
    "gansuite.metrics": {
        "brightness": "more.metrics:brightness",
        "bright": "more.metrics:wrong",
        "failing": "more.metrics:failing",
        "nothing": "more.metrics:nothing",
    },
    "gansuite.datasets": {
        **{name: f"extras:{name}" for name in ("stripes", "misnamed", "broken")},
        "away": "extras:../up",
    },
}
SMALL = ("train", "dcgan", "--data", "stripes", "--steps", "2", "-q")

Type = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def gansuite(site: Site, tmp_path: Path) -> Type:
    """Run `gansuite` in a folder, with a distribution installed that has no plugin."""
    site.install("extras-dist", MODULES, POINTS)
    environment = {**site.environment, "GANSUITE_HOME": str(tmp_path / "home")}

    def run(*words: str, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*warm(), *words], cwd=tmp_path, env={**environment, **more}, capture_output=True, text=True,
            timeout=300,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def test_a_card_is_listed_without_running_code_and_learned_from_with_its_settings(gansuite: Type) -> None:
    listed = gansuite("datasets", "list").stdout
    assert "Twelve pictures of stripes" in listed
    assert "misnamed" not in listed
    assert gansuite("datasets", "info", "stripes").stdout.splitlines()[1].endswith("Stripes")
    gansuite(*SMALL, "--out", "striped")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("misnamed", "is registered as misnamed but calls itself other"),
        ("broken", "is not a card of a data set"),
        ("away", "extras:../up is not package:file"),
    ],
)
def test_a_broken_card_says_what_is_wrong_where_it_is_asked_for(
    gansuite: Type, name: str, message: str
) -> None:
    assert message in gansuite("datasets", "info", name, code=2).stderr
    assert message in gansuite("datasets", "prepare", name, code=2).stderr


def test_a_loss_is_played_by_its_name(gansuite: Type, tmp_path: Path) -> None:
    first = {}
    for loss in ("halved", "non-saturating"):
        gansuite(*SMALL, "--set", f"loss={loss}", "--set", "training.report_every=1", "--out", loss)
        first[loss] = json.loads((tmp_path / loss / "metrics.jsonl").read_text().splitlines()[0])
    halved, whole = (one["terms"]["discriminator/real"] for one in first.values())
    assert halved == pytest.approx(whole / 2, rel=1e-5)


@pytest.mark.parametrize(
    ("sets", "code", "message"),
    [
        (("loss=halfed",), 2, "did you mean halved?"),
        (("loss=three",), 3, "loss three (from extras-dist): is not a gansuite.losses.adversarial."),
        (("loss=gone",), 3, "importing nowhere failed: ModuleNotFoundError"),
        (("loss=halved", "label_smoothing=0.1"), 2, "the loss halved has no target to smooth"),
        (('training.metrics=["dim"]',), 2, "there is no metric 'dim'"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said(gansuite: Type, sets: tuple[str, ...], code: int, message: str) -> None:
    flags = [word for one in sets for word in ("--set", one)]
    assert message in gansuite(*SMALL, *flags, "--out", "refused", code=code).stderr


def test_what_a_plugin_brings_along_goes_with_it(gansuite: Type) -> None:
    """A distribution without plugins is not meant by GANSUITE_PLUGINS."""
    assert "stripes" in gansuite("datasets", "list", GANSUITE_PLUGINS="dcgan").stdout


def test_a_metric_judges_beside_the_plugins_own(gansuite: Type) -> None:
    gansuite(*SMALL, "--out", "judged")
    judge = ("evaluate", "judged", "-n", "8", "--json", "--set")
    scores = json.loads(gansuite(*judge, 'training.metrics=["brightness"]').stdout)["scores"]
    assert len(scores) > 1
    assert scores[-1]["name"] == "brightness"
    assert scores[-1]["reference"] > scores[-1]["value"] > -1


def test_a_metric_that_is_broken_is_named(gansuite: Type) -> None:
    gansuite(*SMALL, "--out", "broken")
    for metrics, message in (
        ('["bright"]', "bright (from extras-dist): returns something other than gansuite.domain.Score"),
        ('["failing"]', "failing (from extras-dist): failed: ZeroDivisionError: division by zero"),
        ('["nothing"]', "nothing (from extras-dist): failed: TypeError: "),
        ('["brightness", "brightness"]', "there is a score 'brightness' already"),
    ):
        done = gansuite("evaluate", "broken", "-n", "8", "--set", f"training.metrics={metrics}", code=3)
        assert message in done.stderr


def test_a_run_outlives_the_package_of_its_metric(gansuite: Type, tmp_path: Path) -> None:
    gansuite(*SMALL, "--out", "left", "--set", 'training.metrics=["brightness"]')
    config = tmp_path / "left" / "config.toml"
    config.write_text(config.read_text().replace('["brightness"]', '["uninstalled"]'))
    gansuite("generate", "left", "-n", "1", "-o", "made")
    refused = gansuite("evaluate", "left", "-n", "8", code=2).stderr
    assert "there is no metric 'uninstalled'" in refused
    gansuite("evaluate", "left", "-n", "8", "--set", "training.metrics=[]")
