import json

import pytest

from judgebench import DataError
from judgebench.components.benchmarks.pairs import COMPONENT as Pairs


def write(tmp_path, *rows):
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_rows_become_items(tmp_path):
    row = {"prompt": "q", "response_a": "x", "response_b": "y"}
    items = Pairs(write(tmp_path, row, {**row, "id": "z", "gold": "B", "category": "c", "cluster": "k"})).items()
    assert [item.id for item in items] == ["1", "z"]
    assert items[0].gold is None
    assert items[1].gold.probs == (0.0, 1.0)
    assert (items[1].stratum, items[1].cluster) == ("c", "k")
    assert [response.turns for response in items[0].responses] == [("x",), ("y",)]


def test_columns_can_be_named_and_turns_listed(tmp_path):
    path = write(tmp_path, {"input": ["q", "r"], "chosen": ["a", "b"], "rejected": ["c", "d"], "better": "a"})
    (item,) = Pairs(path, prompt="input", response_a="chosen", response_b="rejected", gold="better").items()
    assert item.turns == ("q", "r")
    assert item.responses[1].turns == ("c", "d")
    assert item.gold.probs == (1.0, 0.0)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"prompt": "q", "response_a": "x"}, "no text in 'response_b'"),
        ({"prompt": "q", "response_a": "x", "response_b": 3}, "no text in 'response_b'"),
        (
            {"prompt": ["q", "r"], "response_a": ["x", "y"], "response_b": "z"},
            "'response_b' has 1 turns, and the prompt 2",
        ),
        ({"prompt": "q", "response_a": "x", "response_b": "y", "gold": "both"}, "gold is 'both'"),
    ],
)
def test_a_malformed_row_is_named(row, complaint, tmp_path):
    with pytest.raises(DataError, match=complaint) as caught:
        Pairs(write(tmp_path, row)).items()
    assert "line 1" in caught.value.message
    assert caught.value.hint


def test_a_dataset_in_the_hubs_layout_is_read_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "validation.jsonl").write_text(json.dumps({"prompt": "q", "response_a": "x", "response_b": "y"}) + "\n")
    (item,) = Pairs(f"hub:{folder}:validation").items()
    assert item.turns == ("q",)


def test_an_unknown_dataset_is_an_error_in_two_lines(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    with pytest.raises(DataError, match="no/such-dataset") as caught:
        Pairs(f"hub:{tmp_path}/no/such-dataset").items()
    assert "\n" not in caught.value.message


def test_null_is_absent(tmp_path):
    row = {"prompt": "q", "response_a": "x", "response_b": "y"}
    nothing = dict.fromkeys(("id", "category", "cluster", "gold"))
    path = write(tmp_path, {**row, **nothing}, {**row, **nothing, "id": 0, "cluster": 0})
    first, second = Pairs(path).items()
    assert (first.id, first.stratum, first.cluster, first.gold) == ("1", "", "", None)
    assert (second.id, second.cluster) == ("0", "0")


@pytest.mark.parametrize("option", ["prompt", "response_a", "response_b", "gold"])
def test_a_named_column_that_no_row_has_is_an_error(option, tmp_path):
    row = {"prompt": "q", "response_a": "x", "response_b": "y"}
    path = write(tmp_path, row, {**row, "verdict": None})
    with pytest.raises(DataError, match=f"no row has the column 'beter' that `{option}` names") as caught:
        Pairs(path, **{option: "beter"}).items()
    assert caught.value.hint == "the columns: prompt, response_a, response_b, verdict"
    assert [item.gold for item in Pairs(path, gold="verdict").items()] == [None, None]


def messages(*contents):
    return [{"role": ("user", "assistant")[k % 2], "content": content} for k, content in enumerate(contents)]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "q", "chosen": "x", "rejected": "y"},
        {"prompt": ["q"], "chosen": ["x"], "rejected": ["y"]},
        {"chosen": messages("q", "x"), "rejected": messages("q", "y")},
        {"prompt": "q", "chosen": messages("q", "x"), "rejected": messages("q", "y")},
        {"prompt": messages("q"), "chosen": messages("q", "x")[1:], "rejected": messages("q", "y")[1:]},
    ],
)
def test_preference_files_say_by_their_columns_which_is_better(row, tmp_path):
    (item,) = Pairs(write(tmp_path, row)).items()
    assert (item.turns, item.context) == (("q",), ())
    assert [(response.author, response.turns) for response in item.responses] == [
        ("chosen", ("x",)),
        ("rejected", ("y",)),
    ]
    assert item.gold.probs == (1.0, 0.0)


