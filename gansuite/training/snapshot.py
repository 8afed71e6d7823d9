"""What a run under way has learned so far, to be asked like a trained one."""

from __future__ import annotations

from gansuite.domain import Domain
from gansuite.game import Networks
from gansuite.precision import layer_precision
from gansuite.training.answers import Answers
from gansuite.training.averages import Averages, assign, raw_variables


class Snapshot:
    """A domain's endpoints in float32, answered with networks that are being trained.

    Args:
        domain: whose endpoints.
        networks: that are trained, all of them.
        averages: of those that endpoints use the running averages of; of the others they use the latest.
    """

    def __init__(self, domain: Domain, networks: Networks, averages: Averages) -> None:
        self._networks = networks
        self._averages = averages
        with layer_precision("float32"):
            self._answers = Answers(domain, domain.networks())

    def take(self) -> Answers:
        """Copy the networks as they are now, and return who answers with them, until the next time."""
        for name, copy in self._answers.networks.items():
            averaged = self._averages.variables.get(name)
            assign(copy, raw_variables(self._networks[name]) if averaged is None else averaged)
        return self._answers
