"""How the encoder of f-AnoGAN learns, once generator and discriminator have played."""

from __future__ import annotations

from gansuite.game import Phase, Player, Terms, Turn
from gansuite.losses.pixels import l2
from gansuite_anomaly.comparing import looking
from gansuite_anomaly.config import FAnoGAN
from gansuite_image.game import EXAMPLES


def encoder_phase(config: FAnoGAN) -> Phase:
    """Return the second phase: from picture to latents to picture, with a generator that stays as it is.

    Source: Schlegl et al. 2019, doi:10.1016/j.media.2019.01.010, eq. 4: izi_f training.
    """

    def encode(turn: Turn) -> Terms:
        """Make the same picture again: terms `pixels` and `features`, mean squared differences."""
        pictures, look = turn.batch[EXAMPLES], looking(turn.networks)
        latents = turn.networks["encoder"](pictures, training=True)
        made = turn.networks["generator"](latents, training=False)
        return {"pixels": l2(made, pictures), "features": l2(look(made), look(pictures))}

    player = Player(
        name="encoder",
        trains=("encoder",),
        loss=encode,
        optimizer=config.encoder_optimizer,
        weights={"features": config.weight},
    )
    return Phase(name="encoder", players=(player,))
