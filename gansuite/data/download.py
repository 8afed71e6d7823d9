"""Fetch one file over HTTP: goes on where it stopped, and keeps only what has the published checksum."""

from __future__ import annotations

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gansuite import __version__
from gansuite.data.cards import Source
from gansuite.data.progress import progress

TIMEOUT = 30.0
ATTEMPTS = 3
PAUSE = 1.0
BLOCK = 1 << 18


class DownloadError(Exception):
    """A file could not be fetched; the text says why."""


class _DroppedError(Exception):
    """The connection was lost on the way: worth another try."""


def download(source: Source, target: Path) -> None:
    """Fetch a file, unless it is there and right.

    Args:
        source: address, checksum and size.
        target: where to put it; what has come so far lies in `<name>.part` beside it, and stays there for
            the next call when the connection is lost.

    Raises:
        DownloadError: the address does not answer, answers something else, or is no http(s) address.
        OSError: what came cannot be written.
    """
    if not source.url.startswith(("https://", "http://")) or not source.checksum[1]:
        raise DownloadError("only http(s) addresses with a published checksum are fetched")
    if target.is_file() and _is_right(source, target):
        return
    part = target.with_name(f"{target.name}.part")
    resumed = part.is_file()
    _receive_all(source, part)
    if not _is_right(source, part) and resumed:
        # What lay there was perhaps of another file: once more from the beginning.
        part.unlink()
        _receive_all(source, part)
    if not _is_right(source, part):
        part.unlink()
        raise DownloadError(f"what came has not the published {source.checksum[0]}")
    part.replace(target)


def _is_right(source: Source, file: Path) -> bool:
    kind, expected = source.checksum
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, kind).hexdigest() == expected


def _receive_all(source: Source, part: Path) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _receive(source, part)
        except _DroppedError as error:
            if attempt == ATTEMPTS:
                raise DownloadError(f"could not be fetched ({error})") from error
            time.sleep(PAUSE * attempt)
        else:
            return


def _receive(source: Source, part: Path) -> None:
    have = part.stat().st_size if part.is_file() else 0
    if have == source.size:
        return
    if have > source.size:
        have = 0
    headers = {"User-Agent": f"gansuite/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(source.url, headers=headers)  # noqa: S310  # checked to be http(s)
    with _ask(request) as answer:
        _save(source, answer, part, have)


def _ask(request: urllib.request.Request) -> http.client.HTTPResponse:
    with _dropped():
        try:
            answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)  # noqa: S310
        except urllib.error.HTTPError as error:
            error.close()
            raise DownloadError(f"the server answered {error.code} {error.reason}") from error
    return answer


@contextmanager
def _dropped() -> Iterator[None]:
    """Take any error of the network for a lost connection; what is written to the disk stays outside."""
    try:
        yield
    except urllib.error.URLError as error:
        raise _DroppedError(str(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise _DroppedError(str(error) or type(error).__name__) from error


def _save(source: Source, answer: http.client.HTTPResponse, part: Path, have: int) -> None:
    goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT and _begins_at(answer, have)
    have = have if goes_on else 0
    with (
        part.open("ab" if goes_on else "wb") as file,
        progress(source.size, f"fetching {source.name}") as bar,
    ):
        bar.advance(have)
        while have <= source.size and (block := _read(answer)):
            file.write(block)
            bar.advance(len(block))
            have += len(block)
    if have > source.size:
        part.unlink()
        raise DownloadError(f"is longer than the {source.size} bytes it should have")
    if have < source.size:
        raise _DroppedError(f"the connection was lost after {have} of {source.size} bytes")


def _read(answer: http.client.HTTPResponse) -> bytes:
    with _dropped():
        return answer.read(BLOCK)


def _begins_at(answer: http.client.HTTPResponse, position: int) -> bool:
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {position}-")
