"""A model asked over TensorFlow Serving's REST interface.

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
from typing import Any

import numpy as np

from gansuite.client.address import Address
from gansuite.client.asking import Asking, Busy, Limits, first_line
from gansuite.client.punctual import Late, open_until
from gansuite.client.signature import Output
from gansuite.errors import GansuiteError

_BUSY = {429, 502, 503, 504}
_MOVED = range(300, 400)
_CHUNK = 1 << 16
#: Bytes that a number takes at most where it is written out, with what parts it from the next one.
_WRITTEN = 22


class Rest:
    """Speaks JSON with a model; see `gansuite.client.server.Wire`.

    Args:
        address: the model's.
        limits: what is put up with.
    """

    def __init__(self, address: Address, limits: Limits) -> None:
        self.asking = Asking(where=str(address), interface="REST interface (port 8501)", limits=limits)

    def metadata(self) -> Any:
        return self._ask("/metadata", None)

    def signatures(self, answer: Any) -> Mapping[str, Any]:
        return dict(answer["metadata"]["signature_def"]["signature_def"])

    def predict(self, endpoint: str, inputs: Mapping[str, np.ndarray]) -> Any:
        if sum(map(_written, inputs.values())) > self.asking.limits.largest:
            raise self.asking.too_large("what would be sent, at up to 22 bytes a number,")
        body = {"signature_name": endpoint, "inputs": {key: _encoded(value) for key, value in inputs.items()}}
        return self._ask(":predict", json.dumps(body).encode())

    def arrays(self, answer: Any, outputs: Mapping[str, Output]) -> dict[str, np.ndarray]:
        found = answer["outputs"]
        # A single output comes without its name.
        is_named = isinstance(found, dict) and set(found) == set(outputs)
        named = found if is_named else {next(iter(outputs)): found}
        return {key: _decoded(named[key], output) for key, output in outputs.items()}

    def _ask(self, verb: str, body: bytes | None) -> Any:
        content = self.asking.until_answered(lambda: self._once(self.asking.where + verb, body))
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self.asking.nonsense("its answer is no JSON") from error

    def _once(self, url: str, body: bytes | None) -> bytes:
        try:
            return self._read(url, body)
        except urllib.error.HTTPError as error:
            with error:
                raise self._refused(error) from error
        except (http.client.HTTPException, OSError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, Late):
                raise self.asking.late() from error
            if isinstance(reason, TimeoutError):
                raise self.asking.silent() from error
            said = first_line(str(reason) or type(reason).__name__)
            raise Busy(f"it cannot be reached: {said}") from error

    def _refused(self, error: urllib.error.HTTPError) -> GansuiteError | Busy:
        place = error.headers["Location"]
        if error.code in _MOVED and place:
            return self.asking.moved(error.code, place)
        said = _said(error)
        return Busy(said) if error.code in _BUSY else self.asking.failed(said)

    def _read(self, url: str, body: bytes | None) -> bytes:
        limits = self.asking.limits
        # Neither files nor other schemes: the address was checked.
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
        parts, size = [], 0
        with open_until(time.monotonic() + limits.patience, request, silence=limits.silence) as response:
            while chunk := response.read1(_CHUNK):
                parts.append(chunk)
                size += len(chunk)
                if size > limits.largest:
                    raise self.asking.too_large()
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
        return b"".join(parts)


def _written(value: np.ndarray) -> int:
    """Bytes that an input takes at most where it is written out."""
    if value.dtype.kind not in "OSU":
        return _WRITTEN * value.size
    return sum(_WRITTEN + 4 * len(one) // 3 for one in value.flat)


def _encoded(value: np.ndarray) -> Any:
    return _as_base64(value.tolist()) if value.dtype.kind in "OSU" else value.tolist()


def _as_base64(value: Any) -> Any:
    """Write texts out, however deep in lists they are."""
    if isinstance(value, list):
        return [_as_base64(one) for one in value]
    content = value.encode() if isinstance(value, str) else value
    return {"b64": base64.b64encode(content).decode("ascii")}


def _decoded(value: Any, output: Output) -> np.ndarray:
    if output.kind is np.object_:
        return np.array(_texts(value, len(output.shape)), object)
    return _numbers(value, output.kind)


def _numbers(value: Any, kind: Any) -> np.ndarray:
    array = np.asarray(value)
    if not array.size:
        return array.astype(kind)
    if np.issubdtype(array.dtype, np.integer) and np.issubdtype(kind, np.integer):
        fits = np.iinfo(kind).min <= array.min() and array.max() <= np.iinfo(kind).max
    else:
        fits = np.can_cast(array.dtype, kind, "same_kind")
    if not fits:
        raise ValueError(f"{array.dtype} is no {np.dtype(kind)}")
    return array.astype(kind)


def _texts(value: Any, rank: int) -> Any:
    """Read texts in lists of some depth: base64 where an output's name ends in `_bytes`, else as they are."""
    if rank:
        if not isinstance(value, list):
            raise TypeError(f"{type(value).__name__} is no list")
        return [_texts(one, rank - 1) for one in value]
    return value.encode() if isinstance(value, str) else base64.b64decode(value["b64"], validate=True)


def _said(error: urllib.error.HTTPError) -> str:
    """What a server says went wrong."""
    try:
        text = json.loads(error.read(_CHUNK))["error"]
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        text = error.reason
    return f"it says {error.code}: {first_line(str(text))}"
