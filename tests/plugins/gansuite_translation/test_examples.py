"""Examples: cut and mirrored alike where they belong together, by themselves where not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from gansuite.errors import DataError
from gansuite.noise import Noise
from gansuite_translation.examples import cut

Make = Any
Write = Any


def load(examples: Any, seed: int = 0) -> dict[str, np.ndarray]:
    count = examples.size
    batch = examples.load(tf.range(count, dtype=tf.int64), Noise(seed=seed, rows=count))
    return {name: rows.numpy() for name, rows in batch.items()}


def test_a_square_is_cut_anywhere_and_mirrored_half_of_the_time() -> None:
    rows, size = 400, 4
    places = np.arange(49, dtype=np.uint8).reshape(7, 7)
    pixels = tf.constant(np.repeat(places[None, ..., None], rows, axis=0))
    made = np.round((cut(pixels, Noise(seed=1, rows=rows), size, flip=True).numpy() + 1) * 127.5)
    allowed = {(top, left): places[top : top + 4, left : left + 4] for top in range(4) for left in range(4)}
    seen = set()
    for picture in made[..., 0]:
        for place, piece in allowed.items():
            for mirrored in (False, True):
                if np.array_equal(picture, piece[:, ::-1] if mirrored else piece):
                    seen.add((*place, mirrored))
    assert len(seen) == 4 * 4 * 2


def test_both_of_a_pair_are_cut_and_mirrored_alike(make: Make, side_by_side: Path) -> None:
    """B is A inverted: whatever is done to both, they add up to 0."""
    pix2pix = make("pix2pix", side_by_side)
    pairs = load(pix2pix.examples("train"))
    assert pairs["inputs"].shape[1:] == (16, 16, 3)
    assert np.abs(pairs["inputs"] + pairs["targets"]).max() < 0.02
    again, other = load(pix2pix.examples("train")), load(pix2pix.examples("train"), seed=1)
    assert np.array_equal(again["inputs"], pairs["inputs"])
    assert not np.array_equal(other["inputs"], pairs["inputs"])


def test_held_out_pairs_stay_as_they_are(make: Make, side_by_side: Path) -> None:
    examples = make("pix2pix", side_by_side).examples("valid")
    assert np.array_equal(load(examples)["inputs"], load(examples, seed=1)["inputs"])


def test_the_direction_says_which_side_is_translated(make: Make, side_by_side: Path) -> None:
    there, back = (
        load(make("pix2pix", side_by_side, f"data.direction={way}").examples("valid"))
        for way in ("A-to-B", "B-to-A")
    )
    assert np.array_equal(there["inputs"], back["targets"])
    assert np.array_equal(there["targets"], back["inputs"])


def test_without_pairs_partners_change_and_nothing_is_cut_alike(make: Make, side_by_side: Path) -> None:
    examples = make("cyclegan", side_by_side).examples("train")
    sides = load(examples)
    assert examples.spec == {side: tf.TensorSpec([16, 16, 3], tf.float32) for side in ("a", "b")}
    assert np.abs(sides["a"] + sides["b"]).mean() > 0.1
    assert not np.array_equal(load(examples, seed=1)["b"], sides["b"])


def test_the_smaller_side_is_drawn_from(make: Make, write: Write) -> None:
    folder = write({**{f"A/{number}.png": number for number in range(3)}, "B/1.png": 7})
    cyclegan = make("cyclegan", folder, "data.valid_share=0")
    assert cyclegan.examples("train").size == 3
    assert load(cyclegan.examples("train"))["b"].shape[0] == 3
    with pytest.raises(DataError, match="no pictures of A in the valid part"):
        cyclegan.examples("valid")
