import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

settings.register_profile("files", deadline=None)  # a disk is as slow as it is
settings.load_profile("files")


@pytest.fixture
def full_disk() -> Callable[[int], object]:
    """A context in which no file of this process grows beyond so many bytes (Python ignores SIGXFSZ)."""

    @contextmanager
    def limited(size: int) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a cache is made, in a folder that is not there yet."""
    return tmp_path / "below" / "completions.sqlite"


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that this process may read and not write, as the relative path `locked`, root or not."""
    (tmp_path / "locked").mkdir()
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    (tmp_path / "locked").chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield Path("locked")
    finally:
        os.seteuid(user)
        (tmp_path / "locked").chmod(0o755)
