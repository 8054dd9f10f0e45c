"""Recorded judgments of official scorers: where the folder is not there, these tests are skipped."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def recorded():
    """The folder of recorded judgments, beside the repository or named by JUDGEBENCH_TEST_DATA."""
    named = os.environ.get("JUDGEBENCH_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[3] / "shared/data"
    if not (folder / "alpaca_eval_2").is_dir():
        pytest.skip(f"no recorded judgments in {folder}")
    return folder
