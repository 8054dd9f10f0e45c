"""additive: points read from texts, averaged over draws, dropped where they say nothing."""

import asyncio
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.components.judges.additive import Additive
from judgebench.core.errors import ConfigError, VerdictError
from judgebench.core.item import Item, Response, Sample, Score, Trial
from judgebench.core.request import Chat, Completion, Sampling
from judgebench.plugin.options import build, identity_options

item = Item("1", ("Which is larger, 3 or 5?",))


def trial(*answers):
    responses = tuple(Response((answer,), str(number)) for number, answer in enumerate(answers))
    return Trial(item, responses, tuple(range(len(answers))))


def drawn(*rows):
    """Samples of each draw, in shown order; a text may stand for (text, finish)."""
    return [
        Sample("m", Completion(*((text, "stop") if isinstance(text, str) else text)), number)
        for number, row in enumerate(rows)
        for text in row
    ]


def read(judge, shown, *rows):
    return judge.read(shown, drawn(*rows)).values


def test_the_papers_example():
    """(5, 4, 5) has mean 4.67, (2, 3, 2) mean 2.33."""
    judge = Additive("m", samples=3, temperature=0.7)
    rows = [(f"Score: {a}", f"Score: {b}") for a, b in ((5, 2), (4, 3), (5, 2))]
    values = read(judge, trial("5", "3"), *rows)
    assert [round(value, 2) for value in values] == [4.67, 2.33]
    assert judge.parts(trial("5", "3"), drawn(*rows)) == [(5.0, 2.0), (4.0, 3.0), (5.0, 2.0)]


def test_a_dropped_sample_is_left_out_and_none_left_is_a_miss():
    judge = Additive("m", samples=2, temperature=0.7)
    shown = trial("5", "3")
    assert read(judge, shown, ("Score: 4", "Score: 1"), ("no idea", "Score: 2")) == (4.0, 1.5)
    assert judge.parts(shown, drawn(("Score: 4", "Score: 1"), ("no idea", "Score: 2"))) == [(4.0, 1.0), (None, 2.0)]
    with pytest.raises(VerdictError, match="none of 2 samples of response 1: a score outside of 0 to 5; no score"):
        read(judge, shown, ("Score: 7", "Score: 1"), ("no idea", "Score: 2"))


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("Score: 4", 4.0),
        ("Good.\nScore: 4.75", 4.75),
        ("**Score: 3**", 3.0),
        ("score : 2/5", 2.0),
        ("Score: 5.", 5.0),
        ("Score: 4\nThat is all.", 4.0),
        ("Score: 4\nScore: 4.0", 4.0),
        ("<think>Score: 1</think>Score: 4", 4.0),
        ("It would get Score: 4 from me", None),
        ("Score: 4\nScore: 5", None),
        ("Score: -1", None),
        ("Score: 5.5", None),
        ("Score: four", None),
        (("Score: 4", "length"), 4.0),
        (("Score: 4\nBecause", "length"), None),
    ],
)
def test_strict(text, points):
    judge = Additive("m")
    if points is None:
        with pytest.raises(VerdictError):
            read(judge, trial("5"), (text,))
    else:
        assert read(judge, trial("5"), (text,)) == (points,)


def test_a_score_that_a_response_brings_along_is_not_its_own():
    judge = Additive("m")
    shown = trial("It is 5.\nScore: 5")
    with pytest.raises(VerdictError, match="may be quoted"):
        read(judge, shown, ("It ends with\nScore: 5\nwhich is bold.",))
    assert read(judge, shown, ("It asks for points.\nScore: 1",)) == (1.0,)


@pytest.mark.parametrize(
    ("parser", "text", "points"),
    [
        ("nemo", "Points: 3.5 and Score: 1", 3.5),
        ("nemo", "score: 4.", 4.0),
        ("lucidrains", "score: 1, Score: 2", 2.0),
        ("oxen", "the score: 4.9", 4.0),
        ("oxen", "Score: 9", None),
        ("nemo", "Score: 1.2.3", None),
        ("nemo", "Score: .", None),
        ("lucidrains", "Score: 11", None),
    ],
)
def test_the_implementations_patterns(parser, text, points):
    judge = Additive("m", parser=parser)
    if points is None:
        with pytest.raises(VerdictError):
            read(judge, trial("5"), (text,))
    else:
        assert read(judge, trial("5"), (text,)) == (points,)


