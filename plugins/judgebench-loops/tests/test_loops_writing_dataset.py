import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judgebench_loops.writing import publish as publishing
from judgebench_loops.writing.dataset import digest, read, write
from judgebench_loops.writing.rows import PairRow, PromptRow, SftRow, SoftPairRow, as_json

from judgebench import DataError, Message, RecordError, collect

ASKED = (Message("user", "Name a prime."),)
ODD = 'é 漢字 😀 \u2028 \x00 \x85 \r\n \t \\n "quoted" \ud83d'
KINDS = {
    "sft": [
        SftRow("a", ASKED, ODD, {"iteration": 1}),
        SftRow("b", (Message("system", ODD), *ASKED), "2024-01-31", {"scores": [1.5, None], "other": {"x": ODD}}),
        SftRow("c", (Message("user", "2024-01-31"),), ""),
    ],
    "pair": [PairRow("1", ASKED, "7", "8", {"draws": [0, 3]}), PairRow("2", ASKED, "true", "null")],
    "soft": [SoftPairRow("1", ASKED, "7", "8", 1), SoftPairRow("2", ASKED, "11", "12", 0.25, {"order": "both"})],
    "prompt": [PromptRow("1", ASKED, {"origin": "pool"}), PromptRow("2", ASKED)],
}
FILES = ["README.md", "train.jsonl", "train.parquet"]


def written(folder, rows, **more):
    return write(folder, rows, **{"title": "pairs", "facts": {}, "dropped": {}, **more})


def loaded(name, cache, **more):
    from datasets import load_dataset

    found = load_dataset(str(name), cache_dir=str(cache), **more)
    assert list(found) == ["train"]
    return found["train"].to_list()


@pytest.mark.parametrize("kind", KINDS)
def test_all_readers_find_the_same_rows(kind, tmp_path):
    rows = KINDS[kind]
    folder = written(tmp_path / "data", rows)
    assert sorted(path.name for path in folder.iterdir()) == FILES
    expected = [as_json(row) for row in rows]
    assert read(folder) == expected
    assert [list(row) for row in read(folder)] == [list(row) for row in expected]
    assert loaded(folder, tmp_path / "cache") == expected
    assert loaded("parquet", tmp_path / "cache", data_files=str(folder / "train.parquet")) == expected


def test_parquet_has_the_types_that_json_is_guessed_to_have(tmp_path):
    from datasets import load_dataset

    rows = [SftRow(str(k), ASKED, f"answer {k}", {"k": k}) for k in range(3)]
    folder = written(tmp_path / "data", rows)
    as_lines = load_dataset("json", data_files=str(folder / "train.jsonl"), cache_dir=str(tmp_path / "cache"))["train"]
    as_folder = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))["train"]
    assert as_lines.to_list() == as_folder.to_list() == [as_json(row) for row in rows]
    assert as_lines.features == as_folder.features


def test_texts_that_look_like_dates_stay_texts_where_readers_of_json_make_them_dates(tmp_path):
    folder = written(tmp_path / "data", [SftRow("a", ASKED, "2024-01-31")])
    assert loaded(folder, tmp_path / "cache")[0]["completion"][0]["content"] == "2024-01-31"
    guessed = loaded("json", tmp_path / "cache", data_files=str(folder / "train.jsonl"))
    assert guessed[0]["completion"][0]["content"] != "2024-01-31"  # why the card names the parquet file


def test_long_texts_and_many_rows_come_back(tmp_path):
    rows = [PairRow(str(k), ASKED, f"{k} " * 7, "x") for k in range(2500)] + [
        PairRow("long", ASKED, "é\n" * 2**20, "x")
    ]
    folder = written(tmp_path / "data", rows)
    expected = [as_json(row) for row in rows]
    assert read(folder) == expected
    assert loaded(folder, tmp_path / "cache") == expected
    assert loaded("json", tmp_path / "cache", data_files=str(folder / "train.jsonl")) == expected


