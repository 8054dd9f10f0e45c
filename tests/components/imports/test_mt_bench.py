"""Votes on MT-Bench's comparisons, pair judgments and single scores, out of files."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from judgebench import DataError, Miss, Preference, Score, app
from judgebench.components.imports.mt_bench import MtBench, MtBenchSingle
from judgebench.engine.evidence import gather, load
from judgebench.engine.units import INCONSISTENT


def vote(judge, winner, question=101, turn=1, a="alpha", b="beta"):
    return {"question_id": question, "turn": turn, "model_a": a, "model_b": b, "winner": winner, "judge": judge}


def games(first, second, question=101, turn=1, one="beta", two="alpha", judge=("gpt-4", "pair-v2"), **more):
    return {
        "question_id": question, "turn": turn, "model_1": one, "model_2": two, "g1_winner": first, "g2_winner": second,
        "judge": judge, "g1_judgment": "first text", "g2_judgment": "second text", **more,
    }  # fmt: skip


def scored(model, score, question=101, turn=1, prompt="single-v1"):
    return {
        "question_id": question, "turn": turn, "model": model, "score": score, "judge": ["gpt-4", prompt],
        "judgment": f"Rating: [[{score}]]", "user_prompt": "p", "tstamp": 1.0,
    }  # fmt: skip


def save(folder, *rows, name="file.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(tmp_path, *rows, reader=MtBench):
    return list(reader().read([save(tmp_path, *rows)]))


VOTES = [vote("expert_1", "model_a"), vote("author_0", "tie"), vote("expert_1", "model_b", turn=2)]


def test_people_vote_on_the_item_and_anyone_else_judges_it(tmp_path):
    found = read(tmp_path, *VOTES, vote("gpt", "model_a", a="beta", b="alpha"), vote("gpt", INCONSISTENT, turn=2))
    assert [(one.item.id, one.judge, one.order) for one in found] == [
        ("101-1-alpha-beta", "gpt", (0, 1)),
        ("101-2-alpha-beta", "gpt", (0, 1)),
    ]
    assert [one.verdict for one in found] == [Preference((0.0, 1.0)), Preference((0.5, 0.5), INCONSISTENT)]
    assert [[vote.voter for vote in one.item.votes] for one in found] == [["author_0", "expert_1"], ["expert_1"]]
    assert all(one.policy is None for one in found)


def test_what_people_voted_on_and_a_judge_lacks_is_a_missing_verdict(tmp_path):
    unvoted = vote("one", "model_a", question=102)
    found = read(tmp_path, *VOTES, vote("one", "model_a"), vote("two", "model_b", turn=2), unvoted)
    said = {(one.judge, one.item.id): one.verdict for one in found}
    assert len(said) == 5  # nobody voted on 102-1, so that "two" lacks nothing there
    missing = {key for key, verdict in said.items() if isinstance(verdict, Miss)}
    assert missing == {("one", "101-2-alpha-beta"), ("two", "101-1-alpha-beta")}


def test_without_votes_a_judge_lacks_what_another_has(tmp_path):
    found = read(tmp_path, vote("one", "model_a"), vote("two", "tie", turn=2))
    assert sum(isinstance(one.verdict, Miss) for one in found) == 2


def test_an_error_in_the_place_of_a_verdict_is_missing(tmp_path):
    (found,) = read(tmp_path, vote("expert_1", "tie"), vote("gpt", "error"))
    assert isinstance(found.verdict, Miss)


def test_pair_judgments_are_two_orders_with_their_texts(tmp_path):
    """Game 1 shows beta first, which stands in slot 1."""
    found = {one.order: one for one in read(tmp_path, games("model_1", "tie"))}
    assert found[1, 0].verdict == Preference((1.0, 0.0))  # shown first, beta wins
    assert found[0, 1].verdict == Preference((0.5, 0.5))
    assert (found[1, 0].samples[0].text, found[0, 1].samples[0].text) == ("first text", "second text")
    assert {one.judge for one in found.values()} == {"gpt-4-pair"}
    straight = {one.order: one for one in read(tmp_path, games("model_1", "model_1", one="alpha", two="beta"))}
    assert straight[0, 1].verdict == Preference((1.0, 0.0))  # alpha is shown first
    assert straight[1, 0].verdict == Preference((0.0, 1.0))  # and second


def test_votes_and_pair_judgments_are_joined(tmp_path):
    files = [
        save(tmp_path, *VOTES, name="votes.jsonl"),
        save(tmp_path, games("error", "model_2"), games(None, "tie", turn=2), name="pairs.jsonl"),
    ]
    found = {(one.item.id, one.order): one for one in MtBench().read(files)}
    assert len(found) == 4
    assert isinstance(found["101-1-alpha-beta", (1, 0)].verdict, Miss)
    assert isinstance(found["101-2-alpha-beta", (1, 0)].verdict, Miss)
    assert found["101-2-alpha-beta", (0, 1)].verdict == Preference((0.5, 0.5))
    assert len(found["101-1-alpha-beta", (0, 1)].item.votes) == 2


def test_parquet_with_conversations_brings_the_texts(tmp_path):
    talk = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    rows = [{**vote(judge, "tie"), "conversation_a": talk, "conversation_b": talk} for judge in ("expert_1", "gpt")]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "file.parquet")
    (found,) = MtBench().read([tmp_path / "file.parquet"])
    assert (found.item.turns, found.item.responses[1].turns) == (("q",), ("a",))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (VOTES, "the files hold people's votes alone"),
        ([{"question_id": 81}], "line 1 is neither a vote nor a pair judgment"),
        ([scored("m", 7)], "line 1 is neither a vote nor a pair judgment"),
        ([games("A", "tie")], "line 1: g1_winner is 'A'"),
        ([games("tie", "model_2", m1_score=3)], "line 1 compares the scores of single answers"),
        ([games("tie", "tie"), games("tie", "tie")], "line 2 is a second verdict of its judge on '101-1-alpha-beta'"),
        ([vote("gpt", "tie"), vote("gpt", "tie", a="beta", b="alpha")], "line 2 is a second verdict of its judge"),
        ([vote("gpt", "win")], "line 1: winner is 'win'"),
    ],
)
def test_bad_rows_are_named(tmp_path, rows, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, *rows)


def test_single_scores_are_of_a_policy_alone_turn_by_turn(tmp_path):
    rows = [
        scored("m", 7),
        scored("m", -1, turn=2, prompt="single-v1-multi-turn"),
        scored("n", 4.5, turn=2, prompt="single-math-v1-multi-turn"),
        scored("n", 9, question=81),
    ]
    found = read(tmp_path, *rows, reader=MtBenchSingle)
    said = {(one.policy, one.item.id, one.turn): one for one in found}
    assert {one.judge for one in found} == {"gpt-4-single"}
    assert all(one.alone and one.order == (0,) for one in found)
    assert said["m", "101", 1].verdict == Score((7.0,))
    assert said["n", "101", 2].verdict == Score((4.5,))
    assert said["m", "101", 1].samples[0].text == "Rating: [[7]]"
    assert said["m", "101", 1].item.stratum == "reasoning"
    missing = {key for key, one in said.items() if isinstance(one.verdict, Miss)}
    assert missing == {("m", "101", 2), ("m", "81", 1), ("n", "101", 1)}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([scored("m", None)], "line 1 is no score of an answer"),
        ([scored("m", True)], "line 1 is no score of an answer"),
        ([scored(None, 1)], "line 1 is no score of an answer"),
        ([scored("m", 1, turn=3)], "line 1: turn is 3"),
        ([scored("m", 1), scored("m", 2, prompt="single-math-v1")], "line 2 is a second score of its judge"),
    ],
)
def test_bad_scores_are_named(tmp_path, rows, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, *rows, reader=MtBenchSingle)


def test_imports_become_boards(tmp_path):
    known = app.registry()
    path = save(tmp_path, *VOTES, games("model_2", "model_2"), games("model_2", "model_1", turn=2))
    app.import_run("mt-bench", [path], tmp_path / "pairs", known)
    board = app.leaderboard([tmp_path / "pairs"], known, replicates=200)
    found = {(row.measure, row.subject): (row.value, row.n) for row in board.estimates}
    assert board.benchmark == "mt-bench-agreement"
    assert found["agreement-s1/turn-1", "gpt-4-pair"] == (100.0, 1)
    assert found["agreement-non-tie,judge_ties=wrong", "gpt-4-pair"] == (50.0, 2)
    assert found["position-consistency", "gpt-4-pair"] == (50.0, 2)
    path = save(tmp_path, scored("m", 7), scored("m", -1, turn=2), scored("n", 4), scored("n", 5, turn=2))
    app.import_run("mt-bench-single", [path], tmp_path / "single", known)
    board = app.leaderboard([tmp_path / "single"], known, replicates=200)
    found = {(row.measure, row.subject): (row.value, row.n, row.missing) for row in board.estimates}
    assert board.benchmark == "mt-bench"
    assert found["mt-bench-score", "m"] == (7.0, 1, 1)
    assert found["mt-bench-score", "n"] == (4.5, 2, 0)
    assert found["mt-bench-score/turn-2", "n"] == (5.0, 1, 0)


def test_an_import_joins_the_benchmarks_own_items_by_id(tmp_path):
    """Comparisons share their prompt: with texts or without, the id says which one it is."""
    talk = {
        model: [{"role": ("user", "assistant")[k % 2], "content": text} for k, text in enumerate(("q", model))]
        for model in ("alpha", "beta", "gamma")
    }
    rows = [
        {**vote(judge, "model_a", a=a, b=b), "conversation_a": talk[a], "conversation_b": talk[b]}
        for judge in ("expert_1", "gpt")
        for a, b in (("alpha", "beta"), ("alpha", "gamma"))
    ]
    mirror = tmp_path / "mirror/lmsys/mt_bench_human_judgments/data/human-00000-of-00001-25f4910818759289.parquet"
    mirror.parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows[:2]), mirror)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "texts.parquet")
    bare = [{name: cell for name, cell in row.items() if "conv" not in name} for row in rows]
    known = app.registry()
    wanted = app.Wanted(own_items=True, data_dir=str(tmp_path / "mirror"))
    for number, file in enumerate((tmp_path / "texts.parquet", save(tmp_path, *bare))):
        app.import_run("mt-bench", [file], tmp_path / str(number), known, wanted)
    (evidence,) = gather([load(tmp_path / "0"), load(tmp_path / "1")])
    assert sorted(evidence.items) == ["101-1-alpha-beta", "101-1-alpha-gamma"]
    assert {key.item.id for key, _ in evidence.planned} == set(evidence.items)
    odd = {**rows[3], "model_b": "delta"}
    pq.write_table(pa.Table.from_pylist([*rows, odd]), tmp_path / "odd.parquet")
    with pytest.raises(DataError, match="'101-1-alpha-delta' is about other responses than the benchmark's"):
        app.import_run("mt-bench", [tmp_path / "odd.parquet"], tmp_path / "odd", known, wanted)
