import csv
import gzip
import json

import pyarrow
import pytest
from pyarrow import parquet

from judgebench import DataError
from judgebench.components.imports.table import COMPONENT as Table
from judgebench.core.item import Item, Miss, Preference, Response

PLAIN = {"item": "1", "subject": "x", "opponent": "base", "judge": "j", "preference": 0.75}
READY = {"item": "1", "judge": "j", "preference": 0.75}


def save(folder, suffix, *rows):
    """The same rows as one kind of file; what a row lacks is None, in csv an empty cell."""
    path = folder / f"verdicts{suffix}"
    names = list(dict.fromkeys(name for row in rows for name in row))
    if suffix == ".parquet":
        parquet.write_table(pyarrow.table({name: [row.get(name) for row in rows] for name in names}), path)
    elif suffix == ".csv":
        with path.open("w", newline="") as out:
            csv.writer(out).writerows([names, *([row.get(name) for name in names] for row in rows)])
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(folder, *rows, suffix=".jsonl"):
    return list(Table().read([save(folder, suffix, *rows)]))


ROWS = (
    {**PLAIN, "order": 0, "repeat": 0, "category": "c", "cluster": "k", "item.difficulty": 1.5, "response.length": 9},
    {**PLAIN, "order": 1, "repeat": 1, "category": "c", "cluster": "k", "item.difficulty": 1.5, "response.length": 9},
    {**PLAIN, "item": "2", "preference": None, "label": "tie", "opponent.length": 4},
    {**PLAIN, "item": "3", "preference": None},
    {**PLAIN, "item": "é,\n\"'", "subject": "y", "order": 1, "preference": 0.125},
)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_every_format_gives_the_same_verdicts(suffix, tmp_path):
    first = Item(
        "1",
        (),
        baseline=Response((), "base"),
        cluster="k",
        stratum="c",
        features={"difficulty": 1.5},
    )
    found = read(tmp_path, *ROWS, suffix=suffix)
    assert [row.item.id for row in found] == ["1", "1", "2", "3", "é,\n\"'"]
    assert found[0].item == found[1].item == first
    assert found[2].item.baseline.length == 4
    assert [row.policy for row in found] == ["x", "x", "x", "x", "y"]
    assert [row.repeat for row in found] == [0, 1, 0, 0, 0]
    assert [row.order for row in found] == [(0, 1), (1, 0), (0, 1), (0, 1), (1, 0)]
    assert [row.verdict for row in found] == [
        Preference((0.75, 0.25)),
        Preference((0.25, 0.75)),
        Preference((0.5, 0.5)),
        Miss("read", "no verdict is recorded"),
        Preference((0.875, 0.125)),
    ]
    assert found[0].response == Response((), "x", features={"length": 9.0})
    assert found == read(tmp_path, *ROWS)


def test_a_gzipped_table_is_the_same(tmp_path):
    for suffix in (".csv", ".jsonl"):
        plain = save(tmp_path, suffix, *ROWS)
        packed = tmp_path / f"packed{suffix}.gz"
        packed.write_bytes(gzip.compress(plain.read_bytes()))
        assert list(Table().read([packed])) == list(Table().read([plain]))


def test_numbers_as_ids_are_texts(tmp_path):
    for suffix in (".jsonl", ".csv", ".parquet"):
        (row,) = read(tmp_path, {**PLAIN, "item": 7, "subject": 0, "judge": 3}, suffix=suffix)
        assert (row.item.id, row.policy, row.judge) == ("7", "0", "3")


@pytest.mark.parametrize(("label", "p"), [("win", 1.0), ("tie", 0.5), ("loss", 0.0)])
@pytest.mark.parametrize("order", [0, 1])
def test_a_label_is_turned_into_shown_order(label, p, order, tmp_path):
    (row,) = read(tmp_path, {**PLAIN, "preference": None, "label": label, "order": order})
    assert row.verdict.probs == ((1.0 - p, p) if order else (p, 1.0 - p))
    assert row.order == ((1, 0) if order else (0, 1))


