import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from own_plugins import here  # noqa: F401
