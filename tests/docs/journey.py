"""A page carried out as a reader would, in an empty folder, with what is installed there:

    python tests/docs/journey.py docs/tutorial/first-plugin.md FOLDER

A block that begins with `# NAME.py` or `# NAME.toml` is a file, a block of sh is run by bash. Prints how many lines of
code the files have, and how long each block took.
"""

import re
import subprocess
import sys
import time
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"# (\S+\.(?:py|toml))\n")


def blocks(page: str) -> list[tuple[str | None, str]]:
    """(name of the file, or None for a script of bash; text) of each block that is carried out."""
    found: list[tuple[str | None, str]] = []
    for language, text in BLOCK.findall(page):
        if named := NAMED.match(text):
            found.append((named[1], text))
        elif language == "sh":
            found.append((None, text))
    return found


def code_lines(text: str) -> int:
    """Lines that are neither blank nor a comment."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in text.splitlines())


def main(page: Path, folder: Path) -> None:
    """Carry the page out; ends where a block does not."""
    whole = time.monotonic()
    for name, text in blocks(page.read_text(encoding="utf-8")):
        began = time.monotonic()
        if name is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"{name}: {code_lines(text)} lines of code", flush=True)
            continue
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text], cwd=folder, check=False, capture_output=True, text=True
        )
        shown = " ; ".join(line for line in text.splitlines() if line and not line.startswith("#"))
        print(f"{time.monotonic() - began:6.1f} s  {shown}", flush=True)
        if done.returncode != 0:
            sys.exit(f"{done.stdout}{done.stderr}\n{page.name}: this ended with {done.returncode}")
    print(f"{time.monotonic() - whole:6.1f} s  in all")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
