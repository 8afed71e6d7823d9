"""Phrases as Standard MIDI Files, made by a graph: what is written is what a server answers.

Source: Standard MIDI Files 1.0 (MIDI Manufacturers Association, RP-001).
"""

from __future__ import annotations

import tensorflow as tf

from gansuite_music.config import MuseGAN, Track

#: Ticks in a quarter, rounded to a whole number of ticks in a step.
TICKS = 480
DRUMS = 9
#: Channels of instruments: ten is for drums.
CHANNELS = (*range(DRUMS), *range(DRUMS + 1, 16))
_OFF, _ON, _PROGRAM = 0x80, 0x90, 0xC0
_META, _NAME, _END, _TEMPO, _METRE = 0xFF, 0x03, 0x2F, 0x51, 0x58
_CLOCKS, _NOTES_PER_QUARTER, _QUARTER = 24, 8, 2
_MICROSECONDS = 60_000_000
_BYTES = [bytes([value]) for value in range(256)]


def midi_files(rolls: tf.Tensor, config: MuseGAN) -> tf.Tensor:
    """Write phrases as MIDI: a track for each instrument, drums on channel 10, a tempo and a time signature.

    Args:
        rolls: bool (batch, steps, tracks, pitches).
        config: the run's settings.

    Returns:
        text (batch,): the bytes of a file of type 1 for each; every instrument ends where the phrase does.
    """
    tracks, output, steps = config.tracks, config.output, config.data.steps_per_beat
    ticks = max(1, round(TICKS / steps))
    head = b"MThd" + _number(6, 4) + _number(1, 2) + _number(len(tracks) + 1, 2)
    head += _number(ticks * steps, 2) + _chunk(_conductor(output.tempo, config.data.beats_per_bar))

    def one(roll: tf.Tensor) -> tf.Tensor:
        parts = [tf.constant(head)]
        channels = iter(CHANNELS * (1 + len(tracks) // len(CHANNELS)))
        for index, track in enumerate(tracks):
            channel = DRUMS if track.drum else next(channels)
            parts.append(_track(roll[:, index], track, channel, ticks, config.pitches.low, output.velocity))
        return tf.strings.join(parts)

    return tf.map_fn(one, rolls, fn_output_signature=tf.string)


def _conductor(tempo: float, beats_per_bar: int) -> bytes:
    """The events of the track that says how fast and in which metre."""
    pace = _number(min(round(_MICROSECONDS / tempo), 2**24 - 1), 3)
    metre = bytes([beats_per_bar, _QUARTER, _CLOCKS, _NOTES_PER_QUARTER])
    return _meta(_TEMPO, pace) + _meta(_METRE, metre) + _meta(_END, b"")


def _track(roll: tf.Tensor, track: Track, channel: int, ticks: int, low: int, velocity: int) -> tf.Tensor:
    start = _meta(_NAME, track.encoded) + bytes([0, _PROGRAM | channel, 0 if track.drum else track.program])
    steps = roll.shape[0]
    silence = tf.zeros_like(roll[:1])
    before, after = tf.concat([silence, roll], 0), tf.concat([roll, silence], 0)
    # A drum is struck in every step; of other tracks, what sounds on is one note.
    off, on = (before, after) if track.drum else (before & ~after, after & ~before)
    # By time, at one time first what ends.
    events = tf.where(tf.stack([off, on], axis=1))
    at = tf.concat([tf.zeros([1], tf.int64), events[:, 0], tf.constant([steps], tf.int64)], 0)
    waits, shown = _lengths(ticks * (at[1:] - at[:-1]))
    begins = events[:, 1] > 0
    status = tf.where(begins, tf.constant(_ON | channel, tf.int64), tf.constant(_OFF | channel, tf.int64))
    loudness = tf.where(begins, tf.constant(velocity, tf.int64), tf.constant(0, tf.int64))
    messages = tf.stack([status, events[:, 2] + low, loudness], axis=1)
    notes = tf.boolean_mask(
        tf.concat([waits[:-1], messages], 1),
        tf.concat([shown[:-1], tf.ones_like(messages, tf.bool)], 1),
    )
    last = tf.boolean_mask(waits[-1], shown[-1])
    end = tf.constant(list(_meta(_END, b"")[1:]), tf.int64)
    body = tf.concat([tf.constant(list(start), tf.int64), notes, last, end], 0)
    size = tf.size(body, tf.int64)
    length = tf.stack(
        [tf.bitwise.right_shift(size, tf.constant(8 * one, tf.int64)) % 256 for one in (3, 2, 1, 0)]
    )
    return tf.strings.join(["MTrk", _text(tf.concat([length, body], 0))])


def _lengths(values: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Write numbers below 2^28 as variable-length quantities: int64 (n, 4) bytes, and which of them count."""
    places = tf.constant([21, 14, 7, 0], tf.int64)
    digits = tf.bitwise.right_shift(values[:, tf.newaxis], places) % 128
    shown = (values[:, tf.newaxis] >= tf.bitwise.left_shift(tf.constant(1, tf.int64), places)) | (places == 0)
    return digits + tf.constant([128, 128, 128, 0], tf.int64), shown


def _text(values: tf.Tensor) -> tf.Tensor:
    """Return numbers below 256 as the bytes of one text."""
    return tf.strings.reduce_join(tf.gather(tf.constant(_BYTES), values))


def _meta(kind: int, content: bytes) -> bytes:
    return bytes([0, _META, kind, len(content)]) + content


def _chunk(body: bytes) -> bytes:
    return b"MTrk" + _number(len(body), 4) + body


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "big")
