"""Tars that tests make."""

from __future__ import annotations

import io
import tarfile


def tar_of(*files: tuple[str | tarfile.TarInfo, bytes]) -> bytes:
    """Return a gzipped tar of files, by name or whole header."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name) if isinstance(name, str) else name
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
