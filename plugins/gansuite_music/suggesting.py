"""What to set `tracks` to where files have none of those that were asked for."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gansuite.data.workers import read_all

#: How many files are looked into, and how many of their tracks are named.
FILES, NAMED = 200, 5

#: A track's name, its program and whether it is percussion.
Kind = tuple[str, int, bool]


def tracks_found(files: Sequence[Path]) -> str | None:
    """Say which tracks MIDI files have, those of most files first, and which settings would read them.

    Args:
        files: some of them may be unusable.

    Returns:
        A line or two; None where no file has a note.
    """
    some = files[:: -(-len(files) // FILES) or 1]
    counts = Counter(
        kind
        for answer in read_all("gansuite_music.midi:read_tracks", some, {})
        if answer.reason is None
        for kind in {_kind(*track) for track in answer.facts}
    )
    most = [kind for kind, _ in counts.most_common(NAMED)]
    if not most:
        return None
    listed = ", ".join(f"{_called(kind)} in {counts[kind]:,}" for kind in most)
    more = f" and {len(counts) - NAMED} other kinds of track" if len(counts) > NAMED else ""
    setting = shlex.quote(f"tracks=[{','.join(map(_setting, most))}]")
    return f"of {len(some):,} files, there is {listed}{more}; to read these: --set {setting}"


def _kind(name: str, program: int, drum: bool) -> Kind:
    """What tells a track from others: its name alone where it has one."""
    name = name.strip()
    if drum:
        return "", 0, True
    return (name, 0, False) if name else ("", program, False)


def _called(kind: Kind) -> str:
    name, program, drum = kind
    return "drums" if drum else name or f"program {program}"


def _setting(kind: Kind) -> str:
    name, program, drum = kind
    if drum:
        return '{name="Drums",drum=true}'
    if not name:
        return f'{{name="Program {program}",program={program},programs=["{program}"]}}'
    pattern = "".join("?" if letter in "[]*" else letter for letter in name)
    return f"{{name={_text(name)},names=[{_text(pattern)}]}}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
