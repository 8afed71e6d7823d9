"""Directives for tables that are read off the code when the documentation is built: none goes stale.

Each says below what it shows. What is named and does not exist is a warning, and warnings end the build.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import tomlkit
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from gansuite.cli.group import gansuite as program
from gansuite.config import Setting, settings_of, to_mapping
from gansuite.data.cards import cards
from gansuite.errors import UsageError
from gansuite.registry import Announcement, announced

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "RESULTS.md"
#: The columns of RESULTS.md that are shown.
COLUMNS = ("figure", "value", "promise", "command", "date", "commit", "machine")
_OTHERWISE = r"\([^)]*\)|\d+ (?=times|runs|tensors|rows)"


class Table(SphinxDirective):
    """A table of `header` and `rows`, which derived classes give; backticks in cells quote code."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def header(self) -> Sequence[str]:
        raise NotImplementedError

    def rows(self) -> Iterable[Sequence[str]]:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        try:
            rows = [*self.rows()]
        except (LookupError, UsageError) as error:
            return [self.state.document.reporter.warning(f"{self.name}: {error}", line=self.lineno)]
        return [table(self.header(), rows)]

    @property
    def subject(self) -> str:
        return str(self.arguments[0])


class Announced(Table):
    """What a plugin announces: `{announced} PLUGIN`."""

    def header(self) -> Sequence[str]:
        return "asked", "answer"

    def rows(self) -> Iterable[Sequence[str]]:
        plugin = announced(self.subject)
        kinds = plugin.plugin.reads if plugin.plugin is not None else ()
        known = [f"`{name}`" for name, card in cards().items() if card.holds in kinds]
        yield "what it does", plugin.summary
        yield "reads", ", ".join(kinds)
        yield "data sets", ", ".join(known)
        yield "learns from, unless told otherwise", f"`{source_of(plugin)}`"
        yield "presets", ", ".join(f"`{name}`" for name in plugin.presets) or "none"


class Settings(Table):
    """Settings of a plugin: `{settings} PLUGIN`, with a name in each line; a table stands for all in it."""

    def header(self) -> Sequence[str]:
        return "setting", "default", *self.presets, "meaning"

    @property
    def presets(self) -> list[str]:
        return [f"`{name}`" for name in announced(self.subject).presets]

    def rows(self) -> Iterable[Sequence[str]]:
        plugin = announced(self.subject)
        assert plugin.plugin is not None  # noqa: S101  it is announced
        known = [one for one in settings_of(plugin.plugin.config_class()) if not one.kind.is_table]
        for wanted in self.content:
            chosen = [one for one in known if one.path == wanted or one.path.startswith(f"{wanted}.")]
            if not chosen:
                raise LookupError(f"{plugin.name} has no setting {wanted}")
            for one in chosen:
                changed = (preset_value(one, values) for values in plugin.presets.values())
                yield f"`{one.path}`", default_of(one), *changed, one.help


class Options(Table):
    """Arguments and options of a verb: `{options} VERB`, such as `train` or `plugins new`."""

    def header(self) -> Sequence[str]:
        return "option", "meaning"

    def rows(self) -> Iterable[Sequence[str]]:
        command: click.Command | None = program
        context = click.Context(program)
        for word in self.subject.split():
            assert isinstance(command, click.Group)  # noqa: S101  only groups have verbs
            command = command.get_command(context, word)
            if command is None:
                raise LookupError(f"there is no verb {self.subject}")
        for parameter in command.params:
            record = parameter.get_help_record(context)
            if isinstance(parameter, click.Option) and record is not None:
                yield f"`{record[0]}`", record[1]


class DataSets(Table):
    """Every data set that is known by name: `{datasets}`."""

    def header(self) -> Sequence[str]:
        return "name", "holds", "what it is", "licence"

    def rows(self) -> Iterable[Sequence[str]]:
        for name, card in cards().items():
            yield f"`{name}`", card.holds, card.summary, card.licence


class Figures(Table):
    """Rows of RESULTS.md that begin as a line, a regular expression, says; of one figure the last row."""

    def header(self) -> Sequence[str]:
        return COLUMNS

    def rows(self) -> Iterable[Sequence[str]]:
        measured = measurements(RESULTS.read_text("utf-8"))
        for wanted in self.content:
            # What was measured again has other numbers in its parentheses, and of what it was measured on.
            chosen = {
                (re.sub(_OTHERWISE, "", row["figure"]), row["promise"]): row
                for row in measured
                if re.match(wanted, row["figure"])
            }
            if not chosen:
                raise LookupError(f"no figure in {RESULTS.name} begins with {wanted}")
            yield from ([row[column] for column in COLUMNS] for row in chosen.values())


def source_of(plugin: Announcement) -> str:
    """Return what a plugin learns from where nobody says so."""
    assert plugin.plugin is not None  # noqa: S101  it is announced
    known = {one.path: one.default for one in settings_of(plugin.plugin.config_class())}
    return str(known["data.source"])


def default_of(one: Setting) -> str:
    """Return the default of a setting as TOML has it."""
    return toml(one.default)


def preset_value(one: Setting, values: Mapping[str, Any]) -> str:
    """Return what a preset sets a setting to; nothing where it leaves it alone."""
    found: Any = values
    for part in one.path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return ""
        found = found[part]
    return toml(found)


def toml(value: Any) -> str:
    """Return a value in backticks, as it is written in a settings file."""
    if value is None:
        return "unset"
    if isinstance(value, tuple) and value and not isinstance(value[0], str | int | float):
        return f"{len(value)} tables: " + ", ".join(f"`{to_mapping(one)['name']}`" for one in value)
    plain = list(value) if isinstance(value, tuple) else value
    known = isinstance(plain, list | str | bool | int | float)
    return f"`{tomlkit.item(plain if known else str(plain)).as_string()}`"


def measurements(text: str) -> list[dict[str, str]]:
    """Return the rows of RESULTS.md by the names of its columns."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    header, _, *rows = lines
    return [dict(zip(header, row, strict=True)) for row in rows]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> nodes.Node:
    """Lay rows out."""
    group = nodes.tgroup("", *[nodes.colspec("", colwidth=1) for _ in header], cols=len(header))
    group += nodes.thead("", line(header))
    group += nodes.tbody("", *[line(row) for row in rows])
    return nodes.table("", group)


def line(cells: Sequence[str]) -> nodes.row:
    """Lay out one row, in which what stands between backticks is code."""
    row = nodes.row()
    for cell in cells:
        paragraph = nodes.paragraph()
        for number, part in enumerate(cell.split("`")):
            paragraph += nodes.literal(part, part) if number % 2 else nodes.Text(part)
        row += nodes.entry("", paragraph)
    return row


def readable(*described: Any) -> tuple[str, str | None] | None:
    """Return a signature in which an empty mapping is one: `<factory>` is no Python, and cannot be parsed."""
    *_, arguments, returned = described
    if arguments is None or "<factory>" not in arguments:
        return None
    return arguments.replace("<factory>", "{}"), returned


def setup(app: Any) -> dict[str, Any]:
    """Tell Sphinx what there is."""
    app.connect("autodoc-process-signature", readable)
    for name, directive in {
        "announced": Announced, "settings": Settings, "options": Options, "datasets": DataSets,
        "figures": Figures,
    }.items():  # fmt: skip
        app.add_directive(name, directive)
    return {"version": "1", "parallel_read_safe": True}
