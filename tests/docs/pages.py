"""The pages of the documentation, taken apart: their blocks, and the commands in these."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "docs/reference"
"""Made of the code, and held to it by tests of its own."""
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"\A(?:# |\{# ?|<!-- ?)([\w./-]+\.\w+)(?: ?#\}| ?-->)?\n")
"""The first line of a block that is a file: a comment that names it."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the file that it is, where its first line names one."""

    language: str
    text: str

    @property
    def file(self):
        found = NAMED.match(self.text)
        return found and found[1]

    @property
    def commands(self):
        """The commands of a sh block: continued lines joined, comments and blank lines left out."""
        lines = (line.strip() for line in self.text.replace("\\\n", " ").splitlines())
        return [line for line in lines if line and not line.startswith("#")]


@dataclass(frozen=True)
class Page:
    path: Path

    def __str__(self):
        return str(self.path.relative_to(ROOT))

    @property
    def text(self):
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self):
        return [Block(*found) for found in BLOCK.findall(self.text)]

    @property
    def commands(self):
        return [line for block in self.blocks if block.language == "sh" for line in block.commands]


README = Page(ROOT / "README.md")
PAGES = [README, *(Page(path) for path in sorted((ROOT / "docs").rglob("*.md")) if GENERATED not in path.parents)]
COMMANDS = [line for page in PAGES for line in page.commands]
"""Every command of every page."""
