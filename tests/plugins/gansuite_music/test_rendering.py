from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gansuite.errors import ConfigError
from gansuite_music.config import LPD_TRACKS, Generator, MuseGAN, MusicData, Output, Track
from gansuite_music.domain import MuseGANDomain
from gansuite_music.pictures import COLOURS, WIDTH, Metre, draw_phrase
from gansuite_music.rendering import render_phrases, write_wav
from gansuite_music.soundfont import player
from gansuite_music.synthesis import LOUDEST, RATE, TAIL, drum, synthesise, timbre_of

KICK, SNARE, HAT = 36, 38, 42
STEP = 0.15


def config_with(**output: Any) -> MuseGAN:
    return MuseGAN(output=Output(**output))


def phrases(count: int = 2) -> np.ndarray:
    rolls = np.zeros((count, 32, 5, 84), np.uint8)
    rolls[:, ::4, 0, KICK - 24] = 1
    rolls[:, :16, 1, 60 - 24] = 1
    rolls[:, 16:, 4, 67 - 24] = 1
    return rolls


def read_wav(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


def test_phrases_become_midi_pictures_and_sound(tmp_path: Path) -> None:
    files = render_phrases(phrases(), tmp_path, ["seed-3", "seed-4"], config_with())
    wanted = {"overview.png", *(f"seed-{seed}{end}" for seed in (3, 4) for end in (".mid", ".png", ".wav"))}
    assert {file.name for file in files} == wanted == {file.name for file in tmp_path.iterdir()}
    for file in files:
        if file.suffix == ".png":
            Image.open(file).verify()


def test_the_file_of_a_seed_is_the_one_that_is_served(tmp_path: Path) -> None:
    config = MuseGAN(
        data=MusicData(bars=1, beats_per_bar=3, steps_per_beat=12),
        output=Output(tempo=117.3, sound=False),
        generator=Generator(channels=8, embedding=2),
    )
    domain = MuseGANDomain(config)
    networks, endpoints = domain.networks(), domain.endpoints()
    for number, weight in enumerate(networks["generator"].weights):  # an untrained one is silent
        weight.assign(tf.random.stateless_normal(weight.shape, [0, number]))
    seed = tf.constant([3, 4], tf.int64)
    rolls = endpoints["sample"].function(networks, seed=seed)["rolls"].numpy()
    domain.render({"rolls": rolls}, tmp_path, ["seed-3", "seed-4"])
    served = tf.function(endpoints["sample_midi"].function)(networks, seed=seed)["midi_bytes"].numpy()
    assert rolls.any()
    assert [(tmp_path / f"seed-{number}.mid").read_bytes() for number in (3, 4)] == list(served)


def test_the_overview_says_whose_each_colour_is(tmp_path: Path) -> None:
    render_phrases(0 * phrases(1), tmp_path, ["a"], config_with())
    page = np.asarray(Image.open(tmp_path / "overview.png"))
    rows = [np.flatnonzero((page == colour).all(-1).any(1)) for colour in COLOURS[: len(LPD_TRACKS)]]
    assert all(len(found) for found in rows)
    # Five names are too long for one line over a single phrase.
    assert len({found[0] for found in rows}) > 1
    assert max(found[-1] for found in rows) < len(page) // 4


def test_silent_phrases_are_counted() -> None:
    domain, rolls = MuseGANDomain(config_with()), phrases(8)
    assert domain.remark({"rolls": rolls}) is None
    rolls[3] = rolls[5] = 0
    said = domain.remark({"rolls": rolls})
    assert said is not None
    assert said.startswith("2 of 8 phrases are silent")


@pytest.mark.parametrize("tempo", [60.0, 100.0])
def test_sound_lasts_as_long_as_the_phrase_and_its_tail(tmp_path: Path, tempo: float) -> None:
    render_phrases(phrases(1), tmp_path, ["a"], config_with(tempo=tempo))
    sound = read_wav(tmp_path / "a.wav")
    assert len(sound) == round((8 * 60 / tempo + TAIL) * RATE)
    assert np.sqrt(np.mean(sound**2)) > 0.01


def test_sound_can_be_turned_off(tmp_path: Path) -> None:
    files = render_phrases(phrases(1), tmp_path, ["a"], config_with(sound=False))
    assert {file.suffix for file in files} == {".mid", ".png"}
    assert not list(tmp_path.glob("*.wav"))


def test_nothing_to_draw_writes_nothing(tmp_path: Path) -> None:
    assert render_phrases(phrases(0), tmp_path, [], config_with()) == []


def rms(sound: np.ndarray, begin: float, seconds: float) -> float:
    piece = sound[round(begin * RATE) : round((begin + seconds) * RATE)]
    return float(np.sqrt(np.mean(piece.astype(np.float64) ** 2)))


def played(track: Track, notes: list[tuple[int, int, int]], low: int = 24, velocity: int = 80) -> np.ndarray:
    roll = np.zeros((16, 1, 84), bool)
    for start, length, pitch in notes:
        roll[start : start + length, 0, pitch - low] = True
    return synthesise(roll, (track,), low, step_seconds=STEP, velocity=velocity)


@pytest.mark.parametrize("pitch", [KICK, SNARE, HAT, 46, 49, 51, 45, 39, 56, 60, 81])
def test_drums_are_heard_where_they_are_struck_and_not_before(pitch: int) -> None:
    sound = played(LPD_TRACKS[0], [(4, 1, pitch), (12, 1, pitch)])
    assert rms(sound, 0, 4 * STEP - 0.01) == 0
    assert rms(sound, 4 * STEP, 0.05) > 0.02
    assert rms(sound, 12 * STEP, 0.05) > 5 * rms(sound, 11 * STEP, 0.05)


def centroid(sound: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(sound.astype(np.float64))) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / power.sum())


