"""A folder of MIDI files, prepared once: bars of bit-packed piano-rolls, and where phrases begin."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gansuite.data.cache import Cache, CacheWriter, prepare
from gansuite.data.fingerprint import fingerprint
from gansuite.data.progress import note, progress
from gansuite.data.walking import walk
from gansuite.data.workers import Answer, read_all
from gansuite.errors import DataError
from gansuite_music.config import OTHERS, PROGRAMS, MusicData, Pitches, Track
from gansuite_music.suggesting import tracks_found

SUFFIXES = (".mid", ".midi", ".kar", ".smf")
#: Raised when what is written to the cache changes its meaning.
VERSION = 4
BARS = "bars"
COUNTS = ("bars", "out_of_range", "unmapped")
#: How many files of one reason are named in the line on standard error; `info` has them all.
NAMED = 3


def prepare_phrases(path: Path, data: MusicData, pitches: Pitches, tracks: Sequence[Track]) -> Cache:
    """Read a MIDI file or a folder of them into a cache, or open the cache of the last time.

    Arrays: `bars`, uint8 (bars, steps a bar, tracks, ⌈pitches / 8⌉), bits from the lowest pitch up, most
    significant first; `train` and `valid`, int64 (phrases,), the first bar of each phrase. Which songs are
    held out depends on their names only. With one usable song, its phrases are in both.

    Info: `files`, `songs`, `bars`, `notes` (of each track), `out_of_range` and `unmapped` (notes left
    out), `skipped` ({reason: files}).

    Raises:
        DataError: there is nothing to read, or nothing usable in it.
    """
    settings = reader_settings(data, pitches, tracks)
    key = {
        "version": VERSION,
        "files": fingerprint(path),
        "reader": settings,
        "valid_share": data.valid_share,
    }
    return prepare("music", key, lambda writer: _write(writer, path, settings, tracks, data.valid_share))


def reader_settings(data: MusicData, pitches: Pitches, tracks: Sequence[Track]) -> dict[str, Any]:
    """Return what `midi.read_song` has to know, in a form JSON can hold."""
    others = next((index for index, track in enumerate(tracks) if OTHERS in track.programs), -1)
    owners = {number: index for index, track in enumerate(tracks) for number in track.program_numbers()}
    return {
        "steps_per_beat": data.steps_per_beat,
        "beats_per_bar": data.beats_per_bar,
        "bar_steps": data.bar_steps,
        "bars": data.bars,
        "hop_bars": data.hop_bars,
        "metre": data.metre,
        "key": data.key,
        "min_notes": data.min_notes,
        "min_tracks": data.min_tracks,
        "low": pitches.low,
        "high": pitches.high,
        "drums": [track.drum for track in tracks],
        "keep": [track.keep if track.voices == "one" else "all" for track in tracks],
        # Only * and ? are special: to fnmatch, a bracket would begin a set of letters.
        "names": [[name.lower().replace("[", "[[]") for name in track.names] for track in tracks],
        "programs": [owners.get(program, others) for program in range(PROGRAMS)],
    }


def _write(
    writer: CacheWriter, path: Path, settings: Mapping[str, Any], tracks: Sequence[Track], valid_share: float
) -> None:
    folder = path if path.is_dir() else path.parent
    named, others = _listed(path)
    library = _Library(writer, settings, [track.name for track in tracks])
    for name in others:
        library.skip(name, f"not a MIDI file (its name does not end in {', '.join(SUFFIXES)})")
    answers = read_all("gansuite_music.midi:read_song", [folder / name for name in named], settings)
    for name, answer in zip(named, progress(answers, "reading MIDI files", total=len(named)), strict=True):
        library.add(name, answer)
    library.finish(path, [folder / name for name in named], len(named) + len(others), valid_share)


def _listed(path: Path) -> tuple[list[str], list[str]]:
    """Return the names of MIDI files and of other files, relative to the folder, in an order of their own."""
    if not path.is_dir():
        return [path.name], []
    names = sorted(
        Path(folder, name).relative_to(path).as_posix() for folder, _, found in walk(path) for name in found
    )
    midi = [name for name in names if name.lower().endswith(SUFFIXES)]
    return midi, [name for name in names if not name.lower().endswith(SUFFIXES)]


class _Library:
    """What has been read so far."""

    def __init__(self, writer: CacheWriter, settings: Mapping[str, Any], tracks: Sequence[str]) -> None:
        pitches = settings["high"] - settings["low"] + 1
        self._row = (settings["bar_steps"], len(settings["drums"]), -(-pitches // 8))
        self._writer = writer
        self._songs: dict[str, np.ndarray] = {}
        self._skipped: dict[str, list[str]] = {}
        self._tracks = tracks
        self._counts = dict.fromkeys(COUNTS, 0)
        self._notes = np.zeros(len(tracks), np.int64)

    def add(self, name: str, answer: Answer) -> None:
        if answer.reason is not None:
            self.skip(name, answer.reason)
            return
        bars, starts = answer.parts
        first = self._counts["bars"]
        self._writer.append(BARS, np.frombuffer(bars, np.uint8).reshape(-1, *self._row))
        self._songs[name] = first + np.frombuffer(starts, "<i4").astype(np.int64)
        for count in COUNTS:
            self._counts[count] += answer.facts[count]
        self._notes += answer.facts["notes"]

    def skip(self, name: str, reason: str) -> None:
        self._skipped.setdefault(reason, []).append(name)

    def finish(self, path: Path, midi: Sequence[Path], files: int, valid_share: float) -> None:
        """Write the songs of each split, and say what was left out of so many files, some of them MIDI files.

        Raises:
            DataError: there are none.
        """
        if not self._songs:
            found = tracks_found(midi)
            raise DataError(
                "no usable MIDI file" + (f": {_summary(self._skipped, files)}" if files else ""),
                where=str(path),
                hint="Name a folder with MIDI files in it, or settings of data and tracks that fit them."
                + ("" if found is None else f"\n  {found}"),
            )
        for split, names in split_songs(self._songs, valid_share).items():
            for name in names:
                self._writer.append(split, self._songs[name])
        notes = dict(zip(self._tracks, self._notes.tolist(), strict=True))
        self._writer.info.update(
            self._counts, files=files, songs=len(self._songs), notes=notes, skipped=self._skipped
        )
        silent = [track for track, count in notes.items() if not count]
        if silent:
            found = tracks_found(midi)
            note(
                f"no file has notes for {', '.join(silent)}: the settings of tracks say what is read as them"
                + ("" if found is None else f"; {found}")
            )
        if self._skipped:
            note(_summary(self._skipped, files))


def _summary(skipped: Mapping[str, Sequence[str]], files: int) -> str:
    count = sum(len(names) for names in skipped.values())
    reasons = sorted(skipped.items(), key=lambda item: -len(item[1]))
    return f"{count:,} of {files:,} files not used: " + "; ".join(
        f"{reason}: {', '.join(names[:NAMED])}"
        + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
        for reason, names in reasons
    )


def split_songs(names: Iterable[str], valid_share: float) -> dict[str, list[str]]:
    """Hold out a share of the songs, at least one of two: those whose names' SHA-256 comes first."""
    ranked = sorted(names, key=lambda name: hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest())
    if len(ranked) == 1:
        return {"train": ranked, "valid": ranked}
    held_out = min(len(ranked) - 1, max(1, round(valid_share * len(ranked))))
    return {"train": sorted(ranked[held_out:]), "valid": sorted(ranked[:held_out])}
