"""Endpoints answered by asking a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from gansuite.client.address import Address
from gansuite.client.asking import Asking, Limits
from gansuite.client.rest import Rest
from gansuite.client.signature import STRANGE, Output, Signature
from gansuite.domain import Arrays
from gansuite.errors import UsageError

_PATIENT = Limits()


class Wire(Protocol):
    """How a model is spoken with. What reads an answer raises one of `STRANGE` where it is none."""

    asking: Asking

    def metadata(self) -> Any:
        """Ask what the model is."""
        ...

    def signatures(self, answer: Any) -> Mapping[str, Any]:
        """Read signatures, by name, as SignatureDefs in their JSON form."""
        ...

    def predict(self, endpoint: str, inputs: Mapping[str, np.ndarray]) -> Any:
        """Ask a signature."""
        ...

    def arrays(self, answer: Any, outputs: Mapping[str, Output]) -> dict[str, np.ndarray]:
        """Read the outputs of a signature; whether they fit is not looked at."""
        ...


class Server:
    """Answers endpoints by asking a server; the same interface as `gansuite.training.answers.Answers`.

    Args:
        url: of the server, http://host:8501 or grpc://host:8500 (with TLS https:// and grpcs://), or of a
            model there, http://host:8501/v1/models/NAME[/versions/N].
        name: the model's, where the address does not have it.
        limits: what is put up with.

    Raises:
        UsageError: this is no such address, or what speaks gRPC is not installed.
    """

    def __init__(self, url: str, name: str, *, limits: Limits = _PATIENT) -> None:
        self._wire = _wire(Address.of(url, name), limits)
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
        outputs = self._signature(endpoint, inputs).outputs
        rows = len(next(iter(inputs.values())))
        numbers = sum(np.asarray(value[:1]).size for value in inputs.values())
        step = max(1, min(batch, self._wire.asking.limits.numbers // max(1, numbers)))
        parts = []
        for start in range(0, rows, step):
            some = {key: np.asarray(value)[start : start + step] for key, value in inputs.items()}
            parts.append(self._predict(endpoint, some, outputs))
        return {key: np.concatenate([part[key] for part in parts]) for key in outputs}

    def _signature(self, endpoint: str, inputs: Arrays) -> Signature:
        described, asking = self._described(endpoint), self._wire.asking
        try:
            signature = Signature.of(described)
        except STRANGE as error:
            raise asking.nonsense(f"its metadata of signature {endpoint} cannot be read") from error
        if signature.inputs != set(inputs):
            taken, given = ", ".join(sorted(signature.inputs)), ", ".join(sorted(inputs))
            raise UsageError(
                f"signature {endpoint} takes {taken}, not {given}",
                where=asking.where,
                hint="What is served was exported from another run.",
            )
        if not signature.outputs:
            raise asking.nonsense(f"its signature {endpoint} has no outputs")
        return signature

    def _described(self, endpoint: str) -> Any:
        asking = self._wire.asking
        if self._signatures is None:
            answer = self._wire.metadata()
            try:
                self._signatures = dict(self._wire.signatures(answer))
            except STRANGE as error:
                raise asking.nonsense("its metadata name no signatures") from error
        if endpoint not in self._signatures:
            known = ", ".join(sorted(name for name in self._signatures if not name.startswith("__")))
            raise UsageError(
                f"what is served has no signature {endpoint}; it has {known}",
                where=asking.where,
                hint="Export the run again: gansuite export RUN FOLDER",
            )
        return self._signatures[endpoint]

    def _predict(
        self, endpoint: str, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, Output]
    ) -> dict[str, np.ndarray]:
        answer, asking = self._wire.predict(endpoint, inputs), self._wire.asking
        try:
            arrays = self._wire.arrays(answer, outputs)
        except STRANGE as error:
            raise asking.nonsense("its answer has not the outputs of the signature") from error
        rows = len(next(iter(inputs.values())))
        for key, output in outputs.items():
            problem = output.problem(arrays[key], rows)
            if problem is not None:
                raise asking.nonsense(f"output {key} {problem}")
        return arrays


def _wire(address: Address, limits: Limits) -> Wire:
    if address.scheme not in ("grpc", "grpcs"):
        return Rest(address, limits)
    try:
        from gansuite.client.grpc import Grpc
    except ImportError as error:
        raise UsageError(
            f"gRPC needs what is not installed: {error}",
            where=f"--server {address}",
            hint="Install it: pip install 'gansuite[serving]'. Or ask the REST interface: http://host:8501.",
        ) from error
    return Grpc(address, limits)
