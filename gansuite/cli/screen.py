"""What a command line shows, and how much of it."""

from __future__ import annotations

import dataclasses
import json
import logging
import math
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclasses.dataclass
class Screen:
    """How much to show: ``verbose`` adds tracebacks and TensorFlow's own messages."""

    verbose: bool = False

    def prepare_tensorflow(self) -> None:
        """Set what TensorFlow and Keras read once, when they are imported; call before that."""
        # Keras takes its backend from here before ~/.keras/keras.json; gansuite is written for this one.
        os.environ["KERAS_BACKEND"] = "tensorflow"
        if self.verbose:
            return
        # 3 keeps fatal messages only: on a machine without a GPU TensorFlow reports that as an error.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
        for name in ("tensorflow", "absl"):
            logging.getLogger(name).setLevel(logging.ERROR)


pass_screen = click.make_pass_decorator(Screen)


def _be_verbose(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Screen).verbose = True


def verbose_option(function: Function) -> Function:
    """Add ``-v``, valid before and after the verb."""
    return click.option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_be_verbose,
        help="Show tracebacks and TensorFlow's messages.",
    )(function)


def results(text: str) -> None:
    """Print a result."""
    click.echo(text)


def results_json(value: Any) -> None:
    """Print a result as JSON; a number that JSON does not know is null."""
    click.echo(json.dumps(_finite(value), indent=2, ensure_ascii=False, default=str, allow_nan=False))


def note(text: str) -> None:
    """Print something about the work, on standard error."""
    click.echo(text, err=True)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows in aligned columns."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [header, *rows]
    ]
    return "\n".join(lines)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value
