"""Data sets by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sites import Site

from gansuite.data.cards import Source, card, cards, loader, locate, read_card
from gansuite.errors import DataError, PluginError

CARD = """
name = "mine"
title = "Mine"
summary = "My pictures"
holds = "pictures"
licence = "mine"
layout = "pictures"
loader = "gansuite.data.fetching:fetch"
"""


def test_every_card_can_be_read_and_names_a_loader_and_checksums() -> None:
    assert {"chorales", "cifar10", "digits", "fashion-mnist", "mnist", "pop909"} <= cards().keys()
    for one in cards().values():
        assert "" not in (one.title, one.summary, one.holds, one.licence, one.layout)
        assert ":" in one.loader
        for source in one.sources:
            assert source.size > 0
            assert len(source.checksum[1]) == {"sha256": 64, "md5": 32}[source.checksum[0]]


def test_listing_cards_imports_nothing_heavy() -> None:
    code = (
        "import sys; from gansuite.data.cards import cards; cards();"
        "sys.exit(', '.join({'tensorflow', 'keras', 'numpy', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(DataError, match="digits"):
        card("digit")
    with pytest.raises(DataError, match=r"Did you mean fashion-mnist\?"):
        locate("fashion-mist")


@pytest.mark.parametrize(
    "wrong",
    [
        "[", CARD + '[[sources]]\nurl = "http://["\nsize = 1',
        'titel = "x"', "sources = 5\n" + CARD, "settings = 5\n" + CARD,
        *(CARD.replace('title = "Mine"', title) for title in ("", "title = 5", "title = []")),
    ],
)  # fmt: skip
def test_a_broken_card_is_named(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(wrong)
    with pytest.raises(DataError) as caught:
        read_card(file)
    assert str(file) in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *("https://host/x.zip", "https://host/x.zip?download=1", "https://host/files/x.zip/?a=b/c.tar"),
        "https://host/x.zip#all",
    ],
)
def test_a_file_is_called_what_its_address_ends_in_before_any_question(url: str) -> None:
    assert Source(url=url, size=1).name == "x.zip"


@pytest.mark.parametrize(
    "urls", [["https://host/?id=3"], ["https://host/a/.."], ["https://host/x?a", "https://host/x?b"]]
)
def test_sources_that_are_no_files_beside_each_other_are_refused(tmp_path: Path, urls: list[str]) -> None:
    sources = [f'[[sources]]\nurl = "{url}"\nsize = 1\nmd5 = "{"0" * 32}"\n' for url in urls]
    (tmp_path / "mine.toml").write_text("\n".join([CARD, *sources]))
    with pytest.raises(DataError, match="is no name for one file"):
        read_card(tmp_path / "mine.toml")


def test_a_path_is_itself(tmp_path: Path) -> None:
    assert locate(str(tmp_path)) == tmp_path


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x" * 300, "cannot be reached: File name too long"),
        ("~nobody-of-this-name/data", "cannot be reached: Could not determine home directory"),
        ("", "data.source: is empty"),
    ],
)
def test_a_path_that_leads_nowhere_is_named(source: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        locate(source)


@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, mode: int) -> None:
    data = tmp_path / "data"
    (data / "part").mkdir(parents=True)
    data.chmod(mode)
    program = f"from gansuite.data.cards import locate; locate({str(data)!r})"
    done = subprocess.run([*_as_anybody(), sys.executable, "-c", program], capture_output=True, text=True)
    data.chmod(0o700)
    assert f"DataError: {data}: cannot be reached: Permission denied" in done.stderr


def _as_anybody() -> list[str]:
    """What a command begins with that may do no more than permissions say, though this is root."""
    if os.geteuid() != 0:
        return []
    command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    if shutil.which("setpriv") is None or subprocess.run([*command, "true"]).returncode:
        pytest.skip("permissions do not bind root, who cannot give up anything here")
    return command


@pytest.mark.parametrize(
    ("made_by", "message"),
    [
        ("no_such_package:make", "importing no_such_package failed: ModuleNotFoundError"),
        ("gansuite.data.fetching:lost", "its loader is gansuite.data.fetching:lost, and there is no such"),
        ("fetch", "importing fetch failed"),
    ],
)
def test_a_loader_that_is_not_there_is_named(tmp_path: Path, made_by: str, message: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(CARD.replace("gansuite.data.fetching:fetch", made_by))
    with pytest.raises(PluginError, match=f"data set mine: {message}"):
        loader(read_card(file))


@pytest.mark.parametrize("package", ["kit_package", "kit_package.inner"])
def test_a_card_lies_in_a_compiled_package_as_in_any(site: Site, package: str) -> None:
    assert "mine" not in cards()
    folder = package.replace(".", "/")
    files = {"kit_package/__init__.py": "", f"{folder}/__init__.py": "", f"{folder}/mine.toml": CARD}
    site.install("bringing", files, {"gansuite.datasets": {"mine": f"{package}:mine"}})
    site.compile(f"{folder}/__init__.py")
    assert card("mine").title == "Mine"


def test_digits_are_made_once_without_a_download(data_home: Path) -> None:
    file = locate("digits")
    changed = file.stat().st_mtime_ns
    assert data_home in file.parents
    with np.load(file, allow_pickle=False) as digits:
        assert digits["images"].shape == (1797, 8, 8)
        assert (digits["images"].dtype, digits["images"].max()) == (np.uint8, 255)
        assert sorted(set(digits["labels"].tolist())) == list(range(10))
    assert locate("digits").stat().st_mtime_ns == changed


def test_made_data_has_no_use_for_a_source(data_home: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--from"):
        loader(card("digits"), tmp_path)
    assert not (data_home / "datasets" / "digits").exists()
