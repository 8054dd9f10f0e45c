"""mt-bench-agreement from a mirror in the hub's layout."""

import asyncio
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from judgebench import DataError, app
from judgebench.components.benchmarks.mt_bench_agreement import COMPONENT as MtBenchAgreement
from judgebench.components.benchmarks.mt_bench_agreement import GPT4, HUMAN, REPO
from judgebench.engine.spec import from_mapping


def vote(judge, winner, question=101, turn=1, a="beta", b="alpha"):
    def talk(model):
        texts = ("q1", f"{model} 1", "q2", f"{model} 2")
        return [{"content": text, "role": ("user", "assistant")[k % 2]} for k, text in enumerate(texts)]

    return {
        "question_id": question, "model_a": a, "model_b": b, "winner": winner, "judge": judge,
        "conversation_a": talk(a), "conversation_b": talk(b), "turn": turn,
    }  # fmt: skip


HUMANS = [
    vote("expert_1", "model_a"),
    vote("expert_2", "tie"),
    vote("author_0", "model_b"),
    vote("expert_1", "model_b", turn=2),
    vote("expert_3", "model_a", turn=2),
    vote("expert_1", "model_a", question=81),
    vote("expert_2", "model_a", question=81),
]
GPT = [vote("gpt4_pair", "model_a"), vote("gpt4_pair", "model_a", question=111, b="gamma")]


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)


def save(folder, name, rows):
    path = folder / REPO / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.fixture
def mirror(tmp_path):
    save(tmp_path / "mirror", HUMAN, HUMANS)
    save(tmp_path / "mirror", GPT4, GPT)
    return tmp_path / "mirror"


def test_items_are_the_comparisons_that_people_voted_on(mirror):
    benchmark = MtBenchAgreement(data_dir=str(mirror))
    assert benchmark.sources() == {}
    items = benchmark.items()
    assert [item.id for item in items] == ["81-1-alpha-beta", "101-1-alpha-beta", "101-2-alpha-beta"]
    first = items[1]
    assert (first.turns, first.cluster, first.stratum) == (("q1",), "101", "reasoning")
    assert [vote.voter for vote in first.votes] == ["author_0", "expert_1", "expert_2"]
    assert [vote.preference.probs[1] for vote in first.votes] == [0.0, 1.0, 0.5]  # slot 1 is beta, the file's model_a
    assert items[2].responses[0].turns == ("alpha 1", "alpha 2")
    assert list(benchmark.sources()) == [HUMAN]
    assert [file.name for file in benchmark.data_files()] == [HUMAN]


def test_all_comparisons_are_those_of_both_files(mirror):
    benchmark = MtBenchAgreement(comparisons="all", data_dir=str(mirror))
    items = benchmark.items()
    assert [item.id for item in items if not item.votes] == ["111-1-beta-gamma"]
    assert len(items) == 4
    assert list(benchmark.sources()) == [HUMAN, GPT4] == [file.name for file in benchmark.data_files()]


def test_references_are_shown_where_the_category_has_them(mirror, tmp_path):
    path = tmp_path / "reference.jsonl"
    path.write_text(json.dumps({"question_id": 101, "choices": [{"turns": ["r1", "r2"]}]}))
    items = MtBenchAgreement(references=str(path), data_dir=str(mirror)).items()
    assert [item.reference for item in items] == [(), ("r1",), ("r1", "r2")]
    with pytest.raises(DataError, match="has no answer to question 111"):
        MtBenchAgreement(references=str(path), comparisons="all", data_dir=str(mirror)).items()


def test_a_file_without_conversations_is_an_error(mirror):
    save(mirror, HUMAN, [{name: cell for name, cell in row.items() if "conv" not in name} for row in HUMANS])
    with pytest.raises(DataError, match="row 1: conversation_a does not hold 1 turn"):
        MtBenchAgreement(data_dir=str(mirror)).items()


def test_judges_and_people_stand_in_one_table(mirror, tmp_path):
    """A judge that always says the first is better: two orders that disagree, a tie."""
    script = tmp_path / "script.jsonl"
    script.write_text(json.dumps({"reply": "[[A]]"}))
    values = {
        "benchmark": {"benchmark": "mt-bench-agreement", "data_dir": str(mirror)},
        "judges": {"first": f"verdict@scripted:{script}"},
        "out": str(tmp_path / "run"),
        "cache": False,
    }
    known = app.registry()
    asyncio.run(app.execute(app.plan(from_mapping(values, "test"), known), known))
    board = app.leaderboard([tmp_path / "run"], known, replicates=200)
    found = {(row.measure, row.subject): (row.value, row.n) for row in board.estimates}
    assert found["agreement-s1/turn-1", "first"] == (25.0, 4)
    assert found["agreement-s1/turn-1", "humans"] == (50.0, 2)
    assert found["agreement-s1/turn-2", "humans"] == (0.0, 1)
    assert found["agreement-s2/turn-1", "humans"] == (100.0, 1)
    assert ("agreement-s2/turn-1", "first") not in found
    assert found["agreement-non-tie,judge_ties=wrong", "first"] == (0.0, 5)
    assert found["position-consistency", "first"] == (0.0, 3)
    assert found["position-bias", "first"] == (50.0, 3)
    assert found["miss-rate", "first"] == (0.0, 6)
    assert {subject for measure, subject in found if measure.startswith("agreement")} == {"first", "humans"}
    notes = board.provenance["runs"][0]["notes"]
    assert not [note for note in notes if "miss-rate" in note and "humans" in note]  # they were asked nothing
