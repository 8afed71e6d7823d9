"""One MIDI file to bars of bit-packed piano-rolls: what runs in a worker process, so it imports little."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from math import remainder
from pathlib import Path
from typing import Any

import numpy as np

from gansuite.data.workers import Unusable
from gansuite_music.keys import shift_to_c

MAX_BYTES = 16 << 20
MAX_TRACKS = 512
MAX_NOTES = 500_000
MAX_STEPS = 200_000
#: Notes times their lengths in steps: what painting a file costs.
MAX_CELLS = 50_000_000
#: Beats in a bar where a file does not say (Standard MIDI Files 1.0: 4/4).
DEFAULT_BAR = 4.0


def _parser_alone() -> Any:
    """Return symusic's parser without its package, which imports a downloader: half of a worker's start."""
    name = "symusic.core"
    if name not in sys.modules:  # loading it twice would end the process
        package = find_spec("symusic")
        spec = package and PathFinder.find_spec(name, package.submodule_search_locations)
        if not spec or not spec.loader:
            raise ImportError("symusic, which reads MIDI files, is not installed")
        core = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(core)
    return sys.modules[name].ScoreTick


PARSER = _parser_alone()


@dataclass(frozen=True)
class Notes:
    """The notes of a song: int64 (notes,) each, in no particular order.

    Args:
        start, end: steps; end > start.
        pitch: MIDI pitches.
        track: indices of the settings' tracks.
    """

    start: np.ndarray
    end: np.ndarray
    pitch: np.ndarray
    track: np.ndarray

    def only(self, chosen: np.ndarray) -> Notes:
        """Return those that are chosen: bool (notes,)."""
        return Notes(self.start[chosen], self.end[chosen], self.pitch[chosen], self.track[chosen])


def read_song(path: Path, settings: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Read a MIDI file as bars and the phrases among them.

    Args:
        path: the file.
        settings: `phrases.reader_settings`.

    Returns:
        Facts (`bars`, `notes` of each track, `out_of_range` and `unmapped` notes left out) and two parts: the
        bars, uint8 (bars, steps a bar, tracks, ⌈pitches / 8⌉), and the first bar of every phrase, int32
        (phrases,).

    Raises:
        Unusable: with the reason.
        OSError: the file cannot be opened.
    """
    data = _checked_bytes(path)
    score = _parse(data)
    every, unmapped = _assigned(_named_tracks(score, data), score.ticks_per_quarter, settings)
    notes = _within(_in_key(every, settings), settings["low"], settings["high"])
    first_steps, sections = _bar_lines(score, int(notes.end.max()), settings)
    bars = _cut(_painted(notes, settings), first_steps, settings["bar_steps"])
    starts = _phrases(bars, _onsets(notes, first_steps, settings["bar_steps"]), sections, settings)
    facts = {
        "bars": len(bars),
        "notes": np.bincount(notes.track, minlength=len(settings["drums"])).tolist(),
        "out_of_range": len(every.start) - len(notes.start),
        "unmapped": unmapped,
    }
    return facts, [bars.tobytes(), starts.astype("<i4").tobytes()]


def read_tracks(path: Path, _: Any) -> tuple[list[tuple[str, int, bool]], list[bytes]]:
    """Return the name, the program and whether it is percussion of each track with notes; as `read_song`."""
    data = _checked_bytes(path)
    tracks = _named_tracks(_parse(data), data)
    return [(name, track.program & 127, bool(track.is_drum)) for name, track in tracks], []


def _checked_bytes(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise Unusable(f"larger than {MAX_BYTES >> 20} MiB")
    data = path.read_bytes()
    if not data:
        raise Unusable("empty file")
    if data[:4] != b"MThd":
        raise Unusable("not a MIDI file")
    if len(data) < 14:
        raise Unusable("damaged (cut off in its header)")
    kind, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 12))
    if kind == 2:
        raise Unusable("type 2: patterns without a common time")
    if kind > 2:
        raise Unusable("of an unknown MIDI type")
    if division == 0:
        raise Unusable("zero ticks per quarter")
    if division & 0x8000:
        raise Unusable("timed in film frames, not in beats")
    return data


def _parse(data: bytes) -> Any:
    try:
        score = PARSER.from_midi(data)
    except (RuntimeError, ValueError, IndexError) as error:
        raise Unusable("damaged") from error
    if len(score.tracks) > MAX_TRACKS:
        raise Unusable(f"more than {MAX_TRACKS} tracks")
    notes = sum(track.note_num() for track in score.tracks)
    if notes == 0:
        raise Unusable("no notes")
    if notes > MAX_NOTES:
        raise Unusable(f"more than {MAX_NOTES:,} notes")
    return score


