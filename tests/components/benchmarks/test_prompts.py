"""Your own prompts: columns, official question files, and what policies are compared with."""

import json

import pytest

from judgebench import DataError, Message
from judgebench.components.benchmarks.prompts import COMPONENT as Prompts


def save(folder, *rows, name="prompts.jsonl"):
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_a_row_is_an_item(tmp_path):
    row = {
        "id": 7, "prompt": ["first", "second"], "category": "maths", "cluster": "c", "system": "Be brief.",
        "reference": "42", "unknown": 1,
    }  # fmt: skip
    plain, full = Prompts(save(tmp_path, {"prompt": "one"}, row)).items()
    assert (plain.id, plain.turns, plain.baseline, plain.stratum, plain.cluster) == ("1", ("one",), None, "", "")
    assert (full.id, full.turns, full.stratum, full.cluster) == ("7", ("first", "second"), "maths", "c")
    assert full.context == (Message("system", "Be brief."),)
    assert full.reference == ("42",)


@pytest.mark.parametrize(
    ("row", "turns"),
    [
        ({"uid": "a", "prompt": "q"}, ("q",)),
        ({"question_id": "a", "turns": [{"content": "q"}]}, ("q",)),
        ({"question_id": "a", "turns": ["q", "r"]}, ("q", "r")),
        ({"id": "a", "instruction": "q"}, ("q",)),
    ],
)
def test_official_question_files_are_read(tmp_path, row, turns):
    (item,) = Prompts(save(tmp_path, row)).items()
    assert (item.id, item.turns) == ("a", turns)


@pytest.mark.parametrize(("key", "cluster"), [("id", "topic"), ("uid", ""), ("question_id", "")])
def test_the_topic_of_an_official_row_is_no_cluster(tmp_path, key, cluster):
    (item,) = Prompts(save(tmp_path, {key: "a", "prompt": "q", "category": "c", "cluster": "topic"})).items()
    assert (item.cluster, item.stratum) == (cluster, "c")


def test_an_empty_prompt_is_named(tmp_path):
    with pytest.raises(DataError, match="line 2 has an empty prompt"):
        Prompts(save(tmp_path, {"prompt": "q"}, {"prompt": ""})).items()


def test_a_column_of_another_name(tmp_path):
    (item,) = Prompts(save(tmp_path, {"text": "q", "instruction": "no"}), prompt="text").items()
    assert item.turns == ("q",)
    with pytest.raises(DataError, match="no text in 'text'"):
        Prompts(save(tmp_path, {"instruction": "no"}), prompt="text").items()


def test_rows_may_bring_the_baseline(tmp_path):
    (item,) = Prompts(save(tmp_path, {"prompt": "q", "baseline": "a"})).items()
    assert (item.baseline.turns, item.baseline.author) == (("a",), "baseline")
    with pytest.raises(DataError, match="prompt '2' has no baseline"):
        Prompts(save(tmp_path, {"prompt": "q", "baseline": "a"}, {"prompt": "r"})).items()


def test_a_file_may_bring_the_baseline(tmp_path):
    answers = save(
        tmp_path,
        {"instruction": "q", "output": "a", "generator": "gpt"},
        {"id": "z", "response": "b"},
        name="old.jsonl",
    )
    path = save(tmp_path, {"prompt": "q"}, {"id": "z", "prompt": "r"})
    first, second = Prompts(path, baseline=answers).items()
    assert (first.baseline.turns, first.baseline.author) == (("a",), "gpt")
    assert (second.baseline.turns, second.baseline.author) == (("b",), "old")
    path = save(tmp_path, {"prompt": "q"}, {"prompt": "s"}, {"prompt": "t"})
    with pytest.raises(DataError, match="has no answer to 2 of 3 prompts, such as '2'"):
        Prompts(path, baseline=answers).items()


def test_an_answer_to_another_prompt_of_this_id_is_refused(tmp_path):
    answers = save(tmp_path, {"id": "1", "prompt": "other", "response": "a"}, name="old.jsonl")
    with pytest.raises(DataError, match="the recorded prompt differs"):
        Prompts(save(tmp_path, {"prompt": "q"}), baseline=answers).items()


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"prompt": ""},
        {"prompt": ["a", " \n"]},
        {"turns": [{"content": ""}]},
        {"prompt": 3},
        {"prompt": []},
        {"prompt": ["a", 3]},
        {"turns": [{"x": 1}]},
        {"prompt": "q", "system": 1},
    ],
)
def test_malformed_rows_are_named(tmp_path, row):
    with pytest.raises(DataError, match="line 1"):
        Prompts(save(tmp_path, row)).items()
