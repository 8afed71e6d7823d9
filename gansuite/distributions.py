"""What installed distributions register as entry points, and what they need."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, EntryPoint
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from packaging.requirements import Requirement


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


def version_of(distribution: Distribution) -> str | None:
    """Its version; None where its metadata has none."""
    versions = distribution.metadata.get_all("Version") or [None]
    return None if versions[0] is None else str(versions[0])


def editable(name: str) -> str | None:
    """The folder that a distribution is installed editable from; None where it is a copy, or not there."""
    try:
        told = importlib.metadata.distribution(name).read_text("direct_url.json")
        origin = json.loads(told or "{}")
        if not origin.get("dir_info", {}).get("editable"):
            return None
        return unquote(urlsplit(origin["url"]).path)
    except (importlib.metadata.PackageNotFoundError, OSError, ValueError, KeyError, AttributeError):
        return None


def missing_requirement(distribution: Distribution) -> str | None:
    """The first requirement of a distribution (extras aside) that the environment does not meet, in words."""
    from packaging.requirements import Requirement

    for text in distribution.requires or ():
        try:
            requirement = Requirement(text)
            counts = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        except ValueError:  # of the requirement, its marker, or what the marker asks of this machine
            return f"its requirement {text!r} cannot be read"
        if counts and (missing := _unmet(requirement)) is not None:
            return missing
    return None


def _unmet(requirement: Requirement) -> str | None:
    from packaging.version import InvalidVersion, Version

    needs = f"needs {requirement.name}"
    try:
        version = version_of(importlib.metadata.distribution(requirement.name))
    except importlib.metadata.PackageNotFoundError:
        return f"{needs}, which is not installed"
    if not requirement.specifier:
        return None
    needs = f"{needs}{requirement.specifier}"
    if version is None:
        return f"{needs}; what is installed does not say its version"
    try:
        met = requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return f"{needs}; {version} is installed, which is no version that can be compared"
    return None if met else f"{needs}; {version} is installed"
