"""Where a model is served."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from gansuite.errors import UsageError

_HINT = """\
It is like http://localhost:8501 or grpc://localhost:8500, where the model is called something else than its
  plugin with /v1/models/NAME behind it."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a model is served.

    Attributes:
        scheme: http, https, grpc or grpcs.
        host: and its port.
        path: of the model, /v1/models/NAME unless it was said otherwise.
    """

    scheme: str
    host: str
    path: str

    @classmethod
    def of(cls, url: str, name: str) -> Address:
        """Read an address.

        Args:
            url: of a server or of a model.
            name: the model's, where the address does not have it.

        Raises:
            UsageError: this is no such address.
        """
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").encode("idna"), parts.port
        except ValueError:
            raise no_address(url) from None
        is_rpc = parts.scheme in ("grpc", "grpcs")
        known = is_rpc or parts.scheme in ("http", "https")
        plain = url.isascii() and not (parts.query or parts.fragment or parts.username is not None)
        # gRPC has no port of its own that could be left out.
        if not known or not host or not plain or (is_rpc and port is None):
            raise no_address(url)
        path = parts.path.rstrip("/") or f"/v1/models/{name}"
        return cls(scheme=parts.scheme, host=parts.netloc, path=path)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"


def no_address(url: str) -> UsageError:
    """Return the error of an address that is none."""
    return UsageError(f"{url!r} is not the address of a server", where="--server", hint=_HINT)