TEXT = st.text() | st.text(alphabet=st.characters(categories=["Cs", "Cc", "Lu"]))
ROWS = st.lists(st.tuples(TEXT, TEXT, st.dictionaries(TEXT, TEXT | st.integers(), max_size=2)), min_size=1, max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(ROWS)
def test_whatever_is_written_is_read_and_parquet_holds_the_same(tmp_path, drawn):
    from pyarrow import parquet

    rows = [SftRow(str(k), (Message("user", asked),), text, lineage) for k, (asked, text, lineage) in enumerate(drawn)]
    folder = written(tmp_path / "data", rows)
    assert read(folder) == [as_json(row) for row in rows] == parquet.read_table(folder / "train.parquet").to_pylist()


def test_the_same_rows_give_the_same_bytes(tmp_path):
    facts, dropped = {"model": "m"}, {"equal scores": 2}
    one = written(tmp_path / "one", KINDS["pair"], facts=facts, dropped=dropped)
    other = written(tmp_path / "other", KINDS["pair"], facts=facts, dropped=dropped)
    assert [(one / name).read_bytes() for name in FILES] == [(other / name).read_bytes() for name in FILES]
    assert digest(one) == digest(other) == hashlib.sha256((one / "train.jsonl").read_bytes()).hexdigest()
    assert digest(written(tmp_path / "third", KINDS["sft"])) != digest(one)


def test_the_card_says_what_it_is_and_what_was_dropped(tmp_path):
    folder = written(
        tmp_path / "data",
        KINDS["soft"],
        title="iteration-1/\nlabels",
        facts={"labeler": "a|b\nc", "half": "\ud83d"},
        dropped={"equal scores": 1200, "fewer than two scored": 3},
    )
    assert (
        (folder / "README.md").read_text()
        == f"""\
---
configs:
- config_name: rows-{digest(folder)[:16]}
  data_files:
  - split: train
    path: train.parquet
---

# iteration-1/ labels

2 rows to train on, each a prompt, two responses and how likely the first is the better one (TRL's preference format, \
and a probability). `train.parquet` and `train.jsonl` hold the same rows; `datasets.load_dataset` of this folder reads \
the first, whose columns have the types below. (Readers of JSON guess types, and take a text such as 2024-01-31 for a \
date.)

sha256 of `train.jsonl`: `{digest(folder)}`

## What was dropped

| reason | how many |
| --- | --- |
| equal scores | 1,200 |
| fewer than two scored | 3 |

## Columns

| column | type | what it holds |
| --- | --- | --- |
| `id` | text | the row's name, which no other row has |
| `prompt` | list of {{role, content}} | the conversation up to the response |
| `chosen` | list of {{role, content}} | the better response, as one message of the assistant |
| `rejected` | list of {{role, content}} | the worse response, as one message of the assistant |
| `probability` | number | how likely `chosen` is the better one, 0 to 1 |
| `lineage` | text | where the row came from: JSON |

## Made from

| what | value |
| --- | --- |
| labeler | a\\|b c |
| half | \ufffd |
"""
    )


def test_a_card_without_facts_or_drops_says_so_in_brief(tmp_path):
    card = (written(tmp_path / "data", [PromptRow("1", ASKED)]) / "README.md").read_text()
    assert "1 row to train on, each a prompt (TRL's prompt-only format)." in card
    assert "## What was dropped\n\nNothing.\n" in card
    assert "Made from" not in card


def test_no_rows_are_an_error_that_says_what_was_dropped_and_leave_nothing(tmp_path):
    dropped = {"equal scores": 1200, "fewer than two scored": 3}
    with pytest.raises(DataError, match=r"^iteration-1/pairs: there are no rows$") as error:
        written(tmp_path / "data", [], title="iteration-1/pairs", dropped=dropped)
    assert error.value.hint == "dropped: 1,200 equal scores, 3 fewer than two scored"
    with pytest.raises(DataError) as error:
        written(tmp_path / "data", [])
    assert error.value.hint.startswith("nothing was dropped")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*KINDS["sft"], *KINDS["pair"]], "rows of 2 kinds: PairRow, SftRow"),
        ([*KINDS["pair"], PairRow("2", ASKED, "7", "8")], "2 rows have the id '2'"),
        ([PairRow("1", (), "7", "8")], "row '1' has no prompt"),
    ],
)
def test_what_is_no_dataset_is_not_written(rows, said, tmp_path):
    with pytest.raises(DataError, match=said):
        written(tmp_path / "data", rows)
    assert list(tmp_path.iterdir()) == []


