"""What to set `tracks` to where files have none of those that were asked for."""

from __future__ import annotations

import json
import shlex
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from itertools import chain, count
from pathlib import Path

from gansuite.data.workers import read_all

#: How many files are looked into, and how many of their tracks are named.
FILES, NAMED = 200, 5

#: A track's name in lower case, its program and whether it is percussion.
Kind = tuple[str, int, bool]


def tracks_found(files: Sequence[Path]) -> str | None:
    """Say which tracks MIDI files have, those of most files first, and which settings would read them.

    Args:
        files: some of them may be unusable.

    Returns:
        A line or two; None where no file has a note.
    """
    some = files[:: -(-len(files) // FILES) or 1]
    counts, spellings, programs = _counted(some)
    most = [kind for kind, _ in counts.most_common(NAMED)]
    if not most:
        return None
    listed = ", ".join(f"{_called(kind, spellings)} in {counts[kind]:,}" for kind in most)
    more = f" and {len(counts) - NAMED} other kinds of track" if len(counts) > NAMED else ""
    setting = shlex.quote(f"tracks=[{','.join(_settings(most, spellings, programs))}]")
    return f"of {len(some):,} files, there is {listed}{more}; to read these: --set {setting}"


def _counted(files: Sequence[Path]) -> tuple[Counter[Kind], dict[str, str], dict[Kind, Counter[int]]]:
    """Return how many files have each kind of track, how names are spelled, and the programs of each kind."""
    counts: Counter[Kind] = Counter()
    spellings: dict[str, str] = {}
    programs: dict[Kind, Counter[int]] = defaultdict(Counter)
    for answer in read_all("gansuite_music.midi:read_tracks", files, {}):
        if answer.reason is None:
            counts.update({_kind(*track) for track in answer.facts})
            for name, program, drum in answer.facts:
                spellings.setdefault(name.lower(), name)
                programs[_kind(name, program, drum)][program] += 1
    return counts, spellings, programs


def _kind(name: str, program: int, drum: bool) -> Kind:
    """What tells a track from others: its name alone where it has one."""
    if drum:
        return "", 0, True
    return (name.lower(), 0, False) if name else ("", program, False)


def _called(kind: Kind, spellings: Mapping[str, str]) -> str:
    name, program, drum = kind
    return "drums" if drum else spellings[name] if name else f"program {program}"


def _settings(
    kinds: Sequence[Kind], spellings: Mapping[str, str], programs: Mapping[Kind, Counter[int]]
) -> list[str]:
    """Return a track's settings for each kind; no two tracks have one name, not even in another case."""
    taken = {name for name, _, _ in kinds if name}
    settings = []
    for kind in kinds:
        name, _, drum = kind
        program = programs[kind].most_common(1)[0][0]
        if name:
            settings.append(_read_by_name(spellings[name], program))
        elif drum:
            settings.append(f"{{name={_text(_free('Drums', taken))},drum=true}}")
        else:
            called = _text(_free(f"Program {program}", taken))
            settings.append(f'{{name={called},program={program},programs=["{program}"]}}')
    return settings


def _read_by_name(name: str, program: int) -> str:
    pattern = name.replace("*", "?")
    return f"{{name={_text(name)},program={program},names=[{_text(pattern)}]}}"


def _free(name: str, taken: Set[str]) -> str:
    """Return a name, numbered from 2 on if it is taken."""
    numbered = chain([name], (f"{name} ({number})" for number in count(2)))
    return next(candidate for candidate in numbered if candidate.lower() not in taken)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML wants it escaped, JSON not
