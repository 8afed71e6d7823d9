"""The settings of music plugins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gansuite.config import setting
from gansuite.errors import ConfigError
from gansuite.settings import Optimizer, Training

PROGRAMS = 128
OTHERS = "others"


@dataclass(frozen=True, kw_only=True)
class Track:
    """One instrument of a phrase, and which tracks of a MIDI file are read as it."""

    name: str = setting(help="What the track is called in the MIDI files that are written.")
    program: int = setting(
        0,
        minimum=0,
        maximum=127,
        help="General MIDI program it is written with, counted from 0; drums ignore it.",
    )
    drum: bool = setting(
        False,
        help="Percussion: read from and written to MIDI channel 10, never transposed. It may name tracks of "
        "other channels, but no programs.",
    )
    voices: Literal["one", "many"] = setting("many", help="Whether one pitch may sound at a time, or many.")
    keep: Literal["highest", "lowest"] = setting(
        "highest", help='Which pitch is kept where several sound in a track of voices = "one".'
    )
    programs: tuple[str, ...] = setting(
        (), help='Programs read as this track: "24", "24-31", or "others" for those that no track names.'
    )
    names: tuple[str, ...] = setting(
        (),
        help="Names of MIDI tracks read as this one, whatever their program; * and ? stand for any "
        "characters, upper and lower case are the same. Percussion on channel 10 is read as a track of "
        "drum = true only, whatever it is called; the name that all channels of a type 0 file share is its "
        "title and names none of them.",
    )

    def __post_init__(self) -> None:
        if self.drum and self.programs:
            raise ConfigError(
                "a track of drum = true is read from channel 10, where programs are drum kits",
                where="programs",
                hint="Leave programs out; tracks of other channels can be read as it by their names.",
            )
        for entry in self.programs:
            if entry != OTHERS:
                _program_range(entry)

    @property
    def encoded(self) -> bytes:
        """The name as files have it: UTF-8, as much as a short event holds."""
        return self.name.encode("utf-8")[:127].decode("utf-8", "ignore").encode("utf-8")

    def program_numbers(self) -> frozenset[int]:
        """Return the programs that `programs` names, without "others"."""
        ranges = (_program_range(entry) for entry in self.programs if entry != OTHERS)
        return frozenset(number for numbers in ranges for number in numbers)


def _program_range(entry: str) -> range:
    first, dash, last = entry.partition("-")
    numbers = range(0)
    if first.strip().isdecimal() and (not dash or last.strip().isdecimal()):
        numbers = range(int(first), int(last if dash else first) + 1)
    if not numbers or numbers.stop > PROGRAMS:
        raise ConfigError(
            f'{entry!r} is not a program 0 to 127, a range of them such as "24-31", or "{OTHERS}"',
            where="programs",
            hint="Names of MIDI tracks go into names.",
        )
    return numbers


#: The five families of the Lakh pianoroll data set (LPD-5; Dong et al. 2018), with its programs.
LPD_TRACKS = (
    Track(name="Drums", drum=True),
    Track(name="Piano", program=0, programs=("0-7",)),
    Track(name="Guitar", program=25, programs=("24-31",)),
    Track(name="Bass", program=33, programs=("32-39",)),
    Track(name="Strings", program=48, programs=("others",)),
)


@dataclass(frozen=True, kw_only=True)
class MusicData:
    """Which music, and how it is cut into phrases on a grid of steps."""

    source: str = setting("chorales", help="A data set's name, or a MIDI file or a folder of them.")
    steps_per_beat: int = setting(4, minimum=1, maximum=48, help="Steps in a beat (a quarter note).")
    beats_per_bar: int = setting(4, minimum=1, maximum=16, help="Beats (quarter notes) in a bar.")
    bars: int = setting(2, minimum=1, maximum=64, help="Bars in a phrase.")
    hop_bars: int = setting(1, minimum=1, help="Bars from one phrase's beginning to the next one's.")
    metre: Literal["file", "settings"] = setting(
        "file",
        help='Where bar lines come from: "file", its time signatures, leaving out bars that do not go into '
        'beats_per_bar; "settings", beats_per_bar from the first beat on, for files whose signatures are '
        "unreliable.",
    )
    key: Literal["as-is", "normalise"] = setting(
        "as-is",
        help='"normalise" moves each song by -6 to 5 semitones so that most of its notes lie in '
        "C major / A minor.",
    )
    transpose: int = setting(
        0,
        minimum=0,
        maximum=12,
        help="While training, move each phrase by up to so many semitones, up or down, as far as its range "
        "allows.",
    )
    min_notes: int = setting(4, minimum=1, help="Phrases in which fewer notes begin are left out.")
    min_tracks: int = setting(1, minimum=1, help="Phrases in which fewer tracks sound are left out.")
    valid_share: float = setting(
        0.2,
        above=0.0,
        maximum=0.5,
        help="Share of the songs held out; which ones depends on their names only.",
    )

    @property
    def bar_steps(self) -> int:
        """Steps in a bar."""
        return self.steps_per_beat * self.beats_per_bar

    @property
    def steps(self) -> int:
        """Steps in a phrase."""
        return self.bars * self.bar_steps


@dataclass(frozen=True, kw_only=True)
class Pitches:
    """The range of MIDI pitches; notes outside of it are left out."""

    low: int = setting(24, minimum=0, maximum=127, help="Lowest MIDI pitch; 60 is middle C.")
    high: int = setting(107, minimum=0, maximum=127, help="Highest MIDI pitch.")

    def __post_init__(self) -> None:
        if self.high <= self.low:
            raise ConfigError(f"must be above low, which is {self.low}; got {self.high}", where="high")

    @property
    def count(self) -> int:
        """How many pitches there are."""
        return self.high - self.low + 1


@dataclass(frozen=True, kw_only=True)
class Output:
    """How music is written."""

    tempo: float = setting(100.0, minimum=10.0, maximum=400.0, may_change=True, help="Beats a minute.")
    velocity: int = setting(80, minimum=1, maximum=127, may_change=True, help="MIDI velocity of every note.")
    sound: bool = setting(True, may_change=True, help="Write WAV files beside the MIDI files.")
    soundfont: Path | None = setting(
        None,
        may_change=True,
        help="A SoundFont file to play with, for which the fluidsynth library must be installed; none: the "
        "one that comes with pretty_midi where fluidsynth is installed, else the built-in synthesiser.",
    )
    npz: bool = setting(
        False, may_change=True, help="Write NPZ files for pypianoroll beside the MIDI files as well."
    )


def check_tracks(tracks: tuple[Track, ...]) -> None:
    """Check what no track can know of the others.

    Raises:
        ConfigError: there is no track, two have one name, or two lay claim to one program.
    """
    if not tracks:
        raise ConfigError("needs at least one track", where="tracks")
    names = [track.name.lower() for track in tracks]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"two tracks are called {twice!r}", where="tracks")
    if sum(OTHERS in track.programs for track in tracks) > 1:
        raise ConfigError(f'only one track can take "{OTHERS}"', where="tracks")
    owners: dict[int, str] = {}
    for track in tracks:
        for program in track.program_numbers():
            if owners.setdefault(program, track.name) != track.name:
                raise ConfigError(
                    f"program {program} is claimed by {owners[program]!r} and {track.name!r}", where="tracks"
                )


@dataclass(frozen=True, kw_only=True)
class Latents:
    """The numbers a phrase is made from, of the four kinds of MuseGAN's hybrid model."""

    shared: int = setting(64, minimum=1, help="For all tracks, the same in every bar.")
    bar: int = setting(32, minimum=1, help="For all tracks, each bar's own.")
    track: int = setting(8, minimum=1, help="Each track's own, the same in every bar.")
    track_bar: int = setting(4, minimum=1, help="Each track's own in each bar.")


