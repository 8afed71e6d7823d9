"""Settings of the plugin `ring`: light, as settings have to be."""

from __future__ import annotations

from dataclasses import dataclass

from gansuite.config import setting
from gansuite.settings import Training


@dataclass(frozen=True, kw_only=True)
class Ring:
    """Settings of the ring."""

    training: Training = setting(Training(steps=20, batch_size=8), help="How it is trained.")
    rounds: int = setting(2, minimum=1, help="Critic updates a step.")
    warm_up: int = setting(0, minimum=0, help="Steps of a first phase, in which only the generator plays.")
    wasserstein: bool = setting(False, help="Whether a Wasserstein critic with a gradient penalty plays.")
    blow_up_at: int = setting(-1, help="The step at which the critic's loss becomes infinite.")
    blow_up_alone: bool = setting(False, help="Whether that happens on the last device only.")
    slow_to_load: int = setting(0, help="Seconds that the data takes.")
    slow_to_draw: int = setting(0, help="Seconds that drawing takes after its file is written.")
    scale: float = setting(1.0, may_change=True, help="How large points are drawn.")
