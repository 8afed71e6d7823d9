"""Whether the memory that training takes grows with the data.

    python benchmarks/memory.py [--domain dcgan|musegan] [--steps N] [--append] [--quick]

A cache that was prepared from real data (dcgan: `--pictures` at 64 x 64; musegan: `--songs`) is copied over
and over into one of 100 MB and one of 1 GB, larger than all else that training holds: if the data were kept
in memory, the peak would double. On each, a process of its own trains as `gansuite train` does, with
reports, samples and checkpoints; its peak is what the system says (`ru_maxrss`). The networks are narrow,
so that a minute goes through much of the data. The figure is the growth of the peak from the smaller to the
larger (promised: less than 10 %).
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from results import SHARED_DATA, Figure, options, parse, publish

from gansuite.data.cache import Cache, CachedArray, CacheWriter

if TYPE_CHECKING:
    from gansuite.domain import Domain

NARROW = {
    "dcgan": ("data.size=64", "generator.width=2", "discriminator.width=2", "latent=4"),
    "musegan": ("generator.channels=8", "generator.embedding=2", "critic.channels=8", "critic.embedding=2"),
}
#: The arrays that are copied: those with the content first, and those of numbers that point to its rows.
CONTENT = {"dcgan": ("train_images",), "musegan": ("bars",)}
POINTERS = {"dcgan": (), "musegan": ("train",)}
CHUNK = 4096


def main() -> None:
    """Measure domain after domain."""
    parser = options(__doc__)
    parser.add_argument("--domain", choices=tuple(NARROW), help="only this one")
    parser.add_argument("--steps", type=int, default=500, help="how long is trained")
    parser.add_argument("--pictures", type=Path, default=SHARED_DATA / "facades" / "train", metavar="FOLDER")
    parser.add_argument("--songs", type=Path, default=SHARED_DATA / "pop909", metavar="FOLDER")
    arguments = parse(parser)
    figures, details = [], {}
    for plugin in [arguments.domain] if arguments.domain else NARROW:
        details[plugin] = compare(plugin, arguments)
        name = f"growth of training's peak memory with 10 times the data, {plugin}"
        growth = 100 * (details[plugin]["larger"]["peak_mib"] / details[plugin]["smaller"]["peak_mib"] - 1)
        figures.append(Figure(name=name, value=growth, unit="%", at_most=10, seeds="0"))
    publish(arguments, figures, details)


def compare(plugin: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Train on both caches."""
    source = str(arguments.pictures if plugin == "dcgan" else arguments.songs)
    megabytes, steps = (1, 20) if arguments.quick else (100, arguments.steps)
    result = {}
    for name, size in (("smaller", megabytes), ("larger", 10 * megabytes)):
        with tempfile.TemporaryDirectory(prefix="gansuite-memory-") as folder:
            examples = write_copies(plugin, source, Path(folder), size)
            peak = alone(peak_of_training, plugin, source, Path(folder), steps)
            result[name] = {"peak_mib": round(peak, 1), "cache_mb": size, "examples": examples}
    return {**result, "steps": steps}


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in a process of its own.

    Raises:
        EOFError: it failed; the process has printed why.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=send, args=(sender, function, arguments))
    process.start()
    sender.close()
    result = receiver.recv()
    process.join()
    return result


def send(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Call a function, and send what it returns."""
    sender.send(function(*arguments))


def write_copies(plugin: str, source: str, folder: Path, megabytes: int) -> int:
    """Write a cache of a size with copies of the domain's own; how many examples it has."""
    own: Cache = owner_of_cache(domain_of(plugin, source, steps=1)).cache
    content = own.arrays[CONTENT[plugin][0]]
    row_bytes = content.dtype.itemsize * math.prod(content.shape[1:])
    copies = math.ceil(megabytes * 1e6 / (len(content) * row_bytes))
    (folder / "cache").mkdir()
    writer = CacheWriter(folder / "cache")
    for name, array in own.arrays.items():
        copied = name in CONTENT[plugin] + POINTERS[plugin]
        for copy in range(copies if copied else 1):
            shift = copy * len(content) if name in POINTERS[plugin] else 0
            for rows in chunks(array):
                writer.append(name, rows + shift if shift else rows)
    writer.info.update(own.info)
    writer.finish("copies", {})
    writer.close()
    return len(own.arrays[(POINTERS[plugin] or CONTENT[plugin])[0]]) * copies


def chunks(array: CachedArray) -> Iterator[np.ndarray]:
    """Read an array some rows at a time."""
    for start in range(0, len(array), CHUNK):
        yield array.read(np.arange(start, min(start + CHUNK, len(array))))


def peak_of_training(plugin: str, source: str, folder: Path, steps: int) -> float:
    """Train on the cache in a folder; the peak of this process in MiB."""
    from gansuite.config import to_toml
    from gansuite.runs import Run
    from gansuite.training.observers import default_observers
    from gansuite.training.session import train

    domain = domain_of(plugin, source, steps)
    owner_of_cache(domain).cache = Cache(folder / "cache")
    text = to_toml(domain.config, header={"plugin": plugin, "api": 1}, comments=False)
    run = Run.create(folder / "run", plugin, text)
    train(run, domain, domain.config.training, default_observers(quiet=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def owner_of_cache(domain: Any) -> Any:
    """What opens the prepared data, and keeps them open: the domain, or its material."""
    return getattr(domain, "material", domain)


def domain_of(plugin: str, source: str, steps: int) -> Domain:
    """Make a domain with narrow networks."""
    from loops import make_domain

    card = "pop909" if plugin == "musegan" else None
    settings = (*NARROW[plugin], f"training.steps={steps}")
    return make_domain(plugin, data=source, card=card, settings=settings)


if __name__ == "__main__":
    main()