def test_drums_sound_different() -> None:
    kick, snare, hat = (centroid(drum(pitch)) for pitch in (KICK, SNARE, HAT))
    assert kick < 200 < snare < 6000 < hat


@pytest.mark.parametrize("program", [0, 19, 25, 33, 48, 52, 73])
@pytest.mark.parametrize("pitch", [40, 57, 69])
def test_tones_are_in_tune(program: int, pitch: int) -> None:
    sound = played(Track(name="A", program=program), [(0, 16, pitch)]).astype(np.float64)[
        : 16 * int(STEP * RATE)
    ]
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 8 * len(sound))) ** 2
    frequencies = np.fft.rfftfreq(8 * len(sound), 1 / RATE)
    wanted = 440 * 2 ** ((pitch - 69) / 12)
    near = np.abs(frequencies - wanted) < wanted * 0.03
    assert abs(frequencies[near][power[near].argmax()] / wanted - 1) < 0.005
    assert power[near].max() >= 0.5 * power[frequencies < wanted * 0.97].max() * 2


def test_held_tones_fade_where_their_instrument_does() -> None:
    def fading(program: int) -> float:
        sound = played(Track(name="A", program=program), [(0, 16, 60)])
        return rms(sound, 14 * STEP, STEP) / rms(sound, STEP, STEP)

    assert fading(0) < 0.3
    assert fading(52) == pytest.approx(1, abs=0.05)
    assert timbre_of(52) is not timbre_of(48)


def test_sound_is_the_same_each_time_loudness_follows_velocity_and_nothing_clips() -> None:
    roll = np.ones((8, 5, 84), bool)
    loud = synthesise(roll, LPD_TRACKS, 24, step_seconds=STEP, velocity=127)
    np.testing.assert_array_equal(loud, synthesise(roll, LPD_TRACKS, 24, step_seconds=STEP, velocity=127))
    assert np.abs(loud).max() == pytest.approx(LOUDEST, abs=1e-3)
    soft, hard = (played(LPD_TRACKS[1], [(0, 4, 60)], velocity=velocity) for velocity in (40, 80))
    np.testing.assert_allclose(2 * soft, hard, rtol=1e-4, atol=1e-7)


