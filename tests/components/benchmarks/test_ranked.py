"""ranked: rows of responses with gold ranks or ratings; a whole run of them with a judge that rates."""

import asyncio
import json

import pytest

from judgebench import DataError, app
from judgebench.components.benchmarks.ranked import COMPONENT as Ranked
from judgebench.engine.spec import from_mapping

ROW = {"prompt": "q", "responses": ["x", "y", "z"]}


def write(tmp_path, *rows):
    path = tmp_path / "sets.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_rows_become_items(tmp_path):
    named = {**ROW, "id": "z", "ratings": [1, 2.5, 2.5], "category": "c", "cluster": "k"}
    first, second, third = Ranked(write(tmp_path, {**ROW, "ranks": [2, 1, 3]}, named, ROW)).items()
    assert (first.id, first.ratings) == ("1", (-2.0, -1.0, -3.0))
    assert [(response.author, response.turns) for response in first.responses] == [
        ("response_1", ("x",)),
        ("response_2", ("y",)),
        ("response_3", ("z",)),
    ]
    assert (second.id, second.ratings, second.stratum, second.cluster) == ("z", (1.0, 2.5, 2.5), "c", "k")
    assert (third.ratings, third.gold) == ((), None)


def test_prompts_may_have_earlier_turns_and_responses_several(tmp_path):
    marked = {**ROW, "prompt": "one\n<extra_id_1>Assistant\ntwo\n<extra_id_1>User\nthree"}
    turns = {"prompt": ["q", "r"], "responses": [["a", "b"], ["c", "d"]]}
    first, second = Ranked(write(tmp_path, marked, turns)).items()
    assert (first.turns, len(first.context)) == (("three",), 2)
    assert [response.turns for response in second.responses] == [("a", "b"), ("c", "d")]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"prompt": "q", "responses": ["x"]}, "no list of two or more responses"),
        ({"prompt": "q", "responses": "x"}, "no list of two or more responses"),
        ({"prompt": "q"}, "no list of two or more responses"),
        ({"responses": ["x", "y"]}, "no text in 'prompt'"),
        ({**ROW, "responses": ["x", 1]}, r"no text in 'responses\[1\]'"),
        ({**ROW, "responses": ["x", ["y", "z"]]}, r"'responses\[1\]' has 2 turns, and the prompt 1"),
        ({**ROW, "ranks": [1, 2]}, "'ranks' is not one number for each of 3 responses"),
        ({**ROW, "ratings": [1, 2, "3"]}, "'ratings' is not one number for each of 3 responses"),
        ({**ROW, "ratings": 1}, "'ratings' is not one number for each of 3 responses"),
        ({**ROW, "ranks": [1, 2, 3], "ratings": [3, 2, 1]}, "has both 'ranks' and 'ratings'"),
    ],
)
def test_a_malformed_row_is_named(row, complaint, tmp_path):
    with pytest.raises(DataError, match=complaint) as caught:
        Ranked(write(tmp_path, ROW, row)).items()
    assert "line 2" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("option", ["prompt", "responses", "ranks", "ratings"])
def test_columns_can_be_named_and_must_be_there(option, tmp_path):
    with pytest.raises(DataError, match=f"no row has the column 'other' that `{option}` names"):
        Ranked(write(tmp_path, ROW), **{option: "other"}).items()
    path = write(tmp_path, {"input": "q", "answers": ["x", "y"], "order": [2, 1]})
    (item,) = Ranked(path, prompt="input", responses="answers", ranks="order").items()
    assert item.ratings == (-2.0, -1.0)


def test_a_judge_that_rates_is_measured(tmp_path):
    """The judge gives three words 5, 4 and 2 points; gold has the first two swapped in the second item."""
    texts = ["superb {}", "middling {}", "dismal {}"]
    rows = [
        {"prompt": f"q{n}", "responses": [text.format(n) for text in texts], "ranks": ranks}
        for n, ranks in enumerate([[1, 2, 3], [2, 1, 3], [1, 2, 2]])
    ]
    rules = [{"match": word[:-2], "reply": f"[[{points}]]"} for word, points in zip(texts, (5, 4, 2), strict=True)]
    script = tmp_path / "script.jsonl"
    script.write_text("".join(json.dumps(rule) + "\n" for rule in rules))
    judge = {"judge": "rating", "model": f"scripted:{script}", "least": 0, "most": 5}
    spec = {"benchmark": f"ranked:{write(tmp_path, *rows)}", "judges": {"r": judge}, "out": str(tmp_path / "run")}
    known = app.registry()
    asyncio.run(app.execute(app.plan(from_mapping({**spec, "cache": False}, "test"), known), known))
    board = app.leaderboard([tmp_path / "run"], known, replicates=200)
    found = {row.measure: (round(row.value, 2), row.n) for row in board.estimates}
    assert found == {
        "pairwise-accuracy": (87.5, 8),  # 3 of 3, 2 of 3, and 2 of the 2 that gold orders
        "exact-match": (66.67, 3),
        "five-best": (66.67, 3),
        "spearman": (78.87, 3),  # 1, 0.5, √3/2
        "kendall": (71.66, 3),  # 1, 1/3, 2/√6
        "miss-rate": (0.0, 3),
    }
    assert (
        "pairwise-accuracy: ties count as wrong, missing verdicts are left out (convention self-rewarding)"
        in (board.provenance["runs"][0]["notes"])
    )


def test_two_judges_are_compared_by_their_agreement_with_a_third(tmp_path):
    """The third one's verdicts count though only the two are compared."""
    path = write(tmp_path, *({"prompt": f"q{n}", "responses": ["long", "longer"]} for n in range(6)))
    judges = {
        name: {"judge": "verdict", "model": f"scripted:{name}", "order": "both"} for name in ("ref", "same", "first")
    }
    scripts = {
        "ref": [{"match": "Answer A\nlonger", "reply": "[[A]]"}, {"reply": "[[B]]"}],
        "same": [{"match": "Answer A\nlonger", "reply": "[[A]]"}, {"reply": "[[B]]"}],
        "first": [{"reply": "[[A]]"}],
    }
    for name, rules in scripts.items():
        script = tmp_path / f"{name}.jsonl"
        script.write_text("".join(json.dumps(rule) + "\n" for rule in rules))
        judges[name]["model"] = f"scripted:{script}"
    known = app.registry()
    spec = {"benchmark": f"ranked:{path}", "judges": judges, "out": str(tmp_path / "run"), "cache": False}
    asyncio.run(app.execute(app.plan(from_mapping(spec, "test"), known), known))
    wanted = ["agreement-with-judge:ref"]
    (found,) = app.compare([tmp_path / "run"], known, measures=wanted, a="same", b="first", replicates=200)
    assert found.values == (100.0, 50.0)
