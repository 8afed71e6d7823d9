"""What is written says what every setting means, and reads back as the same config."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from hypothesis import given
from hypothesis import strategies as some

from gansuite.config import differences, from_mapping, setting, to_mapping, to_toml

TEXT = some.text(some.characters(codec="utf-8"), max_size=12)
WHOLE = some.integers(-(2**63), 2**63 - 1)
NUMBER = some.floats(allow_nan=False, allow_infinity=False)
# "none" stands for nothing where nothing is allowed.
OPTIONAL_TEXT = some.none() | TEXT.filter(lambda text: text != "none")


@dataclass(frozen=True, kw_only=True)
class Inner:
    flag: bool = setting(True, help="A flag.")
    text: str | None = setting(None, help="A text.")


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str = setting(help="A name.")
    inner: Inner = setting(Inner(flag=False, text="inner"), help="A table in an array of tables.")
    level: float | None = setting(None, help="A level.")


@dataclass(frozen=True, kw_only=True)
class Middle:
    inner: Inner = setting(Inner(text="middle"), help="A table in a table.")
    path: Path | None = setting(None, help="A path.")


@dataclass(frozen=True, kw_only=True)
class Everything:
    table: Middle = setting(Middle(), help="A table before the plain values.")
    rows: tuple[Row, ...] = setting((), help="An array of tables.")
    flag: bool = setting(False, help="A flag.")
    whole: int = setting(0, help="A whole number.")
    number: float = setting(0.0, help="A number.", may_change=True)
    text: str = setting("", help="A text\nover two lines.")
    path: Path = setting(Path("x"), help="A path.")
    choice: Literal["one", "two", 3] = setting("one", help="A choice.")
    wholes: tuple[int, ...] = setting((), help="Whole numbers.")
    texts: tuple[str, ...] = setting(("a",), help="Texts.")
    grid: tuple[tuple[int, ...], ...] = setting((), help="Arrays in an array.")
    maybe_whole: int | None = setting(None, help="A whole number or nothing.")
    surely_whole: int | None = setting(7, help="A whole number or nothing, seven if not said.")
    maybe_table: Middle | None = setting(None, help="A table or nothing.")
    surely_table: Inner | None = setting(Inner(text="sure"), help="A table or nothing.")


INNER = some.builds(Inner, flag=some.booleans(), text=OPTIONAL_TEXT)
PATHS = TEXT.filter(lambda text: "\0" not in text and text != "none").map(Path)
MIDDLE = some.builds(Middle, inner=INNER, path=some.none() | PATHS)
ROW = some.builds(Row, name=TEXT, inner=INNER, level=some.none() | NUMBER)
EVERYTHING = some.builds(
    Everything,
    table=MIDDLE,
    rows=some.lists(ROW, max_size=3).map(tuple),
    flag=some.booleans(),
    whole=WHOLE,
    number=NUMBER,
    text=TEXT,
    path=PATHS,
    choice=some.sampled_from(["one", "two", 3]),
    wholes=some.lists(WHOLE, max_size=3).map(tuple),
    texts=some.lists(TEXT, max_size=3).map(tuple),
    grid=some.lists(some.lists(WHOLE, max_size=2).map(tuple), max_size=2).map(tuple),
    maybe_whole=some.none() | WHOLE,
    surely_whole=some.none() | WHOLE,
    maybe_table=some.none() | MIDDLE,
    surely_table=some.none() | INNER,
)


@given(config=EVERYTHING, comments=some.booleans())
def test_toml_reads_back_as_the_same_config(config: Everything, comments: bool) -> None:
    text = to_toml(config, header={"plugin": "p", "api": 1}, comments=comments)
    values = tomllib.loads(text)
    assert (values.pop("plugin"), values.pop("api")) == ("p", 1)
    assert from_mapping(Everything, values, "written") == config


@given(config=EVERYTHING)
def test_a_mapping_reads_back_as_the_same_config(config: Everything) -> None:
    assert from_mapping(Everything, to_mapping(config), "mapping") == config


def test_every_setting_is_explained_above_it() -> None:
    lines = to_toml(Everything(), header={"plugin": "p", "api": 1}).splitlines()
    assert lines[:3] == ['plugin = "p"', "api = 1", ""]
    assert lines[lines.index("whole = 0") - 1] == "# A whole number. (a whole number)"
    assert lines[lines.index('text = ""') - 1] == "# A text over two lines. (text)"
    assert lines[lines.index('choice = "one"') - 1] == '# A choice. (one of "one", "two", 3)'
    assert lines[lines.index("[table]") + 1] == "# A table before the plain values."


def test_an_unset_setting_is_a_commented_line() -> None:
    lines = to_toml(Everything()).splitlines()
    at = lines.index("# maybe_whole = (unset)")
    assert lines[at - 1] == "# A whole number or nothing. (a whole number, or unset)"
    assert "# [maybe_table]" in lines
    assert "# [[rows]]" in lines


def test_what_is_unset_though_it_has_a_default_is_said() -> None:
    text = to_toml(replace(Everything(), surely_whole=None, surely_table=None))
    assert 'surely_whole = "none"' in text
    assert 'surely_table = "none"' in text


def test_without_comments_there_are_none() -> None:
    assert "#" not in to_toml(replace(Everything(), rows=(Row(name="x"),)), comments=False)


def test_differences_are_named_by_path_and_say_whether_they_may_be() -> None:
    old = Everything()
    new = replace(old, table=Middle(inner=Inner(text="x")), number=1.5, maybe_table=Middle(), wholes=(1,))
    assert [tuple(one) for one in differences(old, new)] == [
        ("table.inner.text", "middle", "x", False),
        ("number", 0.0, 1.5, True),
        ("wholes", (), (1,), False),
        ("maybe_table", None, Middle(), False),
    ]
    assert str(differences(old, new)[0]) == 'table.inner.text: "middle" before, "x" now'
    assert differences(old, old) == []


def test_comments_say_what_a_run_that_goes_on_may_change() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Outer:
        inner: Inner = setting(Inner(), help="A table.", may_change=True)
        number: float = setting(0.0, help="A number.", may_change=True)
        whole: int = setting(0, help="A whole number.")

    explained = to_toml(Outer())
    assert "# A table. --resume may change all of it.\n" in explained
    assert "# A number. (a number; --resume may change it)\n" in explained
    assert "# A whole number. (a whole number)\n" in explained


def test_all_settings_in_a_table_that_may_change_may_change() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Outer:
        inner: Inner = setting(Inner(), help="A table.", may_change=True)

    found = differences(Outer(), Outer(inner=Inner(flag=False)))
    assert [(one.path, one.may_change) for one in found] == [("inner.flag", True)]