def test_wav_keeps_the_samples(tmp_path: Path) -> None:
    sound = np.array([0, 0.5, -0.5, 1, -1])
    write_wav(tmp_path / "a.wav", sound)
    np.testing.assert_allclose(read_wav(tmp_path / "a.wav"), sound, atol=1e-4)


def test_picture_shows_each_note_in_its_tracks_colour_and_place() -> None:
    tracks = LPD_TRACKS[1:3]
    roll = np.zeros((32, 2, 84), bool)
    roll[8:16, 0, 60 - 24] = True
    roll[16:20, 1, 50 - 24] = True
    pixels = np.asarray(draw_phrase(roll, tracks, 24, Metre(beat=4, bar=16)))
    assert pixels.ndim == 3
    spans = []
    for colour in COLOURS[:2]:
        columns = np.flatnonzero((pixels == colour).all(axis=2).any(axis=0))
        spans.append((columns.min(), columns.max()))
    step = WIDTH // 32
    labels = pixels.shape[1] - 1 - 32 * step
    spans = [(first - labels, last - labels) for first, last in spans]
    assert [(first // step, last // step) for first, last in spans] == [(8, 15), (16, 19)]
    rows = [np.flatnonzero((pixels == colour).all(axis=2).any(axis=1)) for colour in COLOURS[:2]]
    assert rows[0].max() < rows[1].min()


def test_pictures_of_silence_and_of_everything_are_drawn() -> None:
    for roll in (np.zeros((4, 5, 84), bool), np.ones((200, 5, 84), bool)):
        assert draw_phrase(roll, LPD_TRACKS, 24, Metre(beat=4, bar=16)).width > 0


def test_missing_or_wrong_soundfonts_are_found_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        player(Output(soundfont=tmp_path / "none.sf2"))
    wrong = tmp_path / "wrong.sf2"
    wrong.write_text("not a SoundFont at all")
    with pytest.raises(ConfigError, match="not a SoundFont"):
        player(Output(soundfont=wrong))


def test_only_what_plays_needs_the_soundfont(tmp_path: Path) -> None:
    domain = MuseGANDomain(config_with(soundfont=tmp_path / "gone.sf2"))
    assert set(domain.endpoints()) == set(MuseGANDomain(config_with()).endpoints())
    with pytest.raises(ConfigError, match="no such file"):
        domain.preview()
    assert MuseGANDomain(config_with(soundfont=tmp_path / "gone.sf2", sound=False)).preview().names


def skip_without_fluidsynth() -> None:
    try:
        import fluidsynth  # noqa: F401
    except (ImportError, OSError) as missing:
        pytest.skip(f"no fluidsynth here: {missing}")


def test_soundfonts_that_cannot_be_loaded_are_found_out(tmp_path: Path) -> None:
    skip_without_fluidsynth()
    empty = tmp_path / "empty.sf2"
    empty.write_bytes(b"RIFF\4\0\0\0sfbk")
    with pytest.raises(ConfigError, match="cannot load this SoundFont") as refused:
        MuseGANDomain(config_with(soundfont=empty)).preview()
    assert str(empty) in str(refused.value)


def test_soundfont_plays_drums_and_tones(tmp_path: Path) -> None:
    skip_without_fluidsynth()
    assert player(Output()) is not None
    config = MuseGAN(data=MusicData(bars=2))
    rolls = phrases(2)
    rolls[1, :, 1:] = 0
    render_phrases(rolls, tmp_path, ["all", "drums"], config)
    for name in ("all", "drums"):
        sound = read_wav(tmp_path / f"{name}.wav")
        assert len(sound) == round((4.8 + TAIL) * RATE)
        assert rms(sound, 0.6, 0.1) > 1e-3
