"""The settings of bigan: what `gansuite config bigan` shows, and --set and files change."""

from __future__ import annotations

from dataclasses import dataclass

from gansuite.config import setting
from gansuite.settings import Optimizer, Training


@dataclass(frozen=True, kw_only=True)
class Data:
    """What to learn from, and the form it is brought into."""

    source: str = setting("digits", help="Name of a data set, or path of pictures.")
    size: int = setting(16, choices=(8, 16, 32, 64), help="Height and width of the pictures.")
    channels: int = setting(1, choices=(1, 3), help="1 for grey, 3 for colour.")
    valid_share: float = setting(0.1, minimum=0, below=1, help="Part held out, where the data does not say.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture."""
        return (self.size, self.size, self.channels)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Pictures from latents, and latents from pictures."""

    data: Data = setting(Data(), help="What to learn from.")
    latent: int = setting(16, minimum=1, help="How many numbers stand for a picture.")
    width: int = setting(32, minimum=1, help="Channels next to the picture, twice as many at each halving.")
    cycle: float = setting(0.0, minimum=0, help="Weight of reconstructions, pixel by pixel; 0 as published.")
    optimizer: Optimizer = setting(Optimizer(learning_rate=5e-4, beta_1=0.5), help="Moves both players.")
    training: Training = setting(Training(steps=4000), help="How long and how.")