def _named_tracks(score: Any, data: bytes) -> list[tuple[str, Any]]:
    """Return the tracks that have notes, each with its name."""
    tracks = [track for track in score.tracks if track.note_num()]
    names = [track.name.strip() for track in tracks]
    if data[9] == 0 and len(set(names)) == 1 < len(names):
        names = [""] * len(names)  # a file of type 0 names its song, and the parser calls every channel so
    return list(zip(names, tracks, strict=True))


def _assigned(
    tracks: Sequence[tuple[str, Any]], ticks_per_quarter: int, settings: Mapping[str, Any]
) -> tuple[Notes, int]:
    """Sort the notes of named tracks into the tracks of the settings; count those that belong to none."""
    arrays, owners, unmapped = [], [], 0
    for name, track in tracks:
        count = track.note_num()
        index = _track_for(name.lower(), track, settings)
        if index is None:
            unmapped += count
        else:
            arrays.append(track.notes.numpy())
            owners.append(np.full(count, index))
    if not arrays:
        raise Unusable("no track of the wanted names or programs")
    time, duration, pitch = (
        np.concatenate([array[name] for array in arrays]).astype(np.int64)
        for name in ("time", "duration", "pitch")
    )
    if min(time.min(), duration.min(), pitch.min()) < 0:
        raise Unusable("damaged (notes outside of time or pitch)")
    notes = _in_steps(time, duration, settings["steps_per_beat"] / ticks_per_quarter)
    return _struck(Notes(*notes, pitch, np.concatenate(owners)), settings), unmapped


def _track_for(name: str, track: Any, settings: Mapping[str, Any]) -> int | None:
    for index, patterns in enumerate(settings["names"]):
        # The keys of percussion are no pitches, whatever its track is called.
        may_be_read = settings["drums"][index] or not track.is_drum
        if may_be_read and any(fnmatchcase(name, pattern) for pattern in patterns):
            return index
    if track.is_drum:
        return next((i for i, drum in enumerate(settings["drums"]) if drum), None)
    owner: int = settings["programs"][track.program & 127]
    return None if owner < 0 else owner


def _in_steps(time: np.ndarray, duration: np.ndarray, steps_per_tick: float) -> tuple[np.ndarray, np.ndarray]:
    start = np.floor(time * steps_per_tick + 0.5).astype(np.int64)
    end = np.floor((time + duration) * steps_per_tick + 0.5).astype(np.int64)
    if end.max() > MAX_STEPS:
        raise Unusable(f"longer than {MAX_STEPS:,} steps")
    return start, np.maximum(end, start + 1)


def _struck(notes: Notes, settings: Mapping[str, Any]) -> Notes:
    """Leave of drum notes their strokes, so that strokes in steps that follow one another stay apart."""
    drum = np.array(settings["drums"])[notes.track]
    return replace(notes, end=np.where(drum, notes.start + 1, notes.end))


def _in_key(notes: Notes, settings: Mapping[str, Any]) -> Notes:
    if settings["key"] == "as-is":
        return notes
    melodic = ~np.array(settings["drums"])[notes.track]
    lengths = (notes.end - notes.start) * melodic
    shift = shift_to_c(np.bincount(notes.pitch % 12, weights=lengths, minlength=12))
    return replace(notes, pitch=notes.pitch + shift * melodic)


def _within(notes: Notes, low: int, high: int) -> Notes:
    inside = (notes.pitch >= low) & (notes.pitch <= high)
    if not inside.any():
        raise Unusable("no notes within the range of pitches")
    return notes if inside.all() else notes.only(inside)


