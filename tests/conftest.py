"""What every test may ask for: the real data beside the repository, two devices, a data home of its own."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from packages import Built, build_in

from gansuite.backend import choose_backend

pytest.register_assert_rewrite("effects")

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED_DATA = Path(os.environ.get("GANSUITE_TEST_DATA", REPOSITORY.parent / "shared" / "data"))

# Graphs are many small things that stay: looking through all of them again and again finds nothing.
gc.set_threshold(100_000, 50, 50)

# A shell starts what runs in its background deaf to Ctrl-C, and nohup to a closed terminal; tests send both.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Inherited by every process a test starts; TensorFlow reads them when it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_DETERMINISTIC_OPS", "1")
choose_backend()

#: The files that take a minute or more on two cores, the longest first.
LONGEST = (
    "tests/guarantees/test_images.py",
    "tests/guarantees/test_others.py",
    "tests/test_settings.py",
    "tests/gansuite/training/test_loop.py",
    "tests/test_examples.py",
    "tests/gansuite/testing/test_broken_plugins.py",
    "tests/benchmarks/test_claim_images.py",
    "tests/benchmarks/test_benchmarks.py",
    "tests/test_workers.py",
    "tests/test_combinations.py",
    "tests/test_documentation.py",
    "tests/gansuite/test_scaffold.py",
    "tests/gansuite/cli/test_interrupts.py",
    "tests/plugins/gansuite_translation/test_command.py",
    "tests/gansuite/training/test_calibration.py",
    "tests/gansuite/training/test_checkpoints.py",
    "tests/gansuite/training/test_schedules.py",
    "tests/gansuite/training/test_judging.py",
)

_home = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Draw the same weights in each run of the tests: Keras takes seeds that nobody names from `random`."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(int(os.environ.get("GANSUITE_TEST_SEED", "0")))
    # Hypothesis asks who refers to its generators, which what `gansuite` froze does not tell.
    if hasattr(getattr(item, "obj", None), "hypothesis"):
        gc.unfreeze()


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests prepare out of the user's cache; set GANSUITE_TEST_HOME to prepare only once."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    kept = os.environ.get("GANSUITE_TEST_HOME")
    if kept is None:
        config.stash[_home] = tempfile.TemporaryDirectory(prefix="gansuite-tests-")
        kept = config.stash[_home].name
    os.environ["GANSUITE_HOME"] = kept


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests prepared."""
    if _home in config.stash:
        config.stash[_home].cleanup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: no process is to be left with one when all else is done."""
    ranks = {REPOSITORY / name: rank for rank, name in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Split the CPU before any test can start TensorFlow, which fixes its devices for good."""
    if any("two_devices" in getattr(item, "fixturenames", ()) for item in session.items):
        _split_cpu()


def _split_cpu() -> None:
    import tensorflow as tf

    halves = [tf.config.LogicalDeviceConfiguration(), tf.config.LogicalDeviceConfiguration()]
    try:
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
    except RuntimeError as error:
        raise pytest.UsageError("a test module makes a tensor when imported: make it in a test") from error


@pytest.fixture(scope="session")
def two_devices() -> list[str]:
    """Names of two logical CPU devices; every session that runs a test asking for it has them."""
    import tensorflow as tf

    return [device.name for device in tf.config.list_logical_devices("CPU")]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real data beside the repository; the test is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no real data at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def built(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Wheels and sdist of the repository, built once for all processes of a test session."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with FileLock(shared / "built.lock"):
        return build_in(shared / "built", repository)


@pytest.fixture
def data_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data home for one test, for its child processes too."""
    home = tmp_path / "home"
    monkeypatch.setenv("GANSUITE_HOME", str(home))
    return home


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, text=True
        )
    except FileNotFoundError:
        pytest.skip("there is no mount")
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
