"""What a command line asks for: defaults < data set < preset < files < --set < flags."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sites import Site

from gansuite import composition
from gansuite.composition import (
    Request,
    check_source,
    compose,
    compose_resumed,
    compose_with_data,
    of_other_data,
)
from gansuite.config import layered, to_toml
from gansuite.data.cards import Card
from gansuite.errors import ConfigError, DataError, UsageError
from gansuite.registry import load
from gansuite.runs import Run

if TYPE_CHECKING:
    from gansuite.plugin import Plugin


def card(name: str, **settings: object) -> Card:
    return Card(
        name=name,
        title=name,
        summary=name,
        holds="pictures",
        licence="-",
        layout="-",
        loader="a:b",
        settings={"good": settings},
    )


@pytest.fixture
def good(site: Site, monkeypatch: pytest.MonkeyPatch) -> Plugin:
    """A plugin whose default data are chorales, which want a width of 16, as folk wants one of 32."""
    site.install_plugin("good")
    known = {
        "chorales": card("chorales", width=16, voices=["soprano"]),
        "folk": card("folk", width=32, training={"steps": 7}),
        "other": Card(name="other", title="", summary="", holds="music", licence="", layout="", loader="a:b"),
    }
    monkeypatch.setattr(composition, "cards", lambda: known)
    return load("good")


def test_the_card_of_the_default_data_is_right_above_the_defaults(good: Plugin) -> None:
    config = compose(good, Request())
    assert (config.width, config.voices, config.training.steps) == (16, ("soprano",), 100)


@pytest.mark.parametrize("place", ["preset", "file", "set", "flag"])
def test_the_card_is_that_of_the_data_which_all_layers_together_name(
    good: Plugin, tmp_path: Path, place: str
) -> None:
    file = tmp_path / "my.toml"
    file.write_text('data.source = "folk"\n')
    request = {
        "preset": Request(assignments=["data.source=folk"], preset="small"),
        "file": Request(files=[file]),
        "set": Request(files=[file], assignments=["data.source=chorales", "data.source=folk"]),
        "flag": Request(
            assignments=["data.source=chorales"], flags=[layered("data.source", "folk", "--data")]
        ),
    }[place]
    config = compose(good, request)
    assert (config.data.source, config.width, config.voices) == ("folk", 32, ("lead",))
    assert config.training.steps == (3 if place == "preset" else 7)


def test_every_layer_wins_over_the_ones_before(good: Plugin, tmp_path: Path) -> None:
    first, second = tmp_path / "1.toml", tmp_path / "2.toml"
    first.write_text("[training]\nsteps = 4\nseed = 4\nkeep = 4\ndevices = 4\n")
    second.write_text("[training]\nseed = 5\nkeep = 5\ndevices = 5\n")
    request = Request(
        preset="small",
        files=[first, second],
        assignments=["training.keep=6", "training.devices=6"],
        flags=[layered("training.devices", 7, "--devices")],
    )
    training = compose(good, request).training
    assert (training.steps, training.seed, training.keep, training.devices) == (4, 5, 6, 7)
    assert compose(good, Request(preset="small")).training.steps == 3


def test_data_without_a_card_for_the_plugin_leaves_the_defaults(good: Plugin) -> None:
    assert compose(good, Request(assignments=["data.source=other"])).width == 8


def test_a_message_names_the_layer(good: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        ConfigError, match=r"training\.stepz \(preset wrong\).*\n.*did you mean training\.steps"
    ):
        compose(good, Request(preset="wrong"))
    with pytest.raises(
        ConfigError, match=r"training\.steps \(--steps\): expected a whole number of at least 1"
    ):
        compose(good, Request(flags=[layered("training.steps", 0, "--steps")]))
    monkeypatch.setattr(composition, "cards", lambda: {"chorales": card("chorales", widht=3)})
    with pytest.raises(ConfigError, match=r"widht \(data set chorales\).*\n.*did you mean width"):
        compose(good, Request())


def test_an_unknown_preset_is_answered_with_the_nearest(good: Plugin) -> None:
    with pytest.raises(UsageError, match=r"plugin good: there is no preset 'smal'\n  did you mean small\?"):
        compose(good, Request(preset="smal"))


def test_a_written_config_is_a_file_of_its_plugin_only(good: Plugin, tmp_path: Path) -> None:
    config = compose(good, Request(assignments=["width=99"]))
    file = tmp_path / "my.toml"
    file.write_text(to_toml(config, header={"plugin": "good", "api": 1}))
    assert compose(good, Request(files=[file])) == config
    file.write_text(to_toml(config, header={"plugin": "other", "api": 1}))
    with pytest.raises(ConfigError, match=r"plugin \(.*my\.toml\): is for plugin 'other', not good"):
        compose(good, Request(files=[file]))
    file.write_text(to_toml(config, header={"plugin": "good", "api": 2}))
    with pytest.raises(ConfigError, match="is written for plugin interface 2"):
        compose(good, Request(files=[file]))


def test_a_path_of_data_is_kept_from_the_root(
    good: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folk").mkdir()
    monkeypatch.chdir(tmp_path)
    assert compose(good, Request(assignments=["data.source=./folk"])).data.source == str(tmp_path / "folk")
    assert compose(good, Request(assignments=["data.source=folk"])).data.source == "folk"


def test_every_path_is_kept_from_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    musegan = load("musegan")
    for value, kept in (("fonts/a.sf2", tmp_path / "fonts" / "a.sf2"), ("none", None)):
        config = compose(musegan, Request(assignments=[f"output.soundfont={value}"]))
        assert config.output.soundfont == kept


def test_a_path_in_the_home_of_nobody_is_named(tmp_path: Path) -> None:
    musegan, file = load("musegan"), tmp_path / "my.toml"
    message = r"output\.soundfont \(--set\): ~nobody-of-this-name/a\.sf2 cannot be reached"
    with pytest.raises(ConfigError, match=message):
        compose(musegan, Request(assignments=["output.soundfont=~nobody-of-this-name/a.sf2"]))
    file.write_text('data.source = "~nobody-of-this-name/songs"\n')
    config = compose(musegan, Request(files=[file], assignments=["data.source=chorales"]))
    (told,) = of_other_data(config, [file])
    assert "is for the data ~nobody-of-this-name/songs, and its settings hold for chorales" in told


def test_data_that_is_neither_a_name_nor_a_path_is_refused(good: Plugin) -> None:
    with pytest.raises(DataError, match="Did you mean chorales"):
        check_source(good, compose(good, Request(assignments=["data.source=chorals"])))
    check_source(good, compose(good, Request()))


def test_data_of_a_kind_that_a_plugin_does_not_read_are_refused(good: Plugin, tmp_path: Path) -> None:
    plugin = dataclasses.replace(good, reads=("music", "points"))
    folder = compose(plugin, Request(assignments=[f"data.source={tmp_path}"]))
    check_source(plugin, folder)
    check_source(plugin, compose(plugin, Request(assignments=["data.source=other"])))
    expected = "data set folk: holds pictures; good reads music or points\n  Name one of other, or a folder"
    with pytest.raises(DataError, match=expected):
        check_source(plugin, compose(plugin, Request(assignments=["data.source=folk"])))


def run(good: Plugin, folder: Path, *assignments: str) -> Run:
    config = compose(good, Request(assignments=assignments))
    return Run.create(folder / "run", "good", to_toml(config, header={"plugin": "good", "api": 1}))


def test_a_resumed_run_keeps_its_settings_whatever_the_card_says_now(
    good: Plugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = run(good, tmp_path, "training.seed=5")
    monkeypatch.setattr(composition, "cards", lambda: {"chorales": card("chorales", width=64)})
    config = compose_resumed(good, made, Request())
    assert (config.width, config.training.seed) == (16, 5)


def test_a_resumed_run_may_go_on_longer_and_elsewhere(good: Plugin, tmp_path: Path) -> None:
    made = run(good, tmp_path)
    request = Request(assignments=["training.steps=500", "training.devices=2", "training.seed=0"])
    config = compose_resumed(good, made, request)
    assert (config.training.steps, config.training.devices) == (500, 2)


def test_a_resumed_run_refuses_every_setting_that_contradicts_it(good: Plugin, tmp_path: Path) -> None:
    made = run(good, tmp_path)
    request = Request(
        assignments=["training.steps=500", "training.seed=3"], flags=[layered("width", 5, "--width")]
    )
    with pytest.raises(ConfigError) as caught:
        compose_resumed(good, made, request)
    assert "training.seed: 0 before, 3 now" in str(caught.value)
    assert "width: 16 before, 5 now" in str(caught.value)
    assert "training.steps" not in str(caught.value)


def test_a_run_is_looked_at_with_other_data(good: Plugin, tmp_path: Path) -> None:
    made = run(good, tmp_path)
    assert compose_with_data(good, made, None).data.source == "chorales"
    changed = compose_with_data(good, made, str(tmp_path))
    assert (changed.data.source, changed.width) == (str(tmp_path), 16)
    with pytest.raises(DataError, match="nowhere"):
        compose_with_data(good, made, "nowhere")


def test_a_plugin_without_data_refuses_some(site: Site) -> None:
    source = """
        from dataclasses import dataclass

        from gansuite.config import setting
        from gansuite.settings import Training


        @dataclass(frozen=True, kw_only=True)
        class Config:
            training: Training = setting(Training(steps=100), help="Training.")
    """
    site.install_plugin("ring", files={"config.py": source})
    plugin = load("ring")
    assert compose(plugin, Request()).training.steps == 100
    check_source(plugin, compose(plugin, Request()))
    with pytest.raises(UsageError, match="--data: plugin ring reads no data"):
        composition.data_layer(plugin, "chorales")
