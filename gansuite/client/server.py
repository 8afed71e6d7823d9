"""Endpoints answered by asking a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from gansuite.client.address import Address
from gansuite.client.asking import Asking, Limits, listed
from gansuite.client.matching import difference, named
from gansuite.client.rest import Rest
from gansuite.client.signature import STRANGE, Output, Signature
from gansuite.domain import Arrays, Endpoint
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
        endpoints: of the run that is asked for, where there is one: signatures of their names have to take
            what they do.
        limits: what is put up with.

    Raises:
        UsageError: this is no such address, or what speaks gRPC is not installed.
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        endpoints: Mapping[str, Endpoint] | None = None,
        limits: Limits = _PATIENT,
    ) -> None:
        self._wire = _wire(Address.of(url, name), limits)
        self._endpoints = endpoints
        self._signatures: Mapping[str, Any] | None = None

    def call(self, endpoint: str, inputs: Arrays, *, batch: int = 64) -> dict[str, np.ndarray]:
        """Answer an endpoint, some rows at a time.

        Args:
            endpoint: its name.
            inputs: arrays with the same number of rows.
            batch: how many rows at a time at most.

        Returns:
            Arrays with as many rows. Looking for one that is not among them raises a UsageError.

        Raises:
            UsageError: the server's model is another one, or has no such signature.
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
        answer = {key: np.concatenate([part[key] for part in parts]) for key in outputs}
        return _Answer(answer, endpoint, self.another)

    def another(self, what: str) -> UsageError:
        """Return the error of an answer that shows that what is served is not the run.

        Args:
            what: it shows.
        """
        return self._wire.asking.another(what)

    def _signature(self, endpoint: str, inputs: Arrays) -> Signature:
        described, asking = self._described(endpoint), self._wire.asking
        try:
            signature = Signature.of(described)
        except STRANGE as error:
            raise asking.nonsense(f"its metadata of signature {endpoint} cannot be read") from error
        if signature.inputs != set(inputs):
            raise self.another(f"signature {endpoint} takes {listed(signature.inputs)}, not {listed(inputs)}")
        if not signature.outputs:
            raise asking.nonsense(f"its signature {endpoint} has no outputs")
        return signature

    def _described(self, endpoint: str) -> Any:
        if self._signatures is None:
            self._signatures = self._known()
        if endpoint not in self._signatures:
            raise self.another(f"it has no signature {endpoint}; it has {listed(named(self._signatures))}")
        return self._signatures[endpoint]

    def _known(self) -> Mapping[str, Any]:
        """Ask for the signatures, which have to take what the run's endpoints do."""
        answer, asking = self._wire.metadata(), self._wire.asking
        try:
            signatures = dict(self._wire.signatures(answer))
        except STRANGE as error:
            raise asking.nonsense("its metadata name no signatures") from error
        try:
            problem = None if self._endpoints is None else difference(self._endpoints, signatures)
        except STRANGE as error:
            raise asking.nonsense("its metadata of what signatures take cannot be read") from error
        if problem is not None:
            raise self.another(problem)
        return signatures

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
                raise asking.nonsense(f"output {listed([key])} {problem}")
        return arrays


class _Answer(dict[str, np.ndarray]):
    """Outputs by name; those that a run gives and a server does not are another model's."""

    def __init__(
        self, outputs: Mapping[str, np.ndarray], endpoint: str, another: Callable[[str], UsageError]
    ) -> None:
        super().__init__(outputs)
        self._endpoint, self._another = endpoint, another

    def __missing__(self, key: str) -> np.ndarray:
        raise self._another(f"signature {self._endpoint} gives {listed(self)}, not {key}")


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
