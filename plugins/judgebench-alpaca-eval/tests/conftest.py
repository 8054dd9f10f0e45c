import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True, scope="session")
def installed() -> None:
    """These tests hold the plugin to the package itself."""
    if find_spec("alpaca_eval") is None:
        pytest.skip("needs alpaca-eval")


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded judgments, beside the repository or named by JUDGEBENCH_TEST_DATA."""
    named = os.environ.get("JUDGEBENCH_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared/data"
    if not (folder / "alpaca_eval_2/annotations_full").is_dir():
        pytest.skip(f"no recorded judgments in {folder}")
    return folder
