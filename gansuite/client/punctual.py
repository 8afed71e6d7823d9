"""HTTP answers that have to be there in time: status line, headers and body, of errors too.

What points to another address is an error as well: it may be another host, without TLS, or no HTTP at all.
"""

from __future__ import annotations

import io
import time
import urllib.request
from functools import partial
from http.client import HTTPResponse
from socket import socket
from typing import Any


class Late(TimeoutError):  # noqa: N818 - what is said about it is the asker's
    """An answer was not whole in time."""


def open_until(end: float, request: urllib.request.Request, *, silence: float) -> Any:
    """Send a request; reading its answer ends in time, however slowly it comes.

    A timeout of a socket is for what comes next, so that a server which sends a byte now and then could
    be waited for without an end.

    Args:
        end: when the whole answer has to be there, in seconds of `time.monotonic`.
        request: what is asked.
        silence: seconds that nothing may come for.

    Returns:
        The answer, as of `urllib.request.urlopen`.

    Raises:
        Late: here or when it is read: the time is over.
        urllib.error.HTTPError: it is an error, or points to another address.
        OSError, http.client.HTTPException: as of `urllib.request.urlopen`.
    """
    handlers = (_Http(), _Https())
    for handler in handlers:
        handler.answer = partial(_Answer, silence=silence, end=end)
    # Not `build_opener`, whose opener follows redirects and speaks FTP.
    opener = urllib.request.OpenerDirector()
    for one in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        *handlers,
    ):
        opener.add_handler(one)
    return opener.open(request, timeout=silence)


class _Punctual:
    """What both handlers do otherwise than those of urllib."""

    answer: Any

    def do_open(self, http_class: Any, req: urllib.request.Request, **more: Any) -> Any:
        def connection(*arguments: Any, **named: Any) -> Any:
            made = http_class(*arguments, **named)
            made.response_class = self.answer
            return made

        return super().do_open(connection, req, **more)  # type: ignore[misc]  # of the other base


class _Http(_Punctual, urllib.request.HTTPHandler):
    pass


class _Https(_Punctual, urllib.request.HTTPSHandler):
    pass


class _Answer(HTTPResponse):
    """Reads what a socket receives until some time."""

    def __init__(self, sock: socket, *arguments: Any, silence: float, end: float, **more: Any) -> None:
        super().__init__(sock, *arguments, **more)
        self.fp: Any = io.BufferedReader(_Received(sock, self.fp.detach(), silence, end))


class _Received(io.RawIOBase):
    def __init__(self, sock: socket, raw: io.RawIOBase, silence: float, end: float) -> None:
        super().__init__()
        self._sock, self._raw = sock, raw
        self._silence, self._end = silence, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise Late
        self._sock.settimeout(min(self._silence, left))
        try:
            return self._raw.readinto(buffer)
        except TimeoutError as error:
            raise (Late if time.monotonic() >= self._end else TimeoutError) from error

    def close(self) -> None:
        self._raw.close()
        super().close()
