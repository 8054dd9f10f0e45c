"""Lay out a mirror of the hub's Arena-Hard files from a folder of recorded questions and answers.

    python mirror.py DATA OUT

DATA holds v0.1/question.jsonl.gz and v0.1/model_answer/MODEL.jsonl.gz. OUT becomes a folder for `--data-dir`.
"""

import gzip
import sys
from pathlib import Path


def main(data: Path, out: Path) -> None:
    """Write every file of v0.1, unpacked, under the hub's own names."""
    root = out / "lmarena-ai/arena-hard-auto/data/arena-hard-v0.1"
    for path in sorted((data / "v0.1").rglob("*.jsonl.gz")):
        if path.name.startswith("battles"):
            continue
        target = root / path.relative_to(data / "v0.1").with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.decompress(path.read_bytes()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
