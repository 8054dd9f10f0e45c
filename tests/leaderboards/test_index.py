"""The index names every landed board as it stands."""

import importlib.util
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "leaderboards"


def test_the_index_is_that_of_the_boards():
    script = importlib.util.spec_from_file_location("index", FOLDER / "index.py")
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    assert module.index() == (FOLDER / "README.md").read_text()
    assert all(f"({path.parent.name}/README.md)" in module.index() for path in FOLDER.glob("*/board.json"))
