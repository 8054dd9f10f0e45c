import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from vllm_kit import opened, write_checkpoint
from vllm_stand_in import Engine, install

from judgebench.testing.opened import Opened


@pytest.fixture
def model(tmp_path: Path) -> str:
    """A folder that looks like a saved model."""
    return str(write_checkpoint(tmp_path / "model"))


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Engine]:
    """The engines that were started by a stand-in for the module `vllm`, in order."""
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "cache"))
    return install(monkeypatch)


@pytest.fixture
def open_model(engines: list[Engine], model: str) -> Iterator[Callable[..., Opened]]:
    """Opens `vllm` on the folder with these options; what is open is closed after the test."""
    with opened(model) as get:
        yield get
