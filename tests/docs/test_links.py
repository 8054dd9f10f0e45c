"""Every link of every page of the repository leads to a file, and to a heading, that is there."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "plugins", "leaderboards", "examples", "bench", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md"))])
INLINE = re.compile(r"(?<!\\)!?\[(?:[^][]|\[[^]]*\])*\]\(\s*(<[^>]*>|[^\s)]+)(?:\s+[\"'(][^)]*)?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^]]+\]:\s+(<[^>]*>|\S+)", re.MULTILINE)
MARKUP = re.compile(r"<(?:a|img)\s[^>]*?(?:href|src)=[\"']([^\"']+)[\"']")
ANCHOR = re.compile(r"<a\s[^>]*?(?:id|name)=[\"']([^\"']+)[\"']")


def without_blocks(text):
    """The text without blocks of code, which hold neither links nor headings."""
    kept, fence = [], ""
    for line in text.splitlines():
        found = re.match(r"\s{0,3}(?:> ?)?(`{3,}|~{3,})", line)
        if found and not fence:
            fence = found[1]
        elif fence and line.strip(" >").startswith(fence) and not line.strip(" >").strip(fence[0]):
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


def without_code(text):
    """The text without code within lines, too."""
    return re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", without_blocks(text), flags=re.DOTALL)


def links(text):
    """The targets of all links, images among them, but for addresses of elsewhere."""
    bare = re.sub(r"(?<!`)(`+)(?!`)[^`\n]+?(?<!`)\1(?!`)", "code", without_blocks(text))
    found = [*INLINE.findall(bare), *REFERENCE.findall(bare), *MARKUP.findall(bare)]
    return [target.strip("<>") for target in found if not re.match(r"<?(?:[a-z][a-z0-9+.-]*:|//)", target)]


def anchors(text):
    """The anchors of a page, as GitHub makes them of headings, and those that it sets itself."""
    found, seen = set(ANCHOR.findall(text)), Counter()
    lines = without_blocks(text).splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        heading = re.match(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$", line)
        if heading is None and re.fullmatch(r"=+|-+", below.strip()) and re.match(r"\w", line):
            heading = re.match(r"(.*)", line)
        if heading:
            name = anchor(heading[1])
            found.add(name if not seen[name] else f"{name}-{seen[name]}")
            seen[name] += 1
    return found


def anchor(heading):
    """Small letters; of other signs only hyphens, underscores and blanks, which become hyphens. Marks are left out."""
    shown = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", heading)
    shown = re.sub(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)", "", shown) if "`" not in shown else shown
    kept = "".join(sign for sign in shown.lower() if sign.isalnum() or sign in "-_ ")
    return kept.replace(" ", "-")


@cache
def anchors_of(path):
    return anchors(path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    assert not [target for target in links(path.read_text()) if not there(path, target)]


def there(path, target):
    place, _, part = unquote(target).partition("#")
    to = (path.parent / place).resolve() if place else path
    if not to.is_relative_to(ROOT) or not to.exists():
        return False
    return not part or to.suffix != ".md" or part in anchors_of(to)


def test_there_are_pages():
    names = {str(path.relative_to(ROOT)) for path in PAGES}
    assert {"README.md", "docs/reference/commands.md", "leaderboards/README.md"} <= names


def test_links_are_found_and_those_of_elsewhere_are_not():
    text = """# A page
See [one](a.md), ![two](b.svg "title"), [three `x`](<c d.md#e>), [[four]](f.md) and [five][ref], not `[six](g.md)`.

[ref]: h.md
<img src="i.png"> [away](https://example.org) [mail](mailto:me@example.org)

```sh
[seven](j.md)
```
"""
    assert sorted(links(text)) == ["a.md", "b.svg", "c d.md#e", "f.md", "h.md", "i.png"]


def test_anchors_are_those_of_github():
    text = """# The `--plugin PATH` option
## What's new? (v1.0)
## Same
## Same
Underlined
----------
```
# no heading
```
## [A link](x.md) & *more*
### snake_case_stays
### At 5 %
"""
    made = {"at-5-", "the---plugin-path-option", "whats-new-v10", "same", "same-1", "underlined", "a-link--more"}
    assert anchors(text) == made | {"snake_case_stays"}


def test_a_link_to_nowhere_is_told(tmp_path):
    assert there(ROOT / "README.md", "docs/reference/hooks.md#judgebench_observe")
    assert not there(ROOT / "README.md", "docs/reference/hooks.md#judgebench_observes")
    assert not there(ROOT / "README.md", "docs/reference/hook.md")
    assert not there(ROOT / "README.md", "../elsewhere.md")