@dataclass(frozen=True, kw_only=True)
class Generator:
    """Size and pace of the generator."""

    channels: int = setting(128, minimum=8, help="Features of a beat.")
    embedding: int = setting(
        24, minimum=1, help="Features of a step, for each track, from which the pitches are read."
    )
    optimizer: Optimizer = setting(
        Optimizer(learning_rate=1e-3, beta_1=0.5, beta_2=0.9), help="How the generator moves."
    )


@dataclass(frozen=True, kw_only=True)
class Critic:
    """Size and pace of the critic."""

    channels: int = setting(128, minimum=8, help="Features after its first convolution.")
    embedding: int = setting(
        24, minimum=1, help="Features that sum up the pitches of a step, for each track."
    )
    rounds: int = setting(
        2, minimum=1, help="Updates for each update of the generator, each on another batch."
    )
    penalty: float = setting(10.0, minimum=0.0, help="Weight of the gradient penalty (lambda).")
    optimizer: Optimizer = setting(
        Optimizer(learning_rate=1e-3, beta_1=0.5, beta_2=0.9), help="How the critic moves."
    )


@dataclass(frozen=True, kw_only=True)
class MuseGAN:
    """Multi-track phrases from noise."""

    training: Training = setting(
        Training(steps=750, checkpoint_every=250), help="How long, how large, on what and how often to look."
    )
    data: MusicData = setting(MusicData(), help="Which music, and how it is cut into phrases.")
    pitches: Pitches = setting(Pitches(), help="The range of pitches.")
    tracks: tuple[Track, ...] = setting(LPD_TRACKS, help="The instruments of a phrase.")
    output: Output = setting(Output(), help="How music is written.")
    latents: Latents = setting(Latents(), help="The numbers a phrase is made from.")
    generator: Generator = setting(Generator(), help="The generator.")
    critic: Critic = setting(Critic(), help="The critic.")

    def __post_init__(self) -> None:
        check_tracks(self.tracks)
        if self.data.min_tracks > len(self.tracks):
            raise ConfigError(
                f"is {self.data.min_tracks}, more than there are tracks",
                where="data.min_tracks",
                hint=f"Set it to {len(self.tracks)} or less, or name more tracks.",
            )
