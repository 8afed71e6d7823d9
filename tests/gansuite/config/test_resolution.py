"""Settings are read from layers and checked, with a message that says which, where and what instead."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

from gansuite.config import Layer, assignments, read_layer, resolve, setting, settings_of
from gansuite.errors import ConfigError, PluginError


@dataclass(frozen=True, kw_only=True)
class Track:
    name: str = setting(help="Its name.")
    program: int | None = setting(None, minimum=0, maximum=127, help="Its General MIDI program.")


@dataclass(frozen=True, kw_only=True)
class Loop:
    steps: int = setting(minimum=1, help="How long.")
    rate: float = setting(0.5, above=0, below=1, help="How fast.")
    every: int = setting(10, minimum=1, help="How often.")

    def __post_init__(self) -> None:
        if self.every > self.steps:
            raise ConfigError("is more than there are steps", where="every")


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    flip: bool = setting(True, help="Whether to flip.")


@dataclass(frozen=True, kw_only=True)
class Song:
    title: str = setting("song", help="What it is called.")
    key: Literal["major", "minor"] = setting("major", help="The mode.")
    folder: Path = setting(Path("x"), help="Where it is.")
    beats: tuple[int, ...] = setting((4, 4), minimum=1, help="Beats in each bar.")
    tracks: tuple[Track, ...] = setting((Track(name="piano"),), help="Its tracks.")
    loop: Loop = setting(Loop(steps=100, every=20), help="How it is learned.")
    augmentation: Augmentation | None = setting(None, help="Changes to the examples.")
    tempo: int = setting(120, choices=(60, 120), help="Beats in a minute.")


def song(*texts: str) -> Song:
    return resolve(Song, [assignments(texts)])


def message(*texts: str) -> str:
    with pytest.raises(ConfigError) as caught:
        song(*texts)
    return str(caught.value)


def test_without_layers_a_config_is_its_defaults() -> None:
    assert resolve(Song, []) == Song()


def test_later_layers_win_key_by_key() -> None:
    layers = [
        Layer("preset", {"loop": {"steps": 50, "rate": 0.1}, "beats": [3]}),
        Layer("file", {"loop": {"steps": 60}}),
    ]
    config = resolve(Song, layers)
    assert config.loop == Loop(steps=60, rate=0.1, every=20)
    assert config.beats == (3,)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("title=2026-01-01", "title", "2026-01-01"),
        ("title=12", "title", "12"),
        ("title=true", "title", "true"),
        ('title="12"', "title", "12"),
        ("title=a b", "title", "a b"),
        ("title=a=b", "title", "a=b"),
        ("title=", "title", ""),
        ("title=1\nkey='minor'", "title", "1\nkey='minor'"),
        ("folder=1990", "folder", Path("1990")),
        ("key=minor", "key", "minor"),
        ("beats=[3, 4]", "beats", (3, 4)),
        ("loop={steps = 30}", "loop", Loop(steps=30, every=20)),
        ("loop.rate=1e-3", "loop.rate", 1e-3),
        ("augmentation={}", "augmentation", Augmentation()),
        ("augmentation.flip=false", "augmentation.flip", False),
        ("augmentation=none", "augmentation", None),
        ("tempo=60", "tempo", 60),
    ],
)
def test_a_typed_value_means_what_its_setting_takes(text: str, path: str, value: object) -> None:
    found: Any = song(text)
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value
    assert type(found) is type(value) or isinstance(value, Path)


def test_a_whole_number_is_taken_for_a_number_and_becomes_one() -> None:
    layers = [Layer("file", {"loop": {"rate": 1}})]
    with pytest.raises(ConfigError, match="above 0 and below 1, not 1"):
        resolve(Song, layers)

    @dataclass(frozen=True, kw_only=True)
    class Rate:
        rate: float = setting(1, help="How fast.")

    assert type(resolve(Rate, []).rate) is float
    assert type(resolve(Rate, [Layer("file", {"rate": 2})]).rate) is float


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loop.steps=true", "loop.steps (--set): expected a whole number of at least 1, not true"),
        ("loop.steps=0", "loop.steps (--set): expected a whole number of at least 1, not 0"),
        ("loop.steps=1.0", "loop.steps (--set): expected a whole number of at least 1, not 1.0"),
        ("loop.steps=many", 'loop.steps (--set): expected a whole number of at least 1, not "many"'),
        ("loop.rate=nan", "loop.rate (--set): expected a number above 0 and below 1, not NaN"),
        ("loop.rate=inf", "loop.rate (--set): expected a number above 0 and below 1, not Infinity"),
        ("loop.rate=0", "loop.rate (--set): expected a number above 0 and below 1, not 0"),
        (f"loop.rate=1{'0' * 400}", "loop.rate (--set): expected a number above 0 and below 1, not 1000"),
        ("augmentation.flip=1", "augmentation.flip (--set): expected true or false, not 1"),
        ("augmentation=3", "augmentation (--set): expected a table, not 3"),
        ("loop=3", "loop (--set): expected a table, not 3"),
        ("loop=none", 'loop (--set): expected a table, not "none"'),
        ("beats=3", "beats (--set): expected an array, each a whole number of at least 1, not 3"),
        ("beats=[3, 0]", "beats[1] (--set): expected a whole number of at least 1, not 0"),
        ("tracks=[{name=1}]", "tracks[0].name (--set): expected text, not 1"),
        ("tracks=[{program=1}]", "tracks[0].name: must be given: text"),
        ("tracks=piano", 'tracks (--set): expected an array of tables, not "piano"'),
        ("title=\udcff", "title (--set): expected text, not"),
        ("folder=\udcff", "folder (--set): expected a path, not"),
        ("folder=", 'folder (--set): expected a path, not ""'),
        ("tempo=61", "tempo (--set): expected one of 60, 120, not 61"),
    ],
)
def test_a_wrong_value_is_named_with_path_source_and_what_is_taken(text: str, expected: str) -> None:
    assert message(text).startswith(expected)


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("titel=x", "titel (--set)", "did you mean title?"),
        ("loop.setps=3", "loop.setps (--set)", "did you mean loop.steps?"),
        ("steps=3", "steps (--set)", "did you mean loop.steps?"),
        ("tracks=[{nmae='x'}]", "tracks[0].nmae (--set)", "did you mean tracks[0].name?"),
        ("augmentation.flop=true", "augmentation.flop (--set)", "did you mean augmentation.flip?"),
        ("loop.zzz=3", "loop.zzz (--set)", "known: loop.every, loop.rate, loop.steps"),
        ("key=minro", 'key (--set): expected one of "major", "minor", not "minro"', "did you mean minor?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_known_one(text: str, where: str, hint: str) -> None:
    found = message(text)
    assert found.startswith(where)
    assert found.endswith(hint)


def test_a_value_that_a_later_layer_replaces_is_checked_too() -> None:
    layers = [Layer("my.toml", {"loop": {"steps": "x"}}), assignments(["loop.steps=30"])]
    with pytest.raises(ConfigError, match=r"loop\.steps \(my\.toml\)"):
        resolve(Song, layers)


def test_a_setting_without_default_must_be_given() -> None:
    with pytest.raises(ConfigError, match=r"^steps: must be given: a whole number of at least 1"):
        resolve(Loop, [])


def test_an_error_between_settings_gets_the_full_path_and_the_source_of_the_setting() -> None:
    layers = [Layer("my.toml", {"loop": {"every": 90}}), assignments(["loop.steps=30"])]
    with pytest.raises(ConfigError, match=r"^loop\.every \(my\.toml\): is more than there are steps"):
        resolve(Song, layers)


@pytest.mark.parametrize("text", ["steps", "=3", ".steps=3", "loop..steps=3", ""])
def test_an_assignment_without_key_or_value_is_refused(text: str) -> None:
    assert "expected KEY=VALUE" in message(text)


@pytest.mark.parametrize("texts", [("loop=3", "loop.steps=3"), ("loop.steps=3", "loop=3")])
def test_assignments_that_cannot_both_hold_are_refused(texts: tuple[str, str]) -> None:
    assert "already given" in message(*texts)


def test_an_assigned_table_and_assignments_into_it_add_up() -> None:
    assert song("loop.rate=0.25", "loop={steps=30}", "loop.every=5").loop == Loop(
        steps=30, rate=0.25, every=5
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a = \n\n", "is not valid TOML: .*line 1"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"#" * (1 << 20) + b"\n", "larger than 1 MiB"),
        (b"a = " + b"[" * 100_000, "is not valid TOML"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused_with_its_name(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"my.toml: .*{expected}"):
        read_layer(path)


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"my\.toml: cannot be read: No such file"):
        read_layer(tmp_path / "my.toml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        read_layer(tmp_path)


def test_settings_are_walked_with_their_effective_defaults() -> None:
    found = {one.path: one for one in settings_of(Song)}
    assert list(found) == [
        "title", "key", "folder", "beats", "tracks", "loop", "loop.steps", "loop.rate", "loop.every",
        "augmentation", "augmentation.flip", "tempo",
    ]  # fmt: skip
    assert found["loop.every"].default == 20
    assert found["loop.every"].help == "How often."


def test_a_broken_config_class_is_the_plugins_fault() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Undocumented:
        steps: int = 3

    @dataclass(frozen=True, kw_only=True)
    class Unsupported:
        steps: dict[str, int] = setting(None, help="Steps.")

    @dataclass(kw_only=True)
    class Mutable:
        steps: int = setting(3, help="Steps.")

    @dataclass(frozen=True, kw_only=True)
    class Failing:
        steps: int = setting(3, help="Steps.")

        def __post_init__(self) -> None:
            raise ZeroDivisionError

    for cls in (Undocumented, Unsupported, Mutable, Failing, int):
        with pytest.raises(PluginError, match=cls.__name__):
            resolve(cls, [])


def test_a_default_out_of_its_own_range_is_found() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Broken:
        steps: int = setting(0, minimum=1, help="Steps.")

    with pytest.raises(ConfigError, match=r"steps \(its default\): expected a whole number of at least 1"):
        resolve(Broken, [])
