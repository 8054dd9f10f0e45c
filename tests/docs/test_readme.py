"""What only the README has: what a fresh machine runs, the parts that commands fill, and a plugin in ten lines.

Its commands are run by test_pages.py, as those of every page."""

import re

import pytest
from pages import README, ROOT


@pytest.mark.parametrize("path", sorted((ROOT / "examples/loops").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_of_loops_are_whole(path, monkeypatch):
    from judgebench_loops.config import read
    from judgebench_loops.loop import workshop
    from judgebench_loops.systems import stages

    monkeypatch.chdir(ROOT)
    names = [stage.name for stage in stages(workshop(read(path.stem, path)))]
    assert "iteration-2/evaluation" in names


def test_the_make_targets_of_a_fresh_machine():
    targets = {line.split()[1] for line in README.commands if line.startswith("make ")}
    assert targets == {"run", "test"}


def test_the_plugin_is_a_plugin():
    from judgebench.app import registry
    from judgebench.discovery.registry import Origin

    (block,) = (block for block in README.blocks if block.language == "python")
    names = {}
    exec(compile(block.text, "README.md", "exec"), names)
    known = registry()
    known.add(
        type("Module", (), {"judgebench_components": staticmethod(names["judgebench_components"])}),
        Origin("a", "a", "1"),
    )
    assert ("judge", "shorter") in known.classes
    assert not known.broken


def test_no_part_is_left_empty():
    parts = re.findall(r"<!-- (.+?) -->\n(.*?)<!-- /\1 -->", README.text, flags=re.DOTALL)
    marks = set(re.findall(r"<!-- ([^/].*?) -->", README.text))
    assert {name for name, _ in parts} == marks == {"make run", "make bench"}
    assert all("|" in text for _, text in parts)


def test_the_readme_stays_short():
    """What is longer belongs on a page."""
    assert len(README.text.splitlines()) <= 260
