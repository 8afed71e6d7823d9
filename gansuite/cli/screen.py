"""What a command line shows, and how much of it."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import io
import json
import logging
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import click

from gansuite.backend import choose_backend

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclasses.dataclass
class Screen:
    """How much to show: ``verbose`` adds tracebacks and TensorFlow's own messages."""

    verbose: bool = False

    def prepare_tensorflow(self) -> None:
        """Set what TensorFlow and Keras read once, when they are imported; call before any plugin's code."""
        choose_backend()
        if self.verbose:
            return
        # 3 keeps fatal messages only: on a machine without a GPU TensorFlow reports that as an error.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
        for name in ("tensorflow", "absl"):
            logging.getLogger(name).setLevel(logging.ERROR)

    def import_tensorflow(self) -> None:
        """Import TensorFlow, unless verbose without what it prints meanwhile.

        It reports missing GPU drivers before it reads its own log level. What it printed is shown where the
        import fails.
        """
        self.prepare_tensorflow()
        kept_back = contextlib.nullcontext() if self.verbose else _standard_error_kept_back()
        with kept_back, _not_found("sklearn", "matplotlib"), _kept_for_good():
            import keras  # noqa: F401
            import tensorflow  # noqa: F401  for what happens meanwhile

    @staticmethod
    def current() -> Screen:
        """That of the command line being run."""
        context = click.get_current_context(silent=True)
        return (context.find_object(Screen) if context is not None else None) or Screen()


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


@contextlib.contextmanager
def _not_found(*packages: str) -> Iterator[None]:
    """Do without packages that what is imported meanwhile would take along, unless they are there already.

    Keras looks for scikit-learn and Matplotlib for what nothing here uses, which takes a quarter of the time
    of starting.
    """
    kept_out = [package for package in packages if package not in sys.modules]
    for package in kept_out:
        sys.modules[package] = None  # type: ignore[assignment]  # Python's own way to say so
    try:
        yield
    finally:
        for package in kept_out:
            del sys.modules[package]


@contextlib.contextmanager
def _kept_for_good() -> Iterator[None]:
    """Collect no garbage meanwhile, nor ever what is made meanwhile.

    Modules make a million objects that stay until the end. Looking through them again and again takes half of
    the time of importing TensorFlow, and a second at the end of each process.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collected:
            gc.enable()


@contextlib.contextmanager
def _standard_error_kept_back() -> Iterator[None]:
    import tempfile

    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept, os.fdopen(os.dup(2), "wb") as shown:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            kept.seek(0)
            shown.write(kept.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(shown.fileno(), 2)


def print_any_name() -> None:
    """Let names of files that are no UTF-8 be printed, as they are."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="surrogateescape")


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
