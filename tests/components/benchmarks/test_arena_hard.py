"""Both versions of Arena-Hard from a mirror in the hub's layout."""

import json

import pytest

from judgebench import DataError, Item
from judgebench.components.benchmarks.arena_hard import ArenaHardV01, ArenaHardV20

COUNTS = {"token_len": 7, "header_count": {"h1": 1, "h2": 2}, "list_count": {"ordered": 1}, "bold_count": {"**": 0}}
FEATURES = {"tokens": 7.0, "headers": 3.0, "lists": 1.0, "bold": 0.0}


def write(folder, version, name, rows):
    path = folder / f"lmarena-ai/arena-hard-auto/data/arena-hard-{version}/{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def question(uid, category="hard_prompt", **change):
    return {"uid": uid, "category": category, "prompt": f"prompt {uid}", **change}


def old_answer(uid, model="gpt-4-0314"):
    turns = [{"content": f"answer to {uid}", "token_len": 7}]
    return {"question_id": uid, "model_id": model, "choices": [{"index": 0, "turns": turns}], "conv_metadata": COUNTS}


def new_answer(uid, model):
    said = {"role": "assistant", "content": {"answer": f"{model} to {uid}"}}
    return {"uid": uid, "model": model, "messages": [{"role": "user", "content": "x"}, said], "metadata": COUNTS}


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)


@pytest.fixture
def first(tmp_path):
    rows = [question("a", "arena-hard-v0.1", cluster="topic"), question("b", "arena-hard-v0.1")]
    write(tmp_path, "v0.1", "question.jsonl", rows)
    write(tmp_path, "v0.1", "model_answer/gpt-4-0314.jsonl", [old_answer("a"), old_answer("b")])
    return tmp_path


@pytest.fixture
def second(tmp_path):
    write(tmp_path, "v2.0", "question.jsonl", [question("a"), question("b", "creative_writing")])
    for model in ("o3-mini-2025-01-31", "gemini-2.0-flash-001"):
        write(tmp_path, "v2.0", f"model_answer/{model}.jsonl", [new_answer("a", model), new_answer("b", model)])
    return tmp_path


def test_v01_compares_with_one_baseline(first):
    benchmark = ArenaHardV01(data_dir=str(first))
    assert benchmark.sources() == {}  # nothing is fetched to say where it comes from
    items = benchmark.items()
    assert [(item.id, item.turns, item.stratum) for item in items] == [
        ("a", ("prompt a",), "arena-hard-v0.1"),
        ("b", ("prompt b",), "arena-hard-v0.1"),
    ]
    assert items[0].baseline.turns == ("answer to a",)
    assert (items[0].baseline.author, items[0].baseline.features) == ("gpt-4-0314", FEATURES)
    assert list(benchmark.sources()) == [
        "arena-hard-v0.1/question.jsonl",
        "arena-hard-v0.1/model_answer/gpt-4-0314.jsonl",
    ]
    assert benchmark.reference() == {"arena.version": (0.1,)}


def test_another_baseline_may_be_named(first):
    write(first, "v0.1", "model_answer/other.jsonl", [old_answer("a", "other"), old_answer("b", "other")])
    assert {i.baseline.author for i in ArenaHardV01(data_dir=str(first), baseline="other").items()} == {"other"}


def test_v20_has_a_baseline_for_each_category(second):
    benchmark = ArenaHardV20(data_dir=str(second))
    found = {item.stratum: item.baseline for item in benchmark.items()}
    assert {category: baseline.author for category, baseline in found.items()} == ArenaHardV20.baselines
    assert found["hard_prompt"].turns == ("o3-mini-2025-01-31 to a",)
    assert found["creative_writing"].features == FEATURES
    assert benchmark.reference() == {"arena.version": (2.0,)}


def test_one_category_needs_its_own_baseline_alone(second):
    path = second / "lmarena-ai/arena-hard-auto/data/arena-hard-v2.0/model_answer/gemini-2.0-flash-001.jsonl"
    path.unlink()
    benchmark = ArenaHardV20(data_dir=str(second), category="hard_prompt")
    assert [item.id for item in benchmark.items()] == ["a"]
    with pytest.raises(DataError, match="gemini"):
        ArenaHardV20(data_dir=str(second)).items()


def test_scores_are_taken_category_by_category():
    assert [spec for spec in ArenaHardV20.measures if "score" in spec] == ["arena-score/*", "arena-score-style/*"]


def test_a_category_holds_its_own_items_alone():
    item = Item("a", (), stratum="hard_prompt")
    assert ArenaHardV20().holds(item)
    assert ArenaHardV20(category="hard_prompt").holds(item)
    assert not ArenaHardV20(category="creative_writing").holds(item)
    assert ArenaHardV20().holds(Item("a", ()))
    assert ArenaHardV01().holds(Item("a", ()))
    with pytest.raises(DataError, match="prompt 'a' names no category"):
        ArenaHardV20(category="hard_prompt").holds(Item("a", ()))


def test_questions_of_the_first_form_are_read(first):
    rows = [{"question_id": "a", "category": "c", "turns": [{"content": "prompt a"}]}]
    write(first, "v0.1", "question.jsonl", rows)
    (item,) = ArenaHardV01(data_dir=str(first)).items()
    assert (item.id, item.turns) == ("a", ("prompt a",))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([question("a"), question("z")], "did not answer prompt 'z'"),
        ([{"uid": "a"}], "line 1 holds no prompt"),
        ([{"prompt": "x"}], "line 1 holds no prompt"),
        ([{"uid": "a", "prompt": ["x"]}], "line 1 holds no prompt"),
    ],
)
def test_what_is_missing_is_named(first, rows, message):
    write(first, "v0.1", "question.jsonl", rows)
    with pytest.raises(DataError, match=message):
        ArenaHardV01(data_dir=str(first)).items()


def test_an_unknown_category_is_refused(second):
    write(second, "v2.0", "question.jsonl", [question("a", "poetry")])
    with pytest.raises(DataError, match="category 'poetry'") as caught:
        ArenaHardV20(data_dir=str(second)).items()
    assert "hard_prompt, creative_writing" in caught.value.hint


def test_a_category_without_prompts_is_refused(second):
    write(second, "v2.0", "question.jsonl", [question("a")])
    with pytest.raises(DataError, match="holds no prompt that is asked for"):
        ArenaHardV20(data_dir=str(second), category="creative_writing").items()


def test_a_file_that_is_not_there_names_its_place(tmp_path):
    with pytest.raises(DataError, match=r"arena-hard-v0\.1/question\.jsonl is not there"):
        ArenaHardV01(data_dir=str(tmp_path)).items()
