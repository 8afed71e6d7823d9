"""What `--preset paper` promises: the paper's game, whatever the card of a data set would choose."""

from __future__ import annotations

import pytest

from gansuite.composition import Request, compose
from gansuite.config import Layer, differences, resolve
from gansuite.data.cards import cards
from gansuite.registry import load
from tiny import plugins_of_this_repository

#: What a card chooses still: what its data are, and how often a run is looked at.
OF_THE_DATA = ("data.", "training.sample_every", "training.checkpoint_every")
#: Of these papers a length is so many times through the data.
IN_EPOCHS = ("pix2pix", "cyclegan")

CHOSEN = [
    (plugin, preset, card.name)
    for plugin in plugins_of_this_repository()
    for preset in load(plugin).presets
    for card in cards().values()
    if plugin in card.settings
]


@pytest.mark.parametrize(("plugin", "preset", "data"), CHOSEN)
def test_a_data_set_leaves_the_game_of_a_preset_alone(plugin: str, preset: str, data: str) -> None:
    announced = load(plugin)
    alone = resolve(announced.config_class(), [Layer(preset, announced.presets[preset])])
    beside = compose(announced, Request(preset=preset, assignments=[f"data.source={data}"]))
    chosen = (*OF_THE_DATA, "training.steps") if plugin in IN_EPOCHS else OF_THE_DATA
    changed = [str(one) for one in differences(alone, beside) if not one.path.startswith(chosen)]
    assert changed == []


def test_presets_and_cards_are_tried() -> None:
    """Each of these was once played with rates, latents or a discriminator of the card's."""
    assert {("gan", "paper", "ring"), ("cgan", "paper", "fashion-mnist"), ("anogan", "paper", "digits")} <= {
        *CHOSEN
    }
