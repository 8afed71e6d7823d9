"""How long it takes to prepare a folder of MIDI files, against reading the same files with pypianoroll.

    python benchmarks/prepare_midi.py [FOLDER] [--files N]

Both are measured one after the other in this process; imports are left out of both. Prints JSON: `ratio` is
the preparation's share of pypianoroll's time (what is promised: at most 0.05).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import warnings
from pathlib import Path

import pypianoroll

from gansuite.data.progress import set_quiet
from gansuite_music.config import LPD_TRACKS, MusicData, Pitches
from gansuite_music.phrases import prepare_phrases

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "pop909"


def seconds_to_prepare(folder: Path) -> tuple[float, int]:
    """Prepare a folder into a cache of its own, worker processes and all; seconds and phrases."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["GANSUITE_HOME"] = home
        begin = time.perf_counter()
        cache = prepare_phrases(folder, MusicData(), Pitches(), LPD_TRACKS)
        return time.perf_counter() - begin, sum(cache.arrays[split].shape[0] for split in ("train", "valid"))


def seconds_to_read_with_pypianoroll(files: list[Path]) -> float:
    """Read files into piano-rolls of the same grid."""
    begin = time.perf_counter()
    for file in files:
        pypianoroll.read(str(file), resolution=MusicData().steps_per_beat)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED)
    parser.add_argument(
        "--files", type=int, default=60, help="how many to read with pypianoroll, evenly spread"
    )
    arguments = parser.parse_args()
    set_quiet(True)
    warnings.simplefilter("ignore")
    files = sorted(arguments.folder.glob("*.mid"))
    some = files[:: max(1, len(files) // arguments.files)]
    before, phrases = seconds_to_prepare(arguments.folder)
    reading = seconds_to_read_with_pypianoroll(some) * len(files) / len(some)
    after, _ = seconds_to_prepare(arguments.folder)
    preparing = (before + after) / 2
    result = {
        "files": len(files),
        "phrases": phrases,
        "prepare_seconds": [round(before, 3), round(after, 3)],
        "pypianoroll_files": len(some),
        "pypianoroll_seconds_for_all": round(reading, 3),
        "ratio": round(preparing / reading, 4),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