def test_label_and_preference_may_both_be_there_if_they_agree(tmp_path):
    (row,) = read(tmp_path, {**PLAIN, "preference": 0.625, "label": "win"})
    assert row.verdict.probs == (0.625, 0.375)


def test_without_a_subject_the_verdict_is_about_the_two_ready_responses(tmp_path):
    rows = [
        {**READY, "order": order, "gold": "b", "response.length": 3, "opponent.length": 5, "category": "c"}
        for order in (0, 1)
    ]
    straight, turned = read(tmp_path, *rows)
    assert straight.policy is straight.response is None
    assert straight.item.baseline is None
    assert [response.author for response in straight.item.responses] == ["response_a", "response_b"]
    assert [response.length for response in straight.item.responses] == [3.0, 5.0]
    assert straight.item.gold.probs == (0.0, 1.0)
    assert straight.verdict.probs == (0.75, 0.25)
    assert turned.verdict.probs == (0.25, 0.75)
    assert turned.item is straight.item


@pytest.mark.parametrize(("gold", "probs"), [("a", (1.0, 0.0)), ("b", (0.0, 1.0)), ("tie", (0.5, 0.5))])
def test_gold(gold, probs, tmp_path):
    (row,) = read(tmp_path, {**READY, "gold": gold})
    assert row.item.gold.probs == probs


def test_files_are_read_one_after_the_other(tmp_path):
    one, other = save(tmp_path, ".csv", PLAIN), save(tmp_path, ".jsonl", {**PLAIN, "subject": "y"})
    assert [row.policy for row in Table().read([one, other])] == ["x", "y"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"item": None}, "item is empty"),
        ({"judge": ""}, "judge is empty"),
        ({"judge": True}, "judge is True"),
        ({"item": 1.5}, "item is 1.5"),
        ({"subject": ["x"]}, "subject is"),
        ({"opponent": None}, "names no opponent of 'x'"),
        ({"order": 2}, "order is 2"),
        ({"order": -1}, "order is -1"),
        ({"order": 0.5}, "order is 0.5"),
        ({"order": "ab"}, "order is 'ab'"),
        ({"order": True}, "order is True"),
        ({"repeat": -1}, "repeat is -1"),
        ({"repeat": 1.5}, "repeat is 1.5"),
        ({"repeat": "inf"}, "repeat is 'inf'"),
        ({"preference": 1.01}, "preference is 1.01"),
        ({"preference": -0.5}, "preference is -0.5"),
        ({"preference": "good"}, "preference is 'good'"),
        ({"preference": False}, "preference is False"),
        ({"preference": "nan"}, "preference is 'nan'"),
        ({"preference": {"p": 1}}, "preference is"),
        ({"label": "draw"}, "label is 'draw'"),
        ({"label": "Win"}, "label is 'Win'"),
        ({"label": "loss"}, "label 'loss' and preference 0.75 disagree"),
        ({"label": "tie"}, "disagree"),
        ({"gold": "a"}, "gold is 'a'"),
        ({"item.difficulty": "hard"}, "item.difficulty is 'hard'"),
        ({"response.length": "long"}, "response.length is 'long'"),
        ({"opponent.length": "inf"}, "opponent.length is 'inf'"),
        ({"category": 1.5}, "category is 1.5"),
        ({"cluster": False}, "cluster is False"),
    ],
)
def test_a_malformed_row_is_named(change, complaint, tmp_path):
    with pytest.raises(DataError, match="row 2") as caught:
        read(tmp_path, {**PLAIN, "item": "0"}, {**PLAIN, **change})
    assert str(tmp_path / "verdicts.jsonl") in caught.value.message
    assert complaint in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_are_numbered_alike_in_every_format(suffix, tmp_path):
    with pytest.raises(DataError, match=rf"verdicts\{suffix}, row 2: preference is 2 *$"):
        read(tmp_path, {**PLAIN, "item": "0"}, {**PLAIN, "preference": 2.0}, suffix=suffix)


def test_gold_is_one_of_three(tmp_path):
    with pytest.raises(DataError, match="row 1: gold is 'A'"):
        read(tmp_path, {**READY, "gold": "A"})


