"""What becomes of a plugin's runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from gansuite.export.exporting import export
from gansuite.rendering import rendered
from gansuite.testing.promise import check, require
from gansuite.testing.reading import checkpoint, differing, distances, metrics, steps_kept, untimed
from gansuite.testing.sitting import train
from gansuite.testing.subject import Subject

#: What two devices may learn otherwise than one, in parts of a tensor's norm.
APART = {"float64": 1e-7}
_APART_OTHERWISE = 1e-4


@check("resume", "A run that goes on from a checkpoint ends bit for bit like one that was not stopped.")
def _resume(subject: Subject) -> None:
    whole = subject.run(1)
    steps = steps_kept(whole)
    require(len(steps) > 1, f"a run of {subject.config.training.steps} steps kept one checkpoint only")
    middle = _middle(subject, steps)
    resumed = subject.folder / "resumed"
    shutil.copytree(whole, resumed)
    for step in steps:
        if step > middle:
            shutil.rmtree(checkpoint(resumed, step))
    train("--resume", str(resumed), devices=1)
    others = differing(resumed, whole, steps[-1])
    require(
        not others,
        f"{len(others)} tensors of the last checkpoint are other ones than without the stop: {others[:3]}",
        hint="Nothing may be kept outside of networks and optimizers.",
    )
    same = untimed(metrics(resumed)) == untimed(metrics(whole))
    require(same, "the reports are other ones than without the stop")


def _middle(subject: Subject, steps: list[int]) -> int:
    """The checkpoint that is nearest to half of the run."""
    return min(steps, key=lambda step: abs(2 * step - int(subject.config.training.steps)))


@check("devices", "Two devices learn what one does.")
def _devices(subject: Subject) -> None:
    one, two = subject.run(1), subject.run(2)
    steps, precision = steps_kept(one), subject.config.training.precision
    # Where rounding grows too little to matter, the last phase is compared as well.
    step = steps[-1] if precision in APART else _middle(subject, steps)
    apart = distances(one, two, step)
    worst = max(apart, key=lambda name: apart[name])
    require(
        apart[worst] <= APART.get(precision, _APART_OTHERWISE),
        f"{worst} is {apart[worst]:.3g} off after {step} steps on two devices",
        hint="Losses have to be means, noise the turn's, batch statistics synchronised.",
    )


@check("preview", "What is drawn are files that can be read, the same ones each time.")
def _preview(subject: Subject) -> None:
    preview = subject.domain.preview()
    outputs = subject.trained.call(preview.endpoint, preview.inputs)
    folder = subject.folder / "drawn"
    folder.mkdir()
    files = rendered(subject.trained.domain, outputs, folder, preview.names)
    require(files, "render writes no files")
    found = {path for path in folder.rglob("*") if path.is_file()}
    require(found == set(files), f"render names {len(files)} files, and there are {len(found)}")
    drawn = subject.trained.run.samples / f"step-{subject.trained.step:08d}"
    for file in files:
        name = str(file.relative_to(folder))
        _check_file(file, name)
        again = drawn / name
        require(again.is_file(), "was not drawn during training", where=name)
        require(again.read_bytes() == file.read_bytes(), "is another one when it is drawn again", where=name)


def _check_file(file: Path, name: str) -> None:
    require(file.stat().st_size, "is empty", where=name)
    read = _READERS.get(file.suffix.lower())
    if read is None:
        return
    try:
        read(file)
    except Exception as error:
        require(False, f"cannot be read: {type(error).__name__}: {error}", where=name)


def _read_picture(file: Path) -> None:
    with Image.open(file) as picture:
        picture.load()


def _begins(*starts: bytes) -> Callable[[Path], None]:
    def read(file: Path) -> None:
        head = file.read_bytes()[:16]
        if not head.startswith(starts):
            raise ValueError(f"begins with {head!r}")

    return read


def _read_text(file: Path) -> None:
    file.read_text("utf-8")


def _read_json(file: Path) -> None:
    json.loads(file.read_text("utf-8"))


_READERS: dict[str, Callable[[Path], None]] = {
    ".png": _read_picture, ".jpg": _read_picture, ".jpeg": _read_picture, ".gif": _read_picture,
    ".csv": _read_text, ".txt": _read_text, ".html": _read_text, ".json": _read_json,
    ".mid": _begins(b"MThd"), ".wav": _begins(b"RIFF"),
}  # fmt: skip


@check("export", "A SavedModel of it answers as the run does, in a process without Keras and gansuite.")
def _export(subject: Subject) -> None:
    if any(one.served for one in subject.domain.endpoints().values()):
        name = subject.plugin.name
        export(subject.trained, subject.folder / "exported", name=name, number=None, note=lambda _: None)


TRAINING = (_resume, _devices, _preview, _export)
