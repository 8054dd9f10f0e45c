"""The reference's pages, taken apart: sections by their headings, rows of tables, blocks of code."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"


@cache
def page(name):
    return (FOLDER / f"{name}.md").read_text()


@cache
def sections(text):
    """The text below each heading, up to the next one of any level; headings in blocks of code are none."""
    found, heading, inside = {}, "", False
    for line in text.splitlines():
        inside ^= line.startswith("```")
        if not inside and (match := re.match(r"#+ (.+)", line)):
            heading = match[1]
            found[heading] = ""
        else:
            found[heading] = found.get(heading, "") + line + "\n"
    return found


def rows(section):
    """The rows of its tables as lists of cells, without heads and rules."""
    lines = section.splitlines()
    found = []
    for above, line in zip(["", *lines], lines, strict=False):
        if line.startswith("| ") and not set(line) <= set("|- ") and above.startswith("|"):
            cells = re.split(r"(?<!\\) ?\| ?", line)[1:-1]
            found.append([cell.strip().replace("\\|", "|") for cell in cells])
    return found


def blocks(section):
    """The blocks of Python."""
    return re.findall(r"```python\n(.*?)\n```", section, flags=re.DOTALL)


def bare(text):
    """What a reader sees of markdown: without marks of code, escapes and links."""
    text = re.sub(r"^```\w*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\\([*<_\\|])", r"\1", text).replace("`", "")


def plain(text):
    """Words with single blanks."""
    return " ".join(bare(text).split())