def test_an_unknown_column_names_the_nearest(tmp_path):
    for suffix in (".jsonl", ".csv", ".parquet"):
        with pytest.raises(DataError, match="unknown column 'preferense'") as caught:
            read(tmp_path, {**PLAIN, "preferense": 1}, suffix=suffix)
        assert "verdicts" in caught.value.message
        assert caught.value.hint == "did you mean 'preference'?"
    with pytest.raises(DataError, match="unknown column 'xyz'") as caught:
        read(tmp_path, {**PLAIN, "xyz": 1})
    assert caught.value.hint.startswith("known: category, ")
    assert "response.NAME" in caught.value.hint


@pytest.mark.parametrize(
    ("column", "meant"),
    [
        ("lenght", "response.length"),
        ("length", "response.length"),
        ("opponent_length", "opponent.length"),
        ("dificulty", "item.difficulty"),
        ("row", "response.row"),
    ],
)
def test_a_feature_without_its_prefix_names_the_column(column, meant, tmp_path):
    with pytest.raises(DataError, match=f"unknown column '{column}'") as caught:
        read(tmp_path, {**PLAIN, column: 1})
    assert caught.value.hint == f"did you mean '{meant}'?"


@pytest.mark.parametrize("column", ["item.", "judge.name", ".length", "Item"])
def test_columns_of_no_known_kind_are_unknown(column, tmp_path):
    with pytest.raises(DataError, match="unknown column"):
        read(tmp_path, {**PLAIN, column: 1})


@pytest.mark.parametrize("column", ["item", "judge"])
def test_a_needed_column_is_missing(column, tmp_path):
    row = {name: value for name, value in PLAIN.items() if name != column}
    with pytest.raises(DataError, match=f"verdicts.csv: column '{column}' is missing"):
        read(tmp_path, row, suffix=".csv")


@pytest.mark.parametrize(
    "change",
    [{"category": "d"}, {"cluster": "l"}, {"opponent": "other"}, {"item.difficulty": 2}, {"opponent.length": 8}],
)
def test_two_rows_that_differ_about_an_item_are_an_error_that_names_both(change, tmp_path):
    row = {**PLAIN, "category": "c", "cluster": "k", "item.difficulty": 1, "opponent.length": 7}
    with pytest.raises(DataError, match="something else about item '1'") as caught:
        read(tmp_path, row, {**row, "item": "2"}, {**row, "subject": "y", **change})
    assert "row 3" in caught.value.message
    assert "row 1" in caught.value.message


def test_items_must_agree_across_files_and_about_gold(tmp_path):
    one = save(tmp_path, ".csv", {**READY, "gold": "a"})
    other = save(tmp_path, ".jsonl", {**READY, "gold": "b"})
    with pytest.raises(DataError, match="something else about item '1'") as caught:
        list(Table().read([one, other]))
    assert "verdicts.csv" in caught.value.message
    assert "verdicts.jsonl" in caught.value.message


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b""),
        ("a.csv", b"item,judge\n"),
        ("a.csv", b"item,judge\n1\n"),
        ("a.csv", b"item,item,judge\n1,1,j\n"),
        ("a.csv", b"item,judge\n\xff,j\n"),
        ("a.csv", b'item,judge\n"1,j\n'),
        ("a.jsonl", b""),
        ("a.jsonl", b"{"),
        ("a.jsonl", b"[]"),
        ("a.jsonl", b"3\n"),
        ("a.parquet", b""),
        ("a.parquet", b"PAR1 no parquet"),
        ("a.csv.gz", b"\x1f\x8bno gzip"),
    ],
)
def test_a_broken_file_is_named(name, data, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataError, match=name) as caught:
        list(Table().read([path]))
    assert caught.value.hint


@pytest.mark.parametrize("name", ["no.csv", "no.jsonl", "no.parquet"])
def test_a_missing_file_is_named(name, tmp_path):
    with pytest.raises(DataError, match=name):
        list(Table().read([tmp_path / name]))
