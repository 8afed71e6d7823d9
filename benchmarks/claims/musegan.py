"""What README's first command promises: music like the chorales it was learned from.

    python benchmarks/claims/musegan.py [--run RUN] [--count N] [--append] [--quick]

Plugin `musegan` learns Bach's chorales with the settings of that data set's card, as `scripts/music.sh` lets
it; `--run` judges a run that was trained before. Figures are of 1,000 phrases, beside those of the held-out
chorales: notes of at least an eighth (promised: at least 0.85 of theirs), notes in one scale (at least 0.88;
chance gives about 0.68), pitch-class entropy and polyphony (within 12 %), notes that begin in a step (within
20 %), and no phrase like another.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from results import Figure, options, parse, publish
from training import judged, kept, train

from gansuite.domain import Score

COUNT = 1000
SCALE = 0.88
QUALIFIED = 0.85
#: How far from held-out music a figure may be.
WITHIN = {"pitch_class_entropy": 0.12, "polyphony": 0.12, "note_density": 0.2}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--run", type=Path, help="judge this run, and train none")
    parser.add_argument("--count", type=int, default=COUNT, help="phrases to judge by")
    arguments = parse(parser)
    with kept(None) as folder:
        path = arguments.run or trained(arguments, folder / "run")
        scores = judged(path, 16 if arguments.quick else arguments.count)
    publish(arguments, figures(scores), {"scores": {name: score.value for name, score in scores.items()}})


def trained(arguments: argparse.Namespace, path: Path) -> Path:
    """Train a run as README does."""
    train("musegan", path, data="chorales", steps=2 if arguments.quick else None)
    return path


def figures(scores: Mapping[str, Score]) -> list[Figure]:
    """What is promised."""
    found = [
        _over(scores["qualified_notes"], at_least=QUALIFIED),
        Figure(
            name="musegan on chorales: scale_consistency", value=scores["scale_consistency"].value,
            at_least=SCALE, seeds="0",
        ),
    ]  # fmt: skip
    for name, apart in WITHIN.items():
        found += [_over(scores[name], at_most=1 + apart), _over(scores[name], at_least=1 - apart)]
    repeated = scores["repeated_phrases"].value
    return [
        *found,
        Figure(name="musegan on chorales: repeated_phrases", value=repeated, at_most=0, seeds="0"),
    ]


def _over(score: Score, *, at_most: float | None = None, at_least: float | None = None) -> Figure:
    if not score.reference:
        raise ValueError(f"{score.name} of the held-out music is {score.reference}")
    name = f"musegan on chorales: {score.name} ({score.value:.4f}) over held-out ({score.reference:.4f})"
    value = score.value / score.reference
    return Figure(name=name, value=value, unit="x", at_most=at_most, at_least=at_least, seeds="0")


if __name__ == "__main__":
    main()