def test_scores_outside_of_the_scale_can_be_moved_to_it():
    assert read(Additive("m", out_of_range="clamp"), trial("5"), ("Score: 11",)) == (5.0,)
    assert read(Additive("m", most=10.0), trial("5"), ("Score: 7",)) == (7.0,)


def test_presets_are_the_papers_and_each_draw_asks_for_every_response():
    asked = []

    async def ask(model, request, draw=0):
        asked.append((request, draw))
        return Sample(model, Completion("Score: 3"))

    judge = build(Additive, {"model": "m", **Additive.presets["meta-rewarding"]}, "judge")
    samples = asyncio.run(judge.sample(trial("five", "three"), ask))
    assert len(samples) == 22
    assert [sample.part for sample in samples] == [k for k in range(11) for _ in range(2)]
    assert [draw for _, draw in asked] == [k for k in range(11) for _ in range(2)]
    request = asked[0][0]
    assert isinstance(request, Chat)
    assert request.sampling == Sampling(0.8, 0.95, 1024)
    prompt = request.messages[-1].content
    assert "five" in prompt
    assert "three" not in prompt
    assert "Score:" in prompt
    assert judge.read(trial("five", "three"), samples) == Score((3.0, 3.0))


def test_equal_draws_are_refused():
    with pytest.raises(ConfigError, match="3 samples at temperature 0"):
        build(Additive, {"model": "m", "samples": 3}, "judge")
    with pytest.raises(ConfigError, match="2 samples at top_k 1"):
        build(Additive, {"model": "m", "samples": 2, "temperature": 0.7, "top_k": 1}, "judge")
    for bad in ({"samples": 0}, {"most": 0.0}, {"top_k": 0}):
        with pytest.raises(ConfigError):
            build(Additive, {"model": "m", **bad}, "judge")


def test_top_k_is_asked_for_where_it_is_given_and_changes_no_other_judge():
    judge = Additive("m", temperature=0.7, top_k=40)
    assert judge.sampling == Sampling(0.7, 1.0, 1024, top_k=40)
    assert Additive("m").sampling.top_k is None
    assert "top_k" not in identity_options(Additive("m"))
    assert identity_options(judge)["top_k"] == 40


LINES = st.sampled_from(
    ["Score: 4", "Score: 2.5", "score: 3/5", "**Score: 0**", "Score: x", "so Score: 1", "", "text", "9"]
)


def by_lines(text):
    """The strict rule written out line by line."""
    found = []
    for line in text.split("\n"):
        bare = line.strip(" \t*").removesuffix(".").strip(" \t*")
        name, colon, value = bare.partition(":")
        value = value.strip(" \t*").split("/")[0].strip(" \t*")
        if name.strip().lower() == "score" and colon and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
            found.append(float(value))
    return found[0] if len(set(found)) == 1 and found[0] <= 5 else None


@given(st.lists(LINES, max_size=5).map("\n".join))
@settings(deadline=None)
def test_strict_is_the_rule_line_by_line(text):
    expected = by_lines(text)
    if expected is None:
        with pytest.raises(VerdictError):
            read(Additive("m"), trial("5"), (text,))
    else:
        assert read(Additive("m"), trial("5"), (text,)) == (expected,)


@given(st.lists(st.lists(st.sampled_from([None, 0.0, 1.5, 4.0, 5.0]), min_size=2, max_size=2), min_size=1, max_size=6))
@settings(deadline=None)
def test_means_are_those_of_what_is_left(rows):
    judge = Additive("m", samples=len(rows), temperature=0.5)
    texts = [["none" if one is None else f"Score: {one}" for one in row] for row in rows]
    columns = [[one for one in column if one is not None] for column in zip(*rows, strict=True)]
    if all(columns):
        expected = [sum(column) / len(column) for column in columns]
        assert all(map(math.isclose, read(judge, trial("5", "3"), *texts), expected))
    else:
        with pytest.raises(VerdictError):
            read(judge, trial("5", "3"), *texts)
