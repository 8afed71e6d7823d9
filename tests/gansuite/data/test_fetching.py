"""Downloads against a real server on this machine, and archives made to do harm."""

from __future__ import annotations

import bz2
import errno
import gzip
import hashlib
import http.client
import io
import lzma
import os
import stat
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from gansuite.data import download as downloads
from gansuite.data.cards import Card, Source
from gansuite.data.download import DownloadError, download
from gansuite.data.fetching import fetch
from gansuite.data.unpacking import Bounds, unpack
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
    data_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "given" / "part").mkdir(parents=True)
    (tmp_path / "given" / "a.mid").write_bytes(b"MThd")
    reading = os.scandir

    def refusing(path: str) -> object:
        # Permissions do not bind whoever tests as root.
        if str(path).endswith("part"):
            raise PermissionError(13, "Permission denied", path)
        return reading(path)

    monkeypatch.setattr(os, "scandir", refusing)
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


def tar_of(*files: tuple[str | tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name) if isinstance(name, str) else name
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def link(kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo("link")
    member.type, member.linkname = kind, "/etc/passwd"
    return member


@pytest.mark.parametrize(
    "member", ["../out.txt", "/out.txt", link(tarfile.SYMTYPE), link(tarfile.LNKTYPE), link(tarfile.CHRTYPE)]
)
def test_a_tar_reaches_nothing_outside(tmp_path: Path, member: str | tarfile.TarInfo) -> None:
    (tmp_path / "a.tar.gz").write_bytes(tar_of((member, b"")))
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError):
        unpack(tmp_path / "a.tar.gz", tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.tar.gz", "folder"]


def test_a_zip_reaches_nothing_outside(tmp_path: Path) -> None:
    outside, linked = zipfile.ZipInfo("../out.txt"), zipfile.ZipInfo("link")
    linked.external_attr = (stat.S_IFLNK | 0o777) << 16
    for member in (outside, linked):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(member, "/etc/passwd")
        (tmp_path / "folder").mkdir(exist_ok=True)
        with pytest.raises(DataError):
            unpack(tmp_path / "a.zip", tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip", "folder"]


def test_bombs_are_defused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(5 << 20))
    (tmp_path / "many.tar.gz").write_bytes(tar_of(*((f"{n}", b"") for n in range(20))))
    for name, bounds in (("bomb.zip", Bounds(bytes=1 << 20)), ("many.tar.gz", Bounds(files=10))):
        folder = tmp_path / f"of-{name}"
        folder.mkdir()
        with pytest.raises(DataError, match="more than"):
            unpack(tmp_path / name, folder, bounds)
        assert sum(file.stat().st_size for file in folder.iterdir()) <= 1 << 20


@pytest.mark.parametrize("kind", ["", ":gz", ":xz", ":bz2"])
@pytest.mark.parametrize("damage", ["header", "cut in a header", "cut after a header", "nothing", "no end"])
def test_a_damaged_tar_is_never_taken_for_a_shorter_one(tmp_path: Path, kind: str, damage: str) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for number in range(4):
            member = tarfile.TarInfo(f"{number}.bin")
            member.size = 512
            archive.addfile(member, io.BytesIO(bytes([number + 1]) * 512))
    content = bytearray(packed.getvalue())
    if damage == "header":
        content[2 * 1024 + 10] ^= 1
    elif damage != "nothing":
        ends = {"cut in a header": 2 * 1024 + 100, "cut after a header": 2 * 1024 + 512, "no end": 4 * 1024}
        del content[ends[damage] :]
    name = f"a.tar{kind.replace(':', '.')}"
    packers = {"": bytes, ":gz": gzip.compress, ":xz": lzma.compress, ":bz2": bz2.compress}
    (tmp_path / name).write_bytes(packers[kind](bytes(content)))
    (tmp_path / "folder").mkdir()
    if damage in ("nothing", "no end"):
        unpack(tmp_path / name, tmp_path / "folder")
        assert len(list((tmp_path / "folder").iterdir())) == 4
    else:
        with pytest.raises(DataError, match="damaged"):
            unpack(tmp_path / name, tmp_path / "folder")


@pytest.mark.parametrize("name", ["a.tar.xz", "a.tar.bz2", "a.tar.gz"])
def test_bytes_that_do_not_unpack_are_a_damaged_archive(tmp_path: Path, name: str) -> None:
    packers = {"a.tar.xz": lzma.compress, "a.tar.bz2": bz2.compress, "a.tar.gz": gzip.compress}
    content = bytearray(packers[name](np.random.default_rng(0).bytes(100_000)))
    content[len(content) // 2] ^= 255
    (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="archive"):
        unpack(tmp_path / name, tmp_path / "folder")


def test_a_file_and_a_folder_of_one_name_are_damage(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("a/b", b"2")
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="damaged"):
        unpack(tmp_path / "a.zip", tmp_path / "folder")


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_a_truncated_archive_is_named(tmp_path: Path, name: str) -> None:
    content = tar_of(("a", bytes(range(256)) * 100))
    if name == "a.zip":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a", bytes(1000))
        content = packed.getvalue()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="damaged"):
        unpack(tmp_path / name, tmp_path / "folder")
