"""Settings on the command line: shown, taken from files and flags, kept by a run."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from sites import CONFIG, Site

from shell import Type

#: Settings of which one has no default.
STRICT = CONFIG.replace('setting("chorales", ', "setting(").replace("setting(Data(), ", "setting(")


def test_a_config_is_a_file_that_changes_nothing(gansuite: Type, tmp_path: Path) -> None:
    text = gansuite("config", "good").stdout
    assert "# How wide. (a whole number of at least 1)" in text
    (tmp_path / "work" / "my.toml").write_text(text)
    plain = gansuite("train", "good", "--dry-run", "--json").stdout
    assert gansuite("train", "good", "--config", "my.toml", "--dry-run", "--json").stdout == plain


def test_settings_are_shown_as_they_are_for_the_data_that_is_named(gansuite: Type, tmp_path: Path) -> None:
    (tmp_path / "work/pictures").mkdir()
    sizes = [
        tomllib.loads(gansuite("config", "dcgan", *more).stdout)["data"]
        for more in ([], ["--data", "pictures"])
    ]
    assert [(one["source"], one["size"], one["channels"]) for one in sizes] == [
        ("digits", 16, 1),
        (str(tmp_path / "work/pictures"), 32, 3),
    ]
    assert "Did you mean digits?" in gansuite("config", "dcgan", "--data", "digit", code=2).stderr


def test_a_setting_that_has_to_be_given_is_given_to_be_shown(
    site: Site, gansuite: Type, tmp_path: Path
) -> None:
    site.install_plugin("strict", files={"config.py": STRICT})
    assert "data.source: must be given" in gansuite("config", "strict", code=2).stderr
    (tmp_path / "work/my.toml").write_text('width = 5\n[data]\nsource = "folk"\n')
    more = ("--preset", "small", "--config", "my.toml", "--set", 'voices=["bass"]')
    values = tomllib.loads(gansuite("config", "strict", *more).stdout)
    assert (values["data"]["source"], values["width"], values["voices"]) == ("folk", 5, ["bass"])
    assert values["training"]["steps"] == 3


def test_a_file_that_is_for_other_data_is_told_of(gansuite: Type, tmp_path: Path) -> None:
    (tmp_path / "work/pictures").mkdir()
    (tmp_path / "work/mine.toml").write_text(gansuite("config", "dcgan").stdout)
    command = ("train", "dcgan", "--config", "mine.toml", "--dry-run", "--data")
    told = gansuite(*command, "pictures").stderr
    assert "mine.toml is for the data digits, and its settings hold for " in told
    assert gansuite("config", "dcgan", "--config", "mine.toml", "--data", "pictures").stderr == told
    assert gansuite(*command, "digits").stderr == ""


def test_a_dry_run_shows_the_settings_and_makes_nothing(gansuite: Type, tmp_path: Path) -> None:
    flags = ["--preset", "small", "--set", "width=5", "--batch-size", "3", "--seed", "4", "--devices", "2"]
    flags += ["--strategy", "mirrored", "--precision", "bfloat16", "--data", ".", "--out", "run"]
    values = tomllib.loads(gansuite("train", "good", *flags, "--dry-run").stdout)
    assert (values["plugin"], values["api"], values["width"]) == ("good", 1, 5)
    assert values["data"]["source"] == str(tmp_path / "work")
    shown = {name: values["training"][name] for name in ("steps", "batch_size", "seed", "devices")}
    assert shown == {"steps": 3, "batch_size": 3, "seed": 4, "devices": 2}
    assert (values["training"]["strategy"], values["training"]["precision"]) == ("mirrored", "bfloat16")
    as_json = json.loads(gansuite("train", "good", *flags, "--dry-run", "--json").stdout)
    assert as_json["training"] == values["training"]
    assert list((tmp_path / "work").iterdir()) == []


def test_a_plugin_has_flags_of_its_own(gansuite: Type, tmp_path: Path) -> None:
    values = tomllib.loads(gansuite("train", "f-anogan", "--normal", "3", "--dry-run").stdout)
    assert values["data"]["normal"] == "3"
    assert "--normal TEXT" in gansuite("train", "f-anogan", "--help").stdout
    assert "(--direction)" in gansuite("train", "pix2pix", "--direction", "up", code=2).stderr
    # What else is called like a plugin is not what is trained.
    said = gansuite("train", "--out", "dcgan", "-q", "f-anogan", "--normal", "3", "--dry-run").stdout
    assert tomllib.loads(said)["data"]["normal"] == "3"
    refused = gansuite("train", "--out", "f-anogan", "dcgan", "--normal", "3", code=2).stderr
    assert re.search("No such option:? '?--normal", refused)
    refused = gansuite("train", "good", "--normal", "3", code=2).stderr
    assert re.search("No such option:? '?--normal", refused)  # click's words, which differ by its version
    run = tmp_path / "work" / "run"
    run.mkdir()
    (run / "config.toml").write_text(gansuite("train", "f-anogan", "--normal", "3", "--dry-run").stdout)
    for words in (["--resume", "run"], ["--resume=run"]):
        gansuite("train", *words, "--normal", "3", "--dry-run")
        assert "data.normal" in gansuite("train", *words, "--normal", "4", "--dry-run", code=2).stderr


def test_a_run_is_resumed_as_itself(gansuite: Type, tmp_path: Path) -> None:
    run = tmp_path / "work" / "run"
    run.mkdir()
    (run / "config.toml").write_text(gansuite("train", "good", "--seed", "5", "--dry-run").stdout)
    resumed = tomllib.loads(gansuite("train", "--resume", "run", "--steps", "500", "--dry-run").stdout)
    assert (resumed["training"]["seed"], resumed["training"]["steps"]) == (5, 500)
    done = gansuite("train", "good", "--resume", "run", "--seed", "6", "--set", "width=9", code=2)
    assert "training.seed: 5 before, 6 now" in done.stderr
    assert "width: 8 before, 9 now" in done.stderr
    done = gansuite("train", "musegan", "--resume", "run", code=2)
    assert "run: is a run of plugin good, not of musegan" in done.stderr
    done = gansuite("train", "--resume", "run", "--out", "other", code=2)
    assert "give --resume or --out, not both" in done.stderr


@pytest.mark.parametrize("plugin", ["musegan", "dcgan"])
def test_the_config_of_a_plugin_of_ours_changes_nothing_either(
    gansuite: Type, tmp_path: Path, plugin: str
) -> None:
    (tmp_path / "work" / "my.toml").write_text(gansuite("config", plugin).stdout)
    plain = gansuite("train", plugin, "--dry-run").stdout
    assert gansuite("train", plugin, "--config", "my.toml", "--dry-run").stdout == plain
