"""What installed distributions register as entry points, and what they need."""

from __future__ import annotations

import functools
import importlib.metadata
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, EntryPoint


def entry_points(*groups: str) -> Iterator[tuple[Distribution, EntryPoint]]:
    """Entry points of some groups with the distribution that registers each, sorted by name.

    A distribution whose metadata is damaged is left out; the others are not affected. Of two installations of
    one distribution the first on the path counts, as it does for imports.
    """
    seen: set[str] = set()
    found = []
    for distribution in importlib.metadata.distributions():
        try:
            points = [point for point in distribution.entry_points if point.group in groups]
            if points and (name := name_of(distribution)) not in seen:
                seen.add(name)
                found += [(point.name, name, distribution, point) for point in points]
        except Exception:  # noqa: S112  anything can be wrong in files that others installed
            continue
    for _, _, distribution, point in sorted(found, key=lambda one: one[:2]):
        yield distribution, point


@functools.cache
def name_of(distribution: Distribution) -> str:
    """Its name, as indices spell it; read from its metadata once."""
    return re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()


def missing_requirement(distribution: Distribution) -> str | None:
    """The first requirement of a distribution (extras aside) that the environment does not meet, in words."""
    from packaging.requirements import InvalidRequirement, Requirement

    for text in distribution.requires or ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return f"its requirement {text!r} cannot be read"
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            return f"needs {requirement.name}, which is not installed"
        if not requirement.specifier.contains(version, prereleases=True):
            return f"needs {requirement.name}{requirement.specifier}; {version} is installed"
    return None
