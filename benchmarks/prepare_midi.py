"""How long it takes to prepare a folder of MIDI files, against reading the same files with pypianoroll.

    python benchmarks/prepare_midi.py [FOLDER] [--files N] [--append] [--quick]

Both are measured in this process, three times in turn; its own imports are left out. The figure is the
preparation's share of pypianoroll's time, by their medians (promised: at most 0.05).
"""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

import pypianoroll
from results import SHARED_DATA, Figure, options, parse, publish

from gansuite.data.progress import set_quiet
from gansuite_music.config import LPD_TRACKS, MusicData, Pitches
from gansuite_music.phrases import prepare_phrases

ROUNDS = 3


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
    """Measure both readers."""
    parser = options(__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED_DATA / "pop909")
    parser.add_argument(
        "--files", type=int, default=60, help="how many to read with pypianoroll, evenly spread"
    )
    arguments = parse(parser)
    set_quiet(True)
    warnings.simplefilter("ignore")
    files = sorted(arguments.folder.glob("*.mid"))
    count = ROUNDS if arguments.quick else arguments.files
    some = files[:: max(1, len(files) // count)]
    preparing, reading, phrases = [], [], 0
    for part in range(ROUNDS):
        seconds, phrases = seconds_to_prepare(arguments.folder)
        preparing.append(seconds)
        portion = some[part::ROUNDS]
        reading.append(seconds_to_read_with_pypianoroll(portion) * len(files) / len(portion))
    details = {
        "files": len(files),
        "phrases": phrases,
        "prepare_seconds": [round(seconds, 3) for seconds in preparing],
        "pypianoroll_files": len(some),
        "pypianoroll_seconds_for_all": [round(seconds, 3) for seconds in reading],
    }
    share = median(preparing) / median(reading)
    name = "preparing a folder of MIDI files, over reading it with pypianoroll"
    publish(arguments, [Figure(name=name, value=share, unit="x", at_most=0.05)], details)


if __name__ == "__main__":
    main()
