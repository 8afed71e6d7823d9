"""A run's endpoints as a server answers them: TensorFlow Serving's REST interface.

Source: https://www.tensorflow.org/tfx/serving/api_rest, the predict interface in its column form.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from gansuite.domain import Arrays
from gansuite.errors import GansuiteError, UsageError

#: Seconds that a server may be silent, and that a whole answer may take.
SILENCE = 60.0
PATIENCE = 600.0
#: Bytes of an answer at most.
LARGEST = 1 << 28
#: Numbers in a request at most: beyond them it is divided, down to a row each.
MOST_NUMBERS = 1 << 20
#: Seconds to wait before asking again where a server cannot be reached, or says that it is busy.
PAUSES = (0.5, 1.0, 2.0, 4.0)
_BUSY = {429, 502, 503, 504}
_CHUNK = 1 << 16
#: What reading an answer that is none can raise; binascii's error is a ValueError.
_STRANGE = (AttributeError, KeyError, OverflowError, TypeError, ValueError)
_TYPES = {
    "DT_FLOAT": np.float32, "DT_DOUBLE": np.float64, "DT_BOOL": np.bool_, "DT_INT32": np.int32,
    "DT_INT64": np.int64, "DT_UINT8": np.uint8, "DT_STRING": np.object_,
}  # fmt: skip


class Server:
    """Answers endpoints by asking a server; the same interface as `gansuite.training.answers.Answers`.

    Args:
        url: of the server, http://host:8501, or of a model, http://host:8501/v1/models/NAME[/versions/N].
        name: the model's, where the address does not have it.

    Raises:
        UsageError: this is no such address.
    """

    def __init__(self, url: str, name: str) -> None:
        try:
            parts = urlsplit(url)
            host, _ = (parts.hostname or "").encode("idna"), parts.port
        except ValueError:
            host, parts = b"", urlsplit("")
        plain = url.isascii() and not (parts.query or parts.fragment)
        if parts.scheme not in ("http", "https") or not host or not plain:
            hint = "It is like http://localhost:8501, or http://localhost:8501/v1/models/NAME."
            raise UsageError(f"{url!r} is not the address of a server", where="--server", hint=hint)
        path = parts.path.rstrip("/") or f"/v1/models/{name}"
        self.url = f"{parts.scheme}://{parts.netloc}{path}"
        self._signatures: Mapping[str, Any] | None = None

    def call(self, endpoint: str, inputs: Arrays, *, batch: int = 64) -> dict[str, np.ndarray]:
        """Answer an endpoint, some rows at a time.

        Args:
            endpoint: its name.
            inputs: arrays with the same number of rows.
            batch: how many rows at a time at most.

        Returns:
            Arrays with as many rows.

        Raises:
            UsageError: the server's model has no such signature.
            GansuiteError: it could not be reached, or did not answer as it should.
        """
        outputs = self._outputs(endpoint, inputs)
        rows = len(next(iter(inputs.values())))
        numbers = sum(np.asarray(value[:1]).size for value in inputs.values())
        step = max(1, min(batch, MOST_NUMBERS // max(1, numbers)))
        parts = []
        for start in range(0, rows, step):
            some = {key: np.asarray(value)[start : start + step] for key, value in inputs.items()}
            parts.append(self._predict(endpoint, some, outputs))
        return {key: np.concatenate([part[key] for part in parts]) for key in outputs}

    def _outputs(self, endpoint: str, inputs: Arrays) -> dict[str, _Output]:
        """Return what each output is, by name, of a signature that takes such inputs."""
        if self._signatures is None:
            found = self._ask(f"{self.url}/metadata", None)
            try:
                self._signatures = dict(found["metadata"]["signature_def"]["signature_def"])
            except _STRANGE as error:
                raise self._nonsense("its metadata name no signatures") from error
        if endpoint not in self._signatures:
            known = ", ".join(sorted(name for name in self._signatures if not name.startswith("__")))
            raise UsageError(
                f"what is served has no signature {endpoint}; it has {known}",
                where=self.url,
                hint="Export the run again: gansuite export RUN FOLDER",
            )
        try:
            signature = self._signatures[endpoint]
            wanted = set(signature["inputs"])
            outputs = {key: _Output.of(one) for key, one in signature["outputs"].items()}
        except _STRANGE as error:
            raise self._nonsense(f"its metadata of signature {endpoint} cannot be read") from error
        if wanted != set(inputs):
            raise UsageError(
                f"signature {endpoint} takes {', '.join(sorted(wanted))}, not {', '.join(sorted(inputs))}",
                where=self.url,
                hint="What is served was exported from another run.",
            )
        if not outputs:
            raise self._nonsense(f"its signature {endpoint} has no outputs")
        return outputs

    def _predict(
        self, endpoint: str, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, _Output]
    ) -> dict[str, np.ndarray]:
        body = {"signature_name": endpoint, "inputs": {key: _encoded(value) for key, value in inputs.items()}}
        answer = self._ask(f"{self.url}:predict", json.dumps(body).encode())
        rows = len(next(iter(inputs.values())))
        try:
            found = answer["outputs"]
            # A single output comes without its name.
            is_named = isinstance(found, dict) and set(found) == set(outputs)
            named = found if is_named else {next(iter(outputs)): found}
            arrays = {key: output.read(named[key]) for key, output in outputs.items()}
        except _STRANGE as error:
            raise self._nonsense("its answer has not the outputs of the signature") from error
        for key, value in arrays.items():
            if len(value) != rows:
                raise self._nonsense(f"output {key} has {len(value)} rows, not {rows}")
        return arrays

    def _ask(self, url: str, body: bytes | None) -> Any:
        """Ask until there is an answer; asking twice changes nothing, so it may be asked again."""
        for pause in (*PAUSES, None):
            try:
                return self._parsed(self._read(url, body))
            except urllib.error.HTTPError as error:
                problem = _said(error)
                if error.code not in _BUSY:
                    raise self._failed(problem) from error
            except (http.client.HTTPException, OSError) as error:
                reason = getattr(error, "reason", error)
                if isinstance(reason, TimeoutError):
                    raise self._failed(f"it was silent for {SILENCE:g} s") from error
                problem = f"it cannot be reached: {reason or type(reason).__name__}"
            if pause is not None:
                time.sleep(pause)
        raise self._failed(problem)

    def _read(self, url: str, body: bytes | None) -> bytes:
        # Neither files nor other schemes: the address was checked.
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
        end = time.monotonic() + PATIENCE
        parts, size = [], 0
        with urllib.request.urlopen(request, timeout=SILENCE) as response:  # noqa: S310
            while chunk := response.read1(_CHUNK):
                parts.append(chunk)
                size += len(chunk)
                if size > LARGEST:
                    raise self._nonsense(f"its answer is larger than {LARGEST >> 20} MiB")
                if time.monotonic() > end:
                    raise self._failed(f"its answer took more than {PATIENCE:g} s")
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
        return b"".join(parts)

    def _parsed(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self._nonsense("its answer is no JSON") from error

    def _failed(self, what: str) -> GansuiteError:
        return GansuiteError(what, where=self.url, hint="Nothing was written for what was asked last.")

    def _nonsense(self, what: str) -> GansuiteError:
        hint = "Is it TensorFlow Serving's REST interface (port 8501), and the model that was exported?"
        return GansuiteError(what, where=self.url, hint=hint)


def _encoded(value: np.ndarray) -> Any:
    if value.dtype != object:
        return value.tolist()
    return [{"b64": base64.b64encode(one).decode("ascii")} for one in value]


@dataclass(frozen=True, kw_only=True)
class _Output:
    """What an output of a signature is: its type, and its shape with None for what can be anything."""

    kind: Any
    shape: tuple[int | None, ...]

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> _Output:
        sizes = (int(one["size"]) for one in described["tensor_shape"]["dim"])
        shape = tuple(None if size < 0 else size for size in sizes)
        if not shape:
            raise ValueError("no rows")
        return cls(kind=_TYPES[described["dtype"]], shape=shape)

    def read(self, value: Any) -> np.ndarray:
        """Make an array of it.

        Raises:
            ValueError, or another of `_STRANGE`: it is of another type or shape.
        """
        array = _texts(value) if self.kind is np.object_ else _numbers(value, self.kind)
        fits = len(array.shape) == len(self.shape) and all(
            wanted is None or size == wanted for size, wanted in zip(array.shape, self.shape, strict=True)
        )
        if not fits:
            raise ValueError(f"shape {array.shape}")
        return array


def _numbers(value: Any, kind: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.size and not np.can_cast(array.dtype, kind, "same_kind"):
        raise ValueError(f"{array.dtype} is no {np.dtype(kind)}")
    return array.astype(kind)


def _texts(value: Any) -> np.ndarray:
    found = np.empty(len(value), object)
    for row, one in enumerate(value):
        found[row] = base64.b64decode(one["b64"], validate=True)
    return found


def _said(error: urllib.error.HTTPError) -> str:
    """What a server says went wrong."""
    try:
        text = json.loads(error.read(_CHUNK))["error"]
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        text = error.reason
    return f"it says {error.code}: {str(text).strip().splitlines()[0] if str(text).strip() else 'nothing'}"
