import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "plugin"))
sys.path.insert(0, str(Path(__file__).parent))

from shell import recorded, shell, work  # noqa: F401
