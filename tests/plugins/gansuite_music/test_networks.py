"""musegan's networks and what they make."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from gansuite.noise import Noise
from gansuite_music.config import LPD_TRACKS, Latents, MuseGAN, MusicData, Pitches, Track
from gansuite_music.game import phrase_endpoints
from gansuite_music.networks.critic import Holding, build_critic
from gansuite_music.networks.generator import build_generator, latent_size
from gansuite_music.networks.resolution import factors
from gansuite_music.networks.time import Convolution, Halving, moved
from gansuite_music.networks.tracks import Voices

VOICES = tuple(Track(name=name, voices="one") for name in ("high", "low"))
SMALL = MuseGAN(
    data=MusicData(bars=2, steps_per_beat=4),
    pitches=Pitches(low=60, high=71),
    tracks=VOICES,
    latents=Latents(shared=5, bar=3, track=2, track_bar=1),
)


@pytest.mark.parametrize("steps_per_beat", [1, 2, 3, 4, 12, 24])
@pytest.mark.parametrize("tracks", [VOICES, LPD_TRACKS])
def test_any_grid_and_tracks_give_rolls_and_scores(steps_per_beat: int, tracks: tuple[Track, ...]) -> None:
    data = MusicData(bars=1, beats_per_bar=3, steps_per_beat=steps_per_beat)
    config = dataclasses.replace(SMALL, data=data, tracks=tracks)
    latents = Noise(seed=0, rows=2).normal("latents", [latent_size(config)])
    rolls = build_generator(config)(latents)
    assert rolls.shape == (2, data.steps, len(tracks), 12)
    assert float(tf.reduce_min(rolls)) >= 0
    assert float(tf.reduce_max(rolls)) <= 1
    assert build_critic(config)(rolls).shape == (2,)


def test_a_track_of_one_voice_has_probabilities_that_leave_some_for_a_rest() -> None:
    mixed = (VOICES[0], Track(name="chords", voices="many"))
    config = dataclasses.replace(SMALL, tracks=mixed)
    latents = Noise(seed=0, rows=3).normal("latents", [latent_size(config)])
    sums = tf.reduce_sum(build_generator(config)(latents), axis=-1)
    assert float(tf.reduce_max(sums[:, :, 0])) < 1
    assert float(tf.reduce_min(sums[:, :, 0])) > 0.5


def changes(config: MuseGAN, position: int) -> np.ndarray:
    """Which (steps, tracks) of the rolls change when one latent does."""
    size = latent_size(config)
    latents = Noise(seed=0, rows=1).normal("latents", [size]).numpy()
    other = latents.copy()
    other[0, position] += 3.0
    generator = build_generator(config)
    change = np.abs(generator(other).numpy() - generator(latents).numpy())[0]
    return change.max(axis=-1) > 1e-6


def test_shared_latents_reach_every_bar_and_those_of_a_bar_mostly_that_bar() -> None:
    assert changes(SMALL, 0).all()
    of_first_bar = changes(SMALL, 5)
    assert of_first_bar[:16].all()
    assert not of_first_bar[-8:].any()


def test_latents_of_a_track_in_a_bar_reach_that_bar_only() -> None:
    last = latent_size(SMALL) - 1
    assert not changes(SMALL, last)[:16].any()
    assert changes(SMALL, last)[16:].all()


def test_what_sounds_is_the_likeliest_pitch_or_the_rest() -> None:
    hard = Voices([True]).sounding(tf.constant([[[[0.2, 0.5, 0.1, 0.3]], [[0.3, 0.1, 0.1, 0.4]]]])).numpy()
    assert hard[0, 0, 0].tolist() == [False, True, False]
    assert not hard[0, 1, 0].any()


def test_of_many_voices_sounds_what_is_likelier_than_not() -> None:
    hard = Voices([False]).sounding(tf.constant([[[[2.9, 3.1, 9.0, 99.0]]]])).numpy()
    assert hard[0, 0, 0].tolist() == [False, True, True]


def test_unlike_tracks_sound_each_by_its_kind() -> None:
    hard = (
        Voices([True, False]).sounding(tf.constant([[[[0.3, 0.3, 0.1, 0.3], [9.0, -9.0, 9.0, 0.0]]]])).numpy()
    )
    assert hard[0, 0].tolist() == [[True, False, False], [True, False, True]]


def test_what_sounds_is_what_the_probabilities_say() -> None:
    numbers = 4 * Noise(seed=0, rows=50).normal("numbers", [6, 3, 9])
    voices = Voices([True, False, True])
    soft, hard = voices(numbers).numpy(), voices.sounding(numbers).numpy()
    likeliest = soft == soft.max(axis=-1, keepdims=True)
    alone = likeliest & (soft >= 1 - soft.sum(axis=-1, keepdims=True))
    np.testing.assert_array_equal(hard, np.where(voices.one_voice[:, None], alone, soft > 0.5))


def test_sample_is_generate_with_latents_of_the_seed() -> None:
    networks = {"generator": build_generator(SMALL)}
    sample = phrase_endpoints(SMALL)["sample"].function
    together = sample(networks, seed=tf.constant([3, 4], tf.int64))["rolls"].numpy()
    alone = sample(networks, seed=tf.constant([4], tf.int64))["rolls"].numpy()
    np.testing.assert_array_equal(together[1], alone[0])
    assert (together[0] != together[1]).any()


def test_holding_counts_what_sounded_before() -> None:
    rolls = np.zeros([1, 4, 1, 3], np.float32)
    rolls[0, :3, 0, 1] = 1
    rolls[0, 3, 0, 2] = 1
    assert Holding(1)(rolls).numpy()[0, :, 0].tolist() == [0, 1, 1, 0]
    assert Holding(2)(rolls).numpy()[0, :, 0].tolist() == [0, 0, 1, 0]


def test_convolutions_equal_those_of_tensorflow() -> None:
    features = Noise(seed=0, rows=2).normal("features", [6, 3])
    layer = Convolution(4)
    got = layer(features)
    kernel = tf.stack(tf.split(tf.convert_to_tensor(layer.kernel), 3, axis=-1))
    np.testing.assert_allclose(got, tf.nn.conv1d(features, kernel, 1, "SAME"), atol=1e-5)

    layer = Halving(4)
    got = layer(features)
    pairs = tf.split(tf.convert_to_tensor(layer.kernel), 2, axis=-1)
    kernel = tf.concat([tf.reshape(pair, [2, 3, 4]) for pair in pairs], axis=0)
    padded = tf.pad(features, [[0, 0], [0, 2], [0, 0]])
    np.testing.assert_allclose(got, tf.nn.conv1d(padded, kernel, 2, "VALID"), atol=1e-5)


def test_halving_an_odd_number_of_places_loses_none() -> None:
    layer = Halving(4)
    features = Noise(seed=0, rows=1).normal("features", [5, 3])
    assert layer(features).shape == (1, 3, 4)
    changed = tf.concat([features[:, :4], features[:, 4:] + 1], axis=1)
    assert np.abs(layer(changed).numpy() - layer(features).numpy())[0, 2].max() > 1e-3


def test_moved_features_leave_zeros_behind() -> None:
    features = tf.reshape(tf.range(1.0, 5.0), [1, 4, 1])
    assert tf.squeeze(moved(features, 1)).numpy().tolist() == [0, 1, 2, 3]
    assert tf.squeeze(moved(features, -2)).numpy().tolist() == [3, 4, 0, 0]


def test_factors_multiply_to_their_number() -> None:
    assert factors(24) == [2, 2, 2, 3]
    assert factors(1) == []
    assert factors(7) == [7]
