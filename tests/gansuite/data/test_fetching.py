"""Downloads against a real server on this machine, and archives made to do harm."""

from __future__ import annotations

import errno
import hashlib
import http.client
import io
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tars import tar_of

from gansuite.data import download as downloads
from gansuite.data.cards import Card, Source
from gansuite.data.download import DownloadError, download
from gansuite.data.fetching import fetch
from gansuite.errors import DataError

CONTENT = bytes(range(256)) * 4000


class Server(ThreadingHTTPServer):
    """Serves files from memory; `drop_after` cuts each answer short, `ranges` says whether it can go on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {"/data.bin": CONTENT}
        self.drop_after: int | None = None
        self.ranges = True
        self.asked: list[str | None] = []
        self.sent = 0

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:  # the name http.server looks for
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.ranges else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:][: self.server.drop_after]
        self.server.sent += len(body)
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(downloads, "PAUSE", 0.0)
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def source(
    server: Server, name: str = "data.bin", content: bytes = CONTENT, *, unpack: bool = False
) -> Source:
    sha256 = hashlib.sha256(content).hexdigest()
    return Source(url=server.url(name), size=len(content), sha256=sha256, unpack=unpack)


def card(*sources: Source) -> Card:
    return Card(
        name="mine",
        title="Mine",
        summary="",
        holds="",
        licence="",
        layout="my files",
        homepage="https://example.org/mine",
        loader="gansuite.data.fetching:fetch",
        sources=sources,
    )


def test_a_file_is_fetched_and_kept(server: Server, tmp_path: Path) -> None:
    download(source(server), tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT
    download(source(server), tmp_path / "data.bin")
    assert len(server.asked) == 1


def test_md5_does_where_nothing_better_was_published(server: Server, tmp_path: Path) -> None:
    digest = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    download(Source(url=server.url("data.bin"), size=len(CONTENT), md5=digest), tmp_path / "data.bin")
    with pytest.raises(DownloadError, match="md5"):
        download(Source(url=server.url("data.bin"), size=len(CONTENT), md5="0" * 32), tmp_path / "other.bin")


def test_a_lost_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.drop_after = len(CONTENT) // 3 + 1
    download(source(server), tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={server.drop_after}-", f"bytes={2 * server.drop_after}-"]
    assert server.sent == len(CONTENT)


def test_the_next_call_goes_on_too(server: Server, tmp_path: Path) -> None:
    server.drop_after = 1000
    with pytest.raises(DownloadError, match="lost"):
        download(source(server), tmp_path / "data.bin")
    assert not (tmp_path / "data.bin").exists()
    server.drop_after = None
    download(source(server), tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=3000-"


def test_an_error_of_the_network_is_a_lost_connection(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, asked = http.client.HTTPResponse.read, []

    def failing(answer: http.client.HTTPResponse, size: int) -> bytes:
        # No network that a test can make up says this.
        asked.append(size)
        if len(asked) == 2:
            raise OSError(errno.EHOSTUNREACH, "No route to host")
        return reading(answer, size)

    monkeypatch.setattr(http.client.HTTPResponse, "read", failing)
    monkeypatch.setattr(downloads, "BLOCK", 1000)
    server.files["/data.bin"] = CONTENT[:5000]
    download(source(server, content=CONTENT[:5000]), tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT[:5000]
    assert server.asked == [None, "bytes=1000-"]


def test_a_disk_that_is_full_is_no_lost_connection(server: Server, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("nothing here is always full")
    server.drop_after = downloads.BLOCK
    (tmp_path / "data.bin.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        download(source(server), tmp_path / "data.bin")
    assert len(server.asked) == 1


def test_a_server_without_ranges_is_asked_for_all_of_it(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    (tmp_path / "data.bin.part").write_bytes(b"x" * 5000)
    download(source(server), tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT


def test_a_leftover_of_another_file_does_not_stay(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(b"x" * 5000)
    download(source(server), tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == CONTENT


def test_a_file_that_is_not_the_published_one_is_refused(server: Server, tmp_path: Path) -> None:
    server.files["/data.bin"] = CONTENT[:-1] + b"!"
    with pytest.raises(DownloadError, match="sha256"):
        download(source(server), tmp_path / "data.bin")
    assert list(tmp_path.iterdir()) == []


def test_a_file_longer_than_published_is_cut_off(server: Server, tmp_path: Path) -> None:
    server.files["/data.bin"] = CONTENT * 20
    with pytest.raises(DownloadError, match="longer"):
        download(source(server), tmp_path / "data.bin")
    assert list(tmp_path.iterdir()) == []


def test_only_http_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="http"):
        download(Source(url="file:///etc/passwd", size=1, sha256="0" * 64), tmp_path / "passwd")


def test_what_cannot_be_fetched_is_explained(server: Server, data_home: Path) -> None:
    missing = source(server, "missing.bin")
    with pytest.raises(DataError) as caught:
        fetch(card(missing), None)
    message = str(caught.value)
    assert "404" in message
    assert missing.url in message
    assert missing.sha256 in message
    assert "gansuite datasets prepare mine --from" in message
    assert not (data_home / "datasets" / "mine").exists()


def test_no_network_is_explained(server: Server, data_home: Path) -> None:
    gone = source(server)
    server.server_close()
    with pytest.raises(DataError, match="--from"):
        fetch(card(gone), None)


def test_data_without_a_checksum_is_asked_for(data_home: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"https://example\.org/mine"):
        fetch(card(), None)
    (tmp_path / "given" / "deep").mkdir(parents=True)
    (tmp_path / "given" / "deep" / "a.mid").write_bytes(b"MThd")
    assert (fetch(card(), tmp_path / "given") / "deep" / "a.mid").read_bytes() == b"MThd"


def test_a_file_brought_along_is_checked_too(server: Server, data_home: Path, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(CONTENT)
    folder = fetch(card(source(server)), tmp_path)
    assert (folder / "data.bin").read_bytes() == CONTENT
    assert server.asked == []
    (tmp_path / "data.bin").write_bytes(CONTENT[::-1])
    with pytest.raises(DataError, match="sha256"):
        fetch(card(source(server)), tmp_path)
    (tmp_path / "data.bin").unlink()
    with pytest.raises(DataError, match=r"data\.bin is not here"):
        fetch(card(source(server)), tmp_path)
    assert (folder / "data.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("published", [True, False])
def test_a_file_that_cannot_be_read_is_named(
    server: Server, data_home: Path, tmp_path: Path, published: bool
) -> None:
    if not Path("/proc/self/mem").exists():
        pytest.skip("nothing here can be opened and not be read")
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "data.bin").symlink_to("/proc/self/mem")
    wanted = card(Source(url=server.url("data.bin"), size=0, md5="0" * 32)) if published else card()
    with pytest.raises(DataError, match=r"given/data\.bin: cannot be read \(Input/output error\)"):
        fetch(wanted, tmp_path / "given")
    assert not (data_home / "datasets" / "mine").exists()


def test_a_folder_brought_along_that_cannot_be_read_is_named(
    data_home: Path, tmp_path: Path, unreadable: Callable[[str], None]
) -> None:
    (tmp_path / "given" / "part").mkdir(parents=True)
    (tmp_path / "given" / "a.mid").write_bytes(b"MThd")
    unreadable("part")
    with pytest.raises(DataError, match=r"part: cannot be looked into: Permission denied"):
        fetch(card(), tmp_path / "given")


def test_an_archive_is_unpacked_whatever_its_address_asks_for(server: Server, data_home: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.bin", b"a")
    server.files["/set.zip?download=1"] = packed.getvalue()
    wanted = card(source(server, "set.zip?download=1", packed.getvalue(), unpack=True))
    assert (fetch(wanted, None) / "a.bin").read_bytes() == b"a"


def test_an_archive_is_fetched_and_unpacked_once(server: Server, data_home: Path) -> None:
    content = tar_of(("set/a.bin", b"a"), ("set/b.bin", b"b"))
    server.files["/set.tar.gz"] = content
    wanted = card(source(server, "set.tar.gz", content, unpack=True))
    assert (fetch(wanted, None) / "set" / "b.bin").read_bytes() == b"b"
    fetch(wanted, None)
    assert len(server.asked) == 1
    assert not (data_home / "downloads" / "mine").exists()


@pytest.mark.parametrize("unpacked", [False, True])
def test_what_has_come_stays_until_all_has(server: Server, data_home: Path, unpacked: bool) -> None:
    content = tar_of(("a.bin", b"a"))
    first, second = source(server, "first.tar.gz", content, unpack=unpacked), source(server, "second.bin")
    server.files["/first.tar.gz"] = content
    with pytest.raises(DataError):
        fetch(card(first, second), None)
    server.files["/second.bin"] = CONTENT
    server.asked.clear()
    folder = fetch(card(first, second), None)
    assert sorted(path.name for path in folder.iterdir()) == [
        "a.bin" if unpacked else "first.tar.gz",
        "second.bin",
    ]
    assert len(server.asked) == 1
    assert not (data_home / "downloads" / "mine").exists()
