"""Phrases as the files that pypianoroll saves and loads, without pickle and without pypianoroll.

Source: pypianoroll 1.0, `pypianoroll.save`: each piano-roll as the arrays of a sparse matrix by columns,
tempo and downbeat of each step, and the rest in the member info.json.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gansuite_music.config import MusicData, Output, Pitches, Track

PITCHES = 128


def write_npz(
    path: Path, roll: np.ndarray, tracks: Sequence[Track], pitches: Pitches, output: Output, data: MusicData
) -> None:
    """Write a phrase as a file for `pypianoroll.load`.

    Args:
        path: of the file, ending in .npz.
        roll: bool (steps, tracks, pitches).
        tracks, pitches, output, data: the settings; `output.velocity` is what sounds, elsewhere is 0.
    """
    steps = len(roll)
    arrays = {
        "tempo": np.full(steps, output.tempo),
        "downbeat": np.arange(steps) % data.bar_steps == 0,
    }
    info: dict[str, object] = {"resolution": data.steps_per_beat, "name": path.stem}
    for index, track in enumerate(tracks):
        arrays |= _sparse(roll[:, index], pitches.low, output.velocity, f"pianoroll_{index}_csc_")
        program = 0 if track.drum else track.program
        info[str(index)] = {"program": program, "is_drum": track.drum, "name": track.name}
    np.savez_compressed(path, allow_pickle=False, **arrays)
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("info.json", json.dumps(info), zipfile.ZIP_DEFLATED)


def _sparse(roll: np.ndarray, low: int, velocity: int, prefix: str) -> dict[str, np.ndarray]:
    """Return the arrays of a track's (steps, 128) piano-roll, column by column."""
    columns, rows = np.nonzero(roll.T)
    ends = np.cumsum(np.bincount(columns + low, minlength=PITCHES))
    return {
        f"{prefix}data": np.full(len(rows), velocity, np.uint8),
        f"{prefix}indices": rows.astype(np.int32),
        f"{prefix}indptr": np.concatenate([[0], ends]).astype(np.int32),
        f"{prefix}shape": np.array([len(roll), PITCHES]),
    }
