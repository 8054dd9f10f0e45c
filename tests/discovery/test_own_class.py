"""A class that a program hands over is told by its code: its edit is another judge, in the same run folder too."""

import linecache
from textwrap import dedent

import pytest

from judgebench import app
from judgebench.discovery.own_class import digest

SHORTER = """
    from dataclasses import dataclass
    from judgebench import Judge, Preference

    class Base(Judge):
        def read(self, trial, samples):
            first, second = (response.length for response in trial.responses)
            return Preference((1.0, 0.0) if first < second else (0.0, 1.0))

        @property
        def limit(self):
            return 1

        @staticmethod
        def helps():
            return 1

    @dataclass(frozen=True)
    class Own(Base):
        name = "own"
        summary = "the shorter one"

        async def sample(self, trial, ask):
            return ()
"""


def typed(cell, text=SHORTER):
    """The class as a notebook has it: its text is known by line, and lies in no file."""
    text = dedent(text)
    linecache.cache[cell] = (len(text), None, text.splitlines(keepends=True), cell)
    space = {"__name__": "__main__"}
    exec(compile(text, cell, "exec"), space)
    return space["Own"]


def test_the_same_text_has_the_same_digest():
    assert digest(typed("<cell 1>")) == digest(typed("<cell 2>"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("first < second", "first > second"),
        ("the shorter one", "the one that is shorter"),
        ("return ()", "return tuple()"),
        ("        def limit(self):\n            return 1", "        def limit(self):\n            return 2"),
        ("        def helps():\n            return 1", "        def helps():\n            return 2"),
    ],
)
def test_every_edit_of_a_method_or_an_attribute_changes_it(old, new):
    assert old in SHORTER
    assert digest(typed("<cell 1>")) != digest(typed("<cell 2>", SHORTER.replace(old, new)))


def test_without_a_text_the_attributes_are_what_is_known():
    space = {"__name__": "__main__"}
    exec(compile(dedent(SHORTER), "<nowhere>", "exec"), space)
    edited = {"__name__": "__main__"}
    exec(compile(dedent(SHORTER.replace("the shorter one", "another")), "<nowhere>", "exec"), edited)
    assert digest(space["Own"]) != digest(edited["Own"])


def test_an_edited_judge_gives_its_verdicts_anew_in_the_same_folder(tmp_path):
    spec = {"benchmark": "starter", "limit": 6, "judges": {"own": "own"}, "out": str(tmp_path / "run")}

    def accuracies(cls):
        """Of every judge of the folder, by its name on the board."""
        rows = app.run(spec, components=[cls]).estimates
        return {row.subject: row.value for row in rows if row.measure == "accuracy"}

    shorter = accuracies(typed("<cell 1>"))
    assert list(shorter) == ["own"]
    assert accuracies(typed("<cell 2>")) == shorter  # nothing is asked anew
    both = accuracies(typed("<cell 3>", SHORTER.replace("first < second", "first > second")))
    assert len(both) == 2
    assert sorted(both.values()) == pytest.approx(sorted([shorter["own"], 100 - shorter["own"]]))