def test_turn_marks_make_context(tmp_path):
    asked = "one\n<extra_id_1>Assistant\ntwo\n<extra_id_1>User\nthree"
    plain = {"prompt": asked, "response_a": "x", "response_b": "y"}
    chosen = {"chosen": messages(asked, "x"), "rejected": messages(asked, "y")}
    for row in (plain, chosen):
        (item,) = Pairs(write(tmp_path, row)).items()
        assert item.turns == ("three",)
        assert [(message.role, message.content) for message in item.context] == [("user", "one"), ("assistant", "two")]


def test_a_strength_of_0_is_a_tie_and_any_column_can_be_the_category(tmp_path):
    rows = [{"prompt": "q", "chosen": "x", "rejected": "y", "size": size} for size in (0, 2, None)]
    items = Pairs(write(tmp_path, *rows), strength="size", category="size").items()
    assert [item.gold.probs for item in items] == [(0.5, 0.5), (1.0, 0.0), (1.0, 0.0)]
    assert [item.stratum for item in items] == ["0", "2", ""]
    assert [item.gold.probs for item in Pairs(write(tmp_path, *rows)).items()] == [(1.0, 0.0)] * 3
    labelled = {"prompt": "q", "response_a": "x", "response_b": "y", "gold": "b"}
    signed = [{**labelled, "size": size} for size in (-1, 0.0)]
    assert [item.gold.probs for item in Pairs(write(tmp_path, *signed), strength="size").items()] == [
        (0.0, 1.0),
        (0.5, 0.5),
    ]


def test_a_preference_file_may_say_that_some_pairs_are_ties(tmp_path):
    row = {"prompt": "q", "chosen": "x", "rejected": "y"}
    items = Pairs(write(tmp_path, {**row, "gold": "tie"}, {**row, "gold": "a"}, row)).items()
    assert [item.gold.probs for item in items] == [(0.5, 0.5), (1.0, 0.0), (1.0, 0.0)]
    with pytest.raises(DataError, match="gold is 'b', and the row says which is chosen"):
        Pairs(write(tmp_path, {**row, "gold": "b"})).items()


def test_named_response_columns_go_before_the_preference_form(tmp_path):
    row = {"prompt": "q", "chosen": "x", "rejected": "y"}
    (item,) = Pairs(write(tmp_path, row), response_a="rejected", response_b="chosen").items()
    assert item.gold is None
    assert [response.author for response in item.responses] == ["response_a", "response_b"]
    both = {**row, "response_a": "v", "response_b": "w"}
    assert Pairs(write(tmp_path, both)).items()[0].responses[0].turns == ("v",)


@pytest.mark.parametrize("size", [-1, True, "2", [1]])
def test_a_strength_must_be_a_number_from_0_on_where_one_is_chosen(size, tmp_path):
    row = {"prompt": "q", "chosen": "x", "rejected": "y", "size": size}
    with pytest.raises(DataError, match="'size' is ") as caught:
        Pairs(write(tmp_path, row), strength="size").items()
    assert "line 1" in caught.value.message


@pytest.mark.parametrize("row", [{"input": "q", "chosen": "x", "rejected": "y"}, {"input": "q", "response_a": "x"}])
def test_a_row_without_its_prompt_names_the_columns(row, tmp_path):
    with pytest.raises(DataError, match="no text in 'prompt'") as caught:
        Pairs(write(tmp_path, row)).items()
    assert "input" in caught.value.hint
