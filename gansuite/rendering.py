"""What a domain draws, as it says which files it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gansuite.domain import Arrays, Domain
from gansuite.errors import PluginError


def rendered(domain: Domain, outputs: Arrays, folder: Path, names: Sequence[str]) -> list[Path]:
    """Write outputs as files; see `Domain.render`.

    Raises:
        PluginError: the domain does not say which files it wrote.
    """
    files: object = domain.render(outputs, folder, names)
    if not isinstance(files, Sequence) or not all(isinstance(file, Path) for file in files):
        raise PluginError("render() has to return the paths it wrote", where=type(domain).__qualname__)
    return list(files)
