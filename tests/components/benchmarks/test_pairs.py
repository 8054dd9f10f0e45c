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
