"""mt-bench from a mirror in the hub's layout, and from files of one's own."""

import asyncio
import json

import pytest

from judgebench import DataError, Match, app
from judgebench.components.benchmarks.mt_bench import COMPONENT as MtBench
from judgebench.components.benchmarks.mt_bench import QUESTIONS, REPO
from judgebench.engine.spec import from_mapping


def question(number, category, reference=(), key="prompt"):
    turns = [f"{number} first", f"{number} second"]
    return {"question_id": number, "category": category, key: turns, "reference": list(reference)}


HUB = [
    question(81, "writing"),
    question(95, "roleplay", ("r1", "r2")),
    question(101, "reasoning", ("own 1", "own 2")),
    question(111, "math"),
    question(141, "stem"),
]


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)


def save(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def mirror(tmp_path):
    save(tmp_path / "mirror" / REPO / QUESTIONS, HUB)
    return tmp_path / "mirror"


def test_items_have_two_turns_a_category_and_its_temperature(mirror):
    benchmark = MtBench(data_dir=str(mirror))
    assert benchmark.sources() == {}
    items = benchmark.items()
    assert [item.id for item in items] == ["81", "95", "101", "111", "141"]
    assert items[0].turns == ("81 first", "81 second")
    assert [item.stratum for item in items] == ["writing", "roleplay", "reasoning", "math", "stem"]
    assert [item.features["temperature"] for item in items] == [0.7, 0.7, 0.0, 0.0, 0.1]
    assert [item.reference for item in items] == [(), (), ("own 1", "own 2"), (), ()]
    assert list(benchmark.sources()) == [QUESTIONS] == [file.name for file in benchmark.data_files()]


def test_questions_and_references_may_be_ones_own(tmp_path):
    questions = save(tmp_path / "question.jsonl", [question(101, "reasoning", ("own",), "turns"), question(1, "new")])
    answers = [{"question_id": 101, "choices": [{"turns": ["given 1", "given 2"]}]}]
    references = save(tmp_path / "gpt-4.jsonl", answers)
    benchmark = MtBench(questions=str(questions), references=str(references))
    first, second = benchmark.items()
    assert (first.turns, first.reference) == (("101 first", "101 second"), ("given 1", "given 2"))
    assert (second.stratum, second.features["temperature"], second.reference) == ("new", 0.7, ())
    assert benchmark.data_files() == []
    assert benchmark.sources() == {}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"category": "math", "turns": ["a"]}], "line 1 is no question"),
        ([{"question_id": 1, "turns": ["a"]}], "line 1 is no question"),
        ([{"question_id": 1, "category": "math"}], "line 1 holds no texts"),
        ([{"question_id": 1, "category": "math", "turns": []}], "line 1 holds no texts"),
        ([{"question_id": 1, "category": "math", "turns": ["a", 2]}], "line 1 holds no texts"),
        ([{"question_id": 1, "category": "math", "turns": ["a"], "reference": "b"}], "line 1 holds no texts"),
        ([question(1, "math"), question(1, "stem")], "line 2 is a second question '1'"),
    ],
)
def test_bad_questions_are_named(tmp_path, rows, message):
    path = save(tmp_path / "question.jsonl", rows)
    with pytest.raises(DataError, match=message):
        MtBench(questions=str(path)).items()


def test_policies_are_judged_alone():
    assert MtBench().matches(["b", "a"]) == [Match("b", alone=True), Match("a", alone=True)]


def test_every_turn_is_scored_and_asked_at_the_categorys_temperature(mirror, tmp_path):
    """A judge that scores 8 where it sees a second turn, and else 5."""
    said = save(tmp_path / "said.jsonl", [{"reply": "an answer"}])
    scores = save(tmp_path / "scores.jsonl", [{"match": "second", "reply": "[[8]]"}, {"reply": "[[5]]"}])
    values = {
        "benchmark": {"benchmark": "mt-bench", "data_dir": str(mirror)},
        "policies": {"p": f"chat@scripted:{said}"},
        "judges": {"r": f"rating@scripted:{scores}"},
        "out": str(tmp_path / "run"),
        "cache": False,
    }
    known = app.registry()
    asyncio.run(app.execute(app.plan(from_mapping(values, "test"), known), known))
    specs = ("mt-bench-score", "mt-bench-score/*")
    board = app.leaderboard([tmp_path / "run"], known, replicates=200, measures=specs)
    found = {row.measure.partition("/")[2]: (row.value, row.n) for row in board.estimates}
    assert found[""] == (6.5, 10)
    assert (found["turn-1"], found["turn-2"]) == ((5.0, 5), (8.0, 5))
    assert found["math"] == (6.5, 2)
    assert set(found) == {"", "turn-1", "turn-2", "writing", "roleplay", "reasoning", "math", "stem"}
    assert {row.judge for row in board.estimates} == {"r"}
