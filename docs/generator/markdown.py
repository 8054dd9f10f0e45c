"""Markdown out of docstrings and rows."""

import inspect
import re
from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(``.+?``|`[^`]*`)", re.DOTALL)
_SPECIAL = re.compile(r"([*<\\]|(?<!\w)_|_(?!\w))")
_DEFINITION = re.compile(r"[a-z_][\w., ]*: ")
_LABEL = re.compile(r"(Formula|Sources?):")


def text(words: str) -> str:
    """Words as markdown shows them: what it would take for a mark is escaped, but not in `code`."""
    parts = _CODE.split(words)
    return "".join(part if k % 2 else _SPECIAL.sub(r"\\\1", part) for k, part in enumerate(parts))


def prose(docstring: str | None) -> str:
    """A docstring as markdown: a paragraph a line; tables, lists and indented code stay what they are.

    Lines of the form `name: text`, two or more of them, become a list, and so does what stands below `Args:`. Sources
    are a paragraph of their own.
    """
    whole = re.sub(r"\.\s(Sources?: )", r".\n\n\1", inspect.cleandoc(docstring or ""))
    blocks = re.split(r"\n\s*\n", whole)
    return "\n\n".join(filter(None, map(_block, blocks)))


def _block(block: str) -> str:
    lines = block.splitlines()
    first = lines[0].rstrip() if lines else ""
    if lines and all(line.startswith("    ") for line in lines):
        return code("\n".join(line[4:] for line in lines))
    if first.startswith("|"):
        return block
    if first in ("Args:", "Returns:", "Raises:", "Yields:"):
        return f"*{first[:-1]}*\n\n" + _listed([line.strip() for line in lines[1:]])
    if first.startswith("- "):
        return "\n".join(f"- {text(item)}" for item in re.split(r"\n- ", block[2:].replace("\n  ", " ")))
    if _DEFINITION.match(first) and sum(bool(_DEFINITION.match(line)) for line in lines) > 1:
        return _listed(lines)
    return _LABEL.sub(r"**\1:**", text(" ".join(map(str.strip, lines))), count=1)


def _listed(lines: Sequence[str]) -> str:
    """Lines that begin with `name: ` as items; those that do not go on with the one before."""
    items: list[str] = []
    for line in lines:
        if _DEFINITION.match(line) or not items:
            items.append(line)
        else:
            items[-1] += f" {line}"
    named = [item.partition(": ") for item in items]
    return "\n".join(f"- `{name}`: {text(said)}" if said else f"- {text(name)}" for name, _, said in named)


def first_sentence(docstring: str | None) -> str:
    """What a docstring begins with, up to its first full stop, as one line."""
    paragraph = " ".join(inspect.cleandoc(docstring or "").split("\n\n")[0].split())
    found = re.match(r".+?[.:](?=\s|$)", paragraph)
    return text(found[0].rstrip(":") if found else paragraph)


def sentence(words: str) -> str:
    """Words as a sentence: with a capital and a full stop."""
    return text(words[:1].upper() + words[1:]) + ("" if words.endswith(".") else ".")


def code(lines: str, language: str = "python") -> str:
    """A block of code."""
    return f"```{language}\n{lines}\n```"


def mono(words: str) -> str:
    """Words in the typeface of code, also where they hold a backtick."""
    return f"`` {words} ``" if "`" in words else f"`{words}`"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are markdown, in which a bar is escaped. Nothing where there is no row."""
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    if not cells:
        return ""
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *cells))


def page(title: str, *parts: str) -> str:
    """A whole page: parts with one blank line between them, empty ones left out."""
    made = "\n\n".join(filter(None, (part.strip("\n") for part in (f"# {title}", *parts))))
    return f"{made}\n\n---\n\nWritten from the code by `make docs`: do not edit this page, edit what it describes.\n"