def _bar_lines(score: Any, end: int, settings: Mapping[str, Any]) -> tuple[np.ndarray, list[int]]:
    """Return the first step of every usable bar, and how many bars each stretch of one metre holds."""
    steps_per_beat, bar_steps = settings["steps_per_beat"], settings["bar_steps"]
    firsts, sections = [], []
    for start, stop, bar in _metres(score, settings):
        first = round(start * steps_per_beat)
        length = (end if stop is None else min(end, round(stop * steps_per_beat))) - first
        if length <= 0 or not _fits(bar, settings["beats_per_bar"]):
            continue
        count = (
            -(-length // bar_steps)
            if stop is None or end < round(stop * steps_per_beat)
            else length // bar_steps
        )
        firsts.append(first + bar_steps * np.arange(count))
        sections.append(count)
    if not sum(sections):
        raise Unusable(f"no bars of {settings['beats_per_bar']} beats")
    return np.concatenate(firsts), sections


def _metres(score: Any, settings: Mapping[str, Any]) -> Iterator[tuple[float, float | None, float]]:
    """Yield the stretches of one metre: first beat, last beat (None: the end), beats in a bar.

    A signature that leaves the bar lines where they are begins none.
    """
    if settings["metre"] == "settings":
        yield 0.0, None, float(settings["beats_per_bar"])
        return
    bars = {0.0: DEFAULT_BAR}
    for signature in sorted(score.time_signatures, key=lambda signature: signature.time):
        if signature.numerator > 0 and signature.denominator > 0:
            beat = max(0, signature.time) / score.ticks_per_quarter
            bars[beat] = 4 * signature.numerator / signature.denominator
    first, bar = 0.0, bars.pop(0.0)
    for beat, following in bars.items():
        off_bar_line = abs(remainder(beat - first, bar)) * settings["steps_per_beat"] >= 0.5
        if following != bar or off_bar_line:  # some files repeat their signature in every bar
            yield first, beat, bar
            first, bar = beat, following
    yield first, None, bar


def _fits(bar: float, wanted: int) -> bool:
    """Whether bar lines of one length fall on bar lines of the other: two of 2/4 make one of 4/4."""
    return wanted % bar == 0 or bar % wanted == 0


def _painted(notes: Notes, settings: Mapping[str, Any]) -> np.ndarray:
    """Return the piano-roll of the song, packed: uint8 (steps, tracks, ⌈pitches / 8⌉)."""
    if int((notes.end - notes.start).sum()) > MAX_CELLS:
        raise Unusable("too many long notes at once")
    steps = int(notes.end.max())
    low, count = settings["low"], settings["high"] - settings["low"] + 1
    packed = np.zeros((steps, len(settings["drums"]), -(-count // 8)), np.uint8)
    for index in np.flatnonzero(np.bincount(notes.track)):
        roll = _track_roll(notes.only(notes.track == index), steps, low, count)
        keep = settings["keep"][index]
        packed[:, index] = np.packbits(roll if keep == "all" else _one_voice(roll, keep), axis=1)
    return packed


def _track_roll(notes: Notes, steps: int, low: int, count: int) -> np.ndarray:
    """Return the piano-roll of a track: bool (steps, pitches)."""
    lengths = notes.end - notes.start
    first_cells = notes.start * count + notes.pitch - low
    painted_before = np.cumsum(lengths) - lengths
    cells = np.repeat(first_cells - painted_before * count, lengths) + np.arange(int(lengths.sum())) * count
    roll = np.zeros(steps * count, np.bool_)
    roll[cells] = True
    return roll.reshape(steps, count)


def _one_voice(roll: np.ndarray, keep: str) -> np.ndarray:
    """Leave one pitch of those that sound in a step: bool (steps, pitches)."""
    ranked = roll[:, ::-1] if keep == "highest" else roll
    alone = np.zeros_like(roll)
    alone[np.arange(len(roll)), ranked.argmax(axis=1)] = ranked.any(axis=1)
    return alone[:, ::-1] if keep == "highest" else alone


def _cut(packed: np.ndarray, first_steps: np.ndarray, bar_steps: int) -> np.ndarray:
    """Return the bars: uint8 (bars, bar_steps, tracks, bytes); the last is filled up with rests."""
    missing = max(0, int(first_steps.max()) + bar_steps - len(packed))
    filled = np.concatenate([packed, np.zeros((missing, *packed.shape[1:]), np.uint8)])
    return filled[first_steps[:, None] + np.arange(bar_steps)]


def _onsets(notes: Notes, first_steps: np.ndarray, bar_steps: int) -> np.ndarray:
    """Count the notes that begin in each bar: int64 (bars,)."""
    begins = np.sort(notes.start)
    return np.searchsorted(begins, first_steps + bar_steps) - np.searchsorted(begins, first_steps)


def _phrases(
    bars: np.ndarray, onsets: np.ndarray, sections: Sequence[int], settings: Mapping[str, Any]
) -> np.ndarray:
    """Return the first bar of every phrase with enough in it: int64 (phrases,)."""
    length, hop = settings["bars"], settings["hop_bars"]
    sections_begin = np.cumsum([0, *sections[:-1]])
    starts = np.concatenate(
        [
            begin + np.arange(0, count - length + 1, hop)
            for begin, count in zip(sections_begin, sections, strict=True)
        ]
    )
    if not len(starts):
        raise Unusable("shorter than a phrase")
    window = starts[:, None] + np.arange(length)
    enough = onsets[window].sum(axis=1) >= settings["min_notes"]
    if settings["min_tracks"] > 1:  # one track sounds wherever a note begins
        sounds = np.bitwise_or.reduce(bars, axis=1).any(axis=2)
        enough &= sounds[window].any(axis=1).sum(axis=1) >= settings["min_tracks"]
    if not enough.any():
        raise Unusable("no phrase with enough notes and tracks")
    usable: np.ndarray = starts[enough]
    return usable
