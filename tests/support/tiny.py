"""The plugins of this repository, each made tiny: a run of theirs takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
from PIL import Image

from gansuite.registry import announcements

#: The programs and channels of the voices of a song.
VOICES = ((0, 9), (0, 0), (33, 1))
#: One of each kind: drums, one voice, many voices.
TRACKS = '[{name="Drums",drum=true},{name="Tune",voices="one",programs=["0"]},{name="Bass",programs=["33"]}]'


@dataclass(frozen=True, kw_only=True)
class Tiny:
    """A plugin on a little data.

    Args:
        data: what to learn from, made in an empty folder: the name of a data set or a path.
        settings: as `--set` takes them. Networks are small, but have every kind of layer of large ones.
        draws: whether its losses draw noise.
    """

    data: Callable[[Path], str]
    settings: tuple[str, ...]
    draws: bool = True

    def arguments(self, folder: Path) -> list[str]:
        """Return what follows `gansuite train PLUGIN` on a command line."""
        sets = [word for setting in self.settings for word in ("--set", setting)]
        return ["--data", self.data(folder), *sets]


def plugins_of_this_repository() -> list[str]:
    """Return the names that are announced by the distribution under test."""
    return [one.name for one in announcements() if one.distribution == "gansuite"]


def songs(folder: Path) -> str:
    """Write four songs of eight bars with drums, piano and bass."""
    target = folder / "songs"
    target.mkdir(exist_ok=True)
    for number in range(4):
        song = mido.MidiFile(ticks_per_beat=480)
        for program, channel in VOICES:
            track = mido.MidiTrack()
            track.append(mido.Message("program_change", program=program, channel=channel))
            for at in range(64):
                pitch = 36 + 12 * (program == 0) + (at * (2 * number + 3)) % 17
                track.append(mido.Message("note_on", note=pitch, velocity=70, channel=channel))
                track.append(mido.Message("note_off", note=pitch, channel=channel, time=240))
            song.tracks.append(track)
        song.save(target / f"{number}.mid")
    return str(target)


def photographs(folder: Path) -> str:
    """Write six small pictures, one of them to be held out."""
    target = folder / "photographs"
    for number in range(6):
        part = target / ("valid" if number == 5 else "train")
        part.mkdir(parents=True, exist_ok=True)
        rows, columns = np.mgrid[:40, :56]
        channels = [np.sin((number + 2) * rows / 9 + one) * np.cos(columns / (3 + one)) for one in range(3)]
        pixels = 128 + 90 * np.stack(channels, axis=-1)
        Image.fromarray(pixels.astype(np.uint8)).save(part / f"{number}.png")
    return str(target)


def digits(folder: Path) -> str:
    """Name the data set that scikit-learn carries."""
    return "digits"


def pairs(folder: Path) -> str:
    """Write twelve pictures with waves in their left half and, inverted, in their right one."""
    target = folder / "pairs"
    target.mkdir(exist_ok=True)
    down, across = np.mgrid[0:24, 0:24]
    for number in range(12):
        waves = [np.sin(0.1 * (number + 2) * down + channel * across / 5) for channel in range(3)]
        left = np.uint8(127.5 + 127.5 * np.stack(waves, axis=-1))
        Image.fromarray(np.hstack([left, 255 - left])).save(target / f"{number}.png")
    return str(target)


TINY = {
    "musegan": Tiny(
        data=songs,
        settings=(
            "data.bars=1", "data.transpose=3", "pitches={low=36,high=71}", "output.sound=false",
            "generator={channels=32,embedding=6}", "critic={channels=32,embedding=6}",
            f"tracks={TRACKS}",
        ),
    ),
    "dcgan": Tiny(
        data=digits,
        settings=(
            "data.size=16", "data.channels=1", "data.flip=true", "latent=16", "generator.width=8",
            "discriminator.width=8",
        ),
    ),
    "gan": Tiny(
        data=digits,
        settings=(
            "data.size=8", "data.channels=1", "latent=8", "generator.width=16", "discriminator.width=8",
            "instance_noise=0.1", "label_smoothing=0.1",
        ),
    ),
    "cgan": Tiny(
        data=digits,
        settings=(
            "data.size=8", "data.channels=1", "latent=16", "generator.width=8", "discriminator.width=8",
            "discriminator.deviation=true", "feature_matching=0.1",
        ),
    ),
    "wgan": Tiny(
        data=digits,
        settings=(
            "data.size=8", "data.channels=1", "latent=16", "generator.width=8", "discriminator.width=8",
            "rounds=2",
        ),
    ),
    "wgan-gp": Tiny(
        data=digits,
        settings=(
            "data.size=8", "data.channels=1", "latent=16", "generator.width=8", "discriminator.width=8",
            "rounds=1",
        ),
    ),
    "sngan": Tiny(
        data=digits,
        settings=(
            "data.size=8", "data.channels=1", "latent=16", "generator.width=8", "discriminator.width=8",
            "rounds=1",
        ),
    ),
    "srgan": Tiny(
        data=photographs,
        settings=(
            "data={scale=2,crop=16,tile=24}", "content.steps=12",
            'generator={blocks=1,width=8,batch_norm=true,activation="prelu",upsampling="stepwise"}',
            "discriminator={width=4,dense=8,batch_norm=true}",
        ),
        draws=False,
    ),
    "pix2pix": Tiny(
        data=pairs,
        settings=(
            "data.size=16", "data.jitter=4", "data.valid_share=0.25", "generator.width=4",
            "discriminator={width=4,layers=2}",
        ),
    ),
    "cyclegan": Tiny(
        data=pairs,
        settings=(
            "data.size=16", "data.jitter=4", "data.valid_share=0.25", 'generator={kind="unet",width=4}',
            "discriminator={width=4,layers=1}", "identity=0",
        ),
        draws=False,
    ),
    "anogan": Tiny(
        data=digits,
        settings=(
            "data.size=8", "data.channels=1", "data.normal=3", "latent=16", "generator.width=8",
            "discriminator.width=8", "search={starts=4,preview_steps=2}",
        ),
    ),
    "f-anogan": Tiny(
        data=digits,
        settings=(
            "data.size=8", "data.channels=1", "data.normal=3", "latent=16", "generator.width=8",
            "discriminator.width=8", "encoder.width=8", "adversarial_steps=12",
        ),
    ),
}  # fmt: skip
"""An entry for each plugin of this repository; a new plugin without one fails a test."""
