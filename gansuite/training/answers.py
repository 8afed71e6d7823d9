"""A domain's endpoints, answered with arrays."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from gansuite.domain import Arrays, Domain
from gansuite.errors import UsageError
from gansuite.game import Networks


class Answering(Protocol):
    """What answers a domain's endpoints: networks here, or a server."""

    def call(self, endpoint: str, inputs: Arrays, *, batch: int = 64) -> dict[str, np.ndarray]:
        """Answer an endpoint, some rows at a time; see `Answers.call`."""
        ...


class Answers:
    """Answers a domain's endpoints in compiled float32 graphs.

    Args:
        domain: whose endpoints.
        networks: what they are answered with.
    """

    def __init__(self, domain: Domain, networks: Networks) -> None:
        self.networks = networks
        self._endpoints = domain.endpoints()
        self._compiled: dict[str, Any] = {}

    def call(self, endpoint: str, inputs: Arrays, *, batch: int = 64) -> dict[str, np.ndarray]:
        """Answer an endpoint, some rows at a time.

        Args:
            endpoint: its name.
            inputs: arrays as the endpoint's specs say, with the same number of rows.
            batch: how many rows at a time; no answer depends on it beyond rounding.

        Returns:
            Arrays with as many rows.

        Raises:
            UsageError: where the domain has no such endpoint.
        """
        function = self.compiled(endpoint)
        rows = len(next(iter(inputs.values())))
        parts = [
            function(**{name: tf.constant(value[start : start + batch]) for name, value in inputs.items()})
            for start in range(0, rows, batch)
        ]
        return {name: np.concatenate([part[name].numpy() for part in parts]) for name in parts[0]}

    def compiled(self, name: str) -> Any:
        """Return an endpoint as a function of tensors, by name, that is traced already.

        Raises:
            UsageError: where the domain has no such endpoint.
        """
        if name not in self._endpoints:
            raise UsageError(
                f"This run has no endpoint {name}; it has {', '.join(self._endpoints)}.", where=name
            )
        if name not in self._compiled:
            endpoint = self._endpoints[name]

            def answer(**inputs: tf.Tensor) -> Any:
                return dict(endpoint.function(self.networks, **inputs))

            compiled = tf.function(answer, autograph=False)
            self._compiled[name] = compiled.get_concrete_function(
                **{
                    key: tf.TensorSpec(spec.shape, spec.dtype, name=key)
                    for key, spec in endpoint.inputs.items()
                }
            )
        return self._compiled[name]
