import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "plugin"))  # for the hub on loopback
sys.path.insert(0, str(Path(__file__).parents[1] / "discovery"))  # for plugins of third parties
sys.path.insert(0, str(Path(__file__).parent))

from shell import recorded, shell, work  # noqa: F401