def test_a_dataset_takes_the_place_of_an_older_one(tmp_path):
    folder = written(tmp_path / "deep" / "data", KINDS["pair"])
    assert written(folder, KINDS["sft"]) == folder
    assert read(folder) == [as_json(row) for row in KINDS["sft"]]
    assert [path.name for path in folder.parent.iterdir()] == ["data"]
    assert folder.stat().st_mode & 0o777 == 0o755


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.tex").write_text("dear")
    with pytest.raises(DataError, match=r"holds what no dataset does: thesis\.tex"):
        written(tmp_path / "data", KINDS["pair"])
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="is no folder"):
        written(tmp_path / "file", KINDS["pair"])
    assert (tmp_path / "data" / "thesis.tex").read_text() == "dear"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "file"]


@pytest.mark.parametrize("failing", [1, 2])
def test_a_failure_leaves_the_older_dataset(failing, tmp_path, monkeypatch):
    folder = written(tmp_path / "data", KINDS["pair"])
    calls, rename = [], Path.rename

    def refuse(self, target):
        calls.append(target)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(publishing.Path, "rename", refuse)
    with pytest.raises(RecordError, match="cannot be written: No space left on device"):
        written(folder, KINDS["sft"])
    assert read(folder) == [as_json(row) for row in KINDS["pair"]]
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_failure_amid_the_files_leaves_nothing(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing.os, "fsync", full)
    with pytest.raises(RecordError) as error:
        written(tmp_path / "data", KINDS["sft"])
    assert error.value.hint == "make room or choose another folder"
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DataError, match=r"train\.jsonl: No such file"):
        digest(tmp_path)
    (tmp_path / "train.jsonl").write_text('{"id": "1"}\n{')
    with pytest.raises(DataError, match=r"train\.jsonl, line 2: "):
        read(tmp_path)


def test_judgebench_reads_pairs_as_items(tmp_path):
    rows = [PairRow(str(k), ASKED, f"{k} is right", f"{k} is wrong", {"k": k}) for k in range(3)]
    folder = written(tmp_path / "data", rows)
    found = collect(
        {
            "benchmark": f"pairs:{folder / 'train.jsonl'}",
            "judges": {"longer": "longer"},
            "out": str(tmp_path / "run"),
        }
    )
    shown = {item.id: [response.turns for response in item.responses] for item in found.items}
    assert shown == {str(k): [(f"{k} is right",), (f"{k} is wrong",)] for k in range(3)}
    assert {item.turns for item in found.items} == {("Name a prime.",)}
    assert json.loads(read(folder)[2]["lineage"]) == {"k": 2}


def test_datasets_of_one_shape_are_told_apart(tmp_path, monkeypatch):
    """`datasets` keeps what it read under the card's name of the rows: of two folders, and of one written anew."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")

    def loaded(name, *completions):
        rows = [SftRow(f"r{k}", (Message("user", "q"),), text) for k, text in enumerate(completions)]
        write(tmp_path / name, rows, title="t", facts={}, dropped={})
        found = datasets.load_dataset(str(tmp_path / name), split="train", cache_dir=str(tmp_path / "cache"))
        return [row["completion"][0]["content"] for row in found]

    assert loaded("one", "a", "b") == ["a", "b"]
    assert loaded("two", "c") == ["c"]
    assert loaded("one", "d", "e", "f") == ["d", "e", "f"]
