import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "plugin")]


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory):
    """Everything that the pages' commands name, made once."""
    from workplace import lay_out

    folder = tmp_path_factory.mktemp("workplace")
    lay_out(folder)
    return folder


@pytest.fixture
def folder(laid_out, tmp_path):
    """A copy of it, to be changed."""
    return shutil.copytree(laid_out, tmp_path / "here")
