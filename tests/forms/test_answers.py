"""Answer files: the official forms, what they count of style, who answered, and what is refused."""

import gzip
import hashlib
import json
import os

import pytest

from judgebench import DataError
from judgebench.forms.answers import Answer, answers_by_author, counts, read_answers

V01 = {
    "question_id": "7",
    "answer_id": "x",
    "model_id": "m",
    "choices": [{"index": 0, "turns": [{"content": "yes", "token_len": 3}]}],
    "conv_metadata": {
        "token_len": 4,
        "header_count": {"h1": 1, "h2": 2},
        "list_count": {"ordered": 0, "unordered": 5},
        "bold_count": {"**": 1, "__": 1},
    },
}
V20 = {
    "uid": "7",
    "model": "m",
    "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": {"answer": "yes"}}],
    "metadata": {"token_len": 4, "header_count": 3, "list_count": {"ordered": 5}, "bold_count": {"**": 2}},
}
MT_BENCH = {"question_id": 7, "model_id": "m", "choices": [{"index": 0, "turns": ["yes", "no"]}]}
MESSAGES = [{"role": "assistant", "content": "another"}]
COUNTED = {"tokens": 4.0, "headers": 3.0, "lists": 5.0, "bold": 2.0}


def save(folder, *rows):
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def without(row, name):
    return {key: value for key, value in row.items() if key != name}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (V01, Answer(("yes",), "m", COUNTED)),
        (V20, Answer(("yes",), "m", COUNTED)),
        (without(V01, "conv_metadata"), Answer(("yes",), "m", {"tokens": 3.0})),
        (without(without(V01, "conv_metadata"), "model_id"), Answer(("yes",), None, {"tokens": 3.0})),
        (without(V20, "metadata"), Answer(("yes",), "m")),
        (MT_BENCH, Answer(("yes", "no"), "m")),
        ({"id": "7", "response": "yes"}, Answer(("yes",))),
        ({"id": "7", "response": ["yes", "no"]}, Answer(("yes", "no"))),
        ({"id": "7", "response": "yes", "metadata": {"token_len": 9, "header_count": 2}},
         Answer(("yes",), None, {"tokens": 9.0, "headers": 2.0})),
        ({"id": "7", "output": "yes", "generator": "g"}, Answer(("yes",), "g")),
        ({"id": "7", "response": "yes", "metadata": {"split": "a"}}, Answer(("yes",))),
        ({"id": "7", "response": "yes", "metadata": {"token_len": None, "bold_count": 1}},
         Answer(("yes",), None, {"bold": 1.0})),
        ({"id": "7", "response": "yes", "metadata": "none"}, Answer(("yes",))),
    ],
)  # fmt: skip
def test_every_form_gives_texts_author_and_counts(row, expected, tmp_path):
    found = read_answers(save(tmp_path, row))
    assert found.by_id == {"7": expected}
    assert found.by_prompt == {}
    assert all(isinstance(value, float) for value in found.by_id["7"].features.values())


def test_alpaca_evals_outputs_are_found_by_their_prompt(tmp_path):
    path = tmp_path / "outputs.json.gz"
    path.write_bytes(gzip.compress(json.dumps([{"instruction": "q", "output": "yes", "generator": "g"}]).encode()))
    found = read_answers(path)
    assert found.by_prompt == {"q": Answer(("yes",), "g")}
    assert found.of("any", "q") == Answer(("yes",), "g")
    assert found.of("any", "other") is None


def test_a_row_with_id_and_prompt_answers_no_other_prompt(tmp_path):
    found = read_answers(save(tmp_path, {"id": "7", "prompt": "q", "response": "yes"}))
    assert found.of("7", " q\n") == Answer(("yes",))
    assert found.of("8", "q") == Answer(("yes",))
    with pytest.raises(LookupError, match="prompt differs"):
        found.of("7", "another")


def test_the_digest_is_of_texts_and_keys_alone(tmp_path):
    plain = read_answers(save(tmp_path, {"id": "7", "prompt": "q", "response": "yes"})).digest
    parts = [[("7", ("yes",))], [("q", ("yes",))], [("7", "q")]]
    assert plain == hashlib.sha256(repr(parts).encode()).hexdigest()  # what `recorded` took before counts were read
    counts = {"token_len": 1}
    counted = {"prompt": "q", "id": "7", "response": "yes", "metadata": counts, "model": "m", "more": 1}
    assert read_answers(save(tmp_path, counted)).digest == plain
    assert read_answers(save(tmp_path, {"id": "7", "prompt": "q", "response": "no"})).digest != plain


def test_a_file_of_several_models_is_told_apart_by_author(tmp_path):
    path = save(tmp_path, V01, {**MT_BENCH, "model_id": "n"}, {"id": "7", "response": "nobody's"})
    found = answers_by_author(path)
    assert list(found) == ["m", "n", None]
    assert found["n"].by_id["7"].turns == ("yes", "no")
    assert found[None].by_id["7"].turns == ("nobody's",)
    with pytest.raises(DataError, match="line 2 answers '7' a second time"):
        read_answers(path)
    with pytest.raises(DataError, match="line 3 answers '7' a second time"):
        answers_by_author(save(tmp_path, V01, {"id": "7", "response": "a"}, {**V20, "messages": MESSAGES}))


def test_columns_are_counted_by_name():
    row = {"x_a": {"h1": 1, "h2": 2}, "y_a": 2.5, "z_a": None}
    assert counts(row, {"x": "x_a", "y": "y_a", "z": "z_a", "w": "w_a"}, "here") == {"x": 3.0, "y": 2.5}


def test_a_file_that_changed_is_read_again(tmp_path):
    path = save(tmp_path, {"id": "7", "response": "yes"})
    before = read_answers(path)
    assert read_answers(str(path)) is before
    path.write_text(json.dumps({"id": "7", "response": "not"}) + "\n")
    os.utime(path, ns=(1, 1))
    assert read_answers(path).by_id["7"].turns == ("not",)


@pytest.mark.parametrize(
    "counts",
    [
        {"token_len": "many"},
        {"token_len": True},
        {"token_len": -1},
        {"token_len": [4]},
        {"token_len": 4, "header_count": {"h1": "two"}},
        {"token_len": 4, "header_count": {"h1": 3, "h2": -1}},
        {"token_len": 4, "bold_count": {"**": {"a": 1}}},
    ],
)
@pytest.mark.parametrize("member", ["conv_metadata", "metadata"])
def test_what_is_no_count_is_named(member, counts, tmp_path):
    with pytest.raises(DataError, match=r"answers\.jsonl, line 2 counts (tokens|headers|bold) as") as caught:
        read_answers(save(tmp_path, V01, {"id": "8", "response": "yes", member: counts}))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"id": "7", "response": "a"}, {"id": "7", "response": "b"}], "line 2 answers '7' a second time, differently"),
        ([{"prompt": "q", "output": "a"}, {"prompt": "q", "output": "b"}], "line 2 answers 'q' a second time"),
        ([{"id": "7", "prompt": "q", "output": "a"}, {"id": "7", "prompt": "r", "output": "a"}], "another prompt"),
        ([{"response": "a"}], "line 1 names no item"),
        ([{"id": "7"}], "line 1 holds no answer"),
        ([{"id": "7", "choices": []}], "line 1 holds no answer"),
        ([{"id": "7", "choices": [{"turns": [{"token_len": 1}]}]}], "line 1 holds no answer"),
        ([{"id": "7", "messages": [{"role": "user", "content": "q"}]}], "line 1 holds no answer"),
    ],
)
def test_what_is_no_answer_is_named(rows, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read_answers(save(tmp_path, *rows))
