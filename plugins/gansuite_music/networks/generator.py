"""The generator of musegan: from latents to soft piano-rolls."""

from __future__ import annotations

import keras
from keras import layers, ops

from gansuite.layers.bend import Bend
from gansuite.layers.nearest import Nearest
from gansuite.precision import full
from gansuite_music.config import Latents, MuseGAN
from gansuite_music.networks.resolution import factors
from gansuite_music.networks.time import Convolution
from gansuite_music.networks.tracks import Positions, Voices


def build_generator(config: MuseGAN) -> keras.Model:
    """Build the generator.

    Four kinds of latents, as MuseGAN's hybrid model has them: shared by all tracks or a track's own,
    constant or one for each bar. They make features for each beat; convolutions over time refine these to
    half beats, and on to steps. Every resolution adds its part to the tracks' features, so that held notes
    are the coarse part's and short ones the fine part's: notes come out long unless there is a reason.

    Args:
        config: the plugin's settings.

    Returns:
        Model from latents float32 (batch, latents) to soft piano-rolls float32 (batch, steps, tracks,
        pitches) in [0, 1]: in a track of one voice, the probabilities of the pitches, which sum to 1 minus
        that of a rest; in one of many voices, each pitch's own probability.

    Source: Dong et al. 2018, arXiv:1709.06298, section "Hybrid model" for the latents.
    """
    data, tracks = config.data, config.tracks
    size = config.generator
    latents = keras.Input([latent_size(config)], name="latents")
    shared, own = _by_bar(latents, config)

    beats = data.bars * data.beats_per_bar
    features = layers.Dense(data.beats_per_bar * size.channels, name="beats")(shared)
    features = ops.reshape(features, [-1, beats, size.channels])
    features = Bend()(Positions(name="positions")(features))
    features = _convolution(features, size.channels, "beat")

    of_tracks = layers.Dense(data.beats_per_bar * size.embedding, name="own")(own)
    of_tracks = _track_features(of_tracks, beats, len(tracks), size.embedding)
    width = len(tracks) * size.embedding
    of_tracks = of_tracks + layers.Dense(width, name="beat_tracks")(features)
    levels = factors(data.steps_per_beat)
    for level, factor in enumerate(levels, start=1):
        channels = max(size.channels >> max(level - 1, 0), 32)
        features = _convolution(Nearest([factor])(features), channels, f"fine_{level}")
        # Single steps have no say at first: notes begin long, and are cut where the critic asks for it.
        start = "zeros" if level == len(levels) else "glorot_uniform"
        finer = layers.Dense(width, kernel_initializer=start, name=f"fine_{level}_tracks")(features)
        of_tracks = Nearest([factor])(of_tracks) + finer

    pitches = config.pitches.count + 1
    logits = layers.Dense(len(tracks) * pitches, dtype=full(), name="pitches")(of_tracks)
    logits = ops.reshape(logits, [-1, data.steps, len(tracks), pitches])
    one_voice = [track.voices == "one" for track in tracks]
    return keras.Model(latents, Voices(one_voice, dtype=full(), name="rolls")(logits), name="generator")


def latent_size(config: MuseGAN) -> int:
    """Return how many numbers a phrase is made from."""
    kinds: Latents = config.latents
    in_tracks = len(config.tracks) * (kinds.track + config.data.bars * kinds.track_bar)
    return kinds.shared + config.data.bars * kinds.bar + in_tracks


def _by_bar(latents: keras.KerasTensor, config: MuseGAN) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """Lay the latents out: shared (batch, bars, size) and the tracks' own (batch, bars, tracks, size)."""
    kinds, bars, tracks = config.latents, config.data.bars, len(config.tracks)
    sizes = (kinds.shared, bars * kinds.bar, tracks * kinds.track, bars * tracks * kinds.track_bar)
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    shared, bar, track, track_bar = (
        latents[:, start : start + size] for start, size in zip(starts, sizes, strict=True)
    )
    shared = ops.repeat(ops.reshape(shared, [-1, 1, kinds.shared]), bars, axis=1)
    bar = ops.reshape(bar, [-1, bars, kinds.bar])
    track = ops.repeat(ops.reshape(track, [-1, 1, tracks, kinds.track]), bars, axis=1)
    track_bar = ops.reshape(track_bar, [-1, bars, tracks, kinds.track_bar])
    return ops.concatenate([shared, bar], axis=-1), ops.concatenate([track, track_bar], axis=-1)


def _track_features(own: keras.KerasTensor, beats: int, tracks: int, width: int) -> keras.KerasTensor:
    bars, beats_per_bar = own.shape[1], beats // own.shape[1]
    apart = ops.reshape(own, [-1, bars, tracks, beats_per_bar, width])
    return ops.reshape(ops.transpose(apart, [0, 1, 3, 2, 4]), [-1, beats, tracks * width])


def _convolution(features: keras.KerasTensor, channels: int, name: str) -> keras.KerasTensor:
    features = Convolution(channels, name=name)(features)
    return Bend()(features)
