"""Rows from files that users bring."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench import DataError
from judgebench.forms.files import read_columns, read_object, read_rows, read_table_rows

ROWS = [{"a": 1}, {"b": "ü\u2028\x85"}, {"c": [None, {"d": 0.5}]}]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()
PACKED = gzip.compress(LINES, mtime=0)


def rows(tmp_path, data, name="rows.jsonl"):
    (tmp_path / name).write_bytes(data)
    return [(place.removeprefix(f"{tmp_path}/"), row) for place, row in read_rows(tmp_path / name)]


def refused(tmp_path, data, name="rows.jsonl"):
    with pytest.raises(DataError) as caught:
        rows(tmp_path, data, name)
    assert caught.value.hint
    return caught.value.message.replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    "data",
    [
        LINES,
        LINES.rstrip(),
        LINES.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + LINES,
        gzip.compress(LINES),
        gzip.compress(b"\xef\xbb\xbf" + LINES),
        gzip.compress(LINES[:9]) + gzip.compress(LINES[9:]),
    ],
    ids=["plain", "no last newline", "CRLF", "mark", "gz", "mark in gz", "gz in parts"],
)
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows"])
def test_one_object_a_line(tmp_path, data, name):
    assert rows(tmp_path, data, name) == [(f"{name}, line {n}", row) for n, row in enumerate(ROWS, start=1)]


def test_blank_lines_are_counted_and_not_read(tmp_path):
    data = b"\n" + LINES.replace(b"\n", b"\n \t\r\n")
    assert [place for place, _ in rows(tmp_path, data)] == [f"rows.jsonl, line {n}" for n in (2, 4, 6)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b" \n\t"])
def test_an_array_of_objects(tmp_path, indent, mark):
    for data in (plain := mark + json.dumps(ROWS, indent=indent).encode(), gzip.compress(plain)):
        assert rows(tmp_path, data, "x.json") == [(f"x.json, row {n}", row) for n, row in enumerate(ROWS, start=1)]


@given(st.lists(st.dictionaries(st.text(), st.one_of(st.text(), st.integers(-(2**60), 2**60))), min_size=1))
def test_what_json_writes_is_read_back(tmp_path_factory, values):
    path = tmp_path_factory.getbasetemp() / "drawn.jsonl"
    for ascii_only in (True, False):
        lines = [json.dumps(value, ensure_ascii=ascii_only) for value in values]
        path.write_bytes("\n".join(lines).encode("utf-8"))
        assert [row for _, row in read_rows(path)] == values


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "rows.jsonl is empty"),
        (b" \n\r\n", "rows.jsonl is empty"),
        (b"[]", "rows.jsonl is empty"),
        (b"\xef\xbb\xbf", "rows.jsonl is empty"),
        (gzip.compress(b"", mtime=0), "rows.jsonl is empty"),
        (LINES + b"{'a': 1}\n", "rows.jsonl, line 4: JSON is malformed"),
        (LINES + b'{"a": NaN}\n', "rows.jsonl, line 4: JSON is malformed"),
        (b'{"a": 1} {"b": 2}\n', "rows.jsonl, line 1: JSON is malformed: trailing characters"),
        (LINES + b"\n" + LINES[:4], "rows.jsonl, line 5: Input data was truncated"),
        (b'{\n "a": 1\n}', "rows.jsonl, line 1: Input data was truncated"),
        (LINES + b"[1]\n", "rows.jsonl, line 4 is no JSON object"),
        (LINES + b"3", "rows.jsonl, line 4 is no JSON object"),
        (b'[{"a": 1}, 2]', "rows.jsonl, row 2 is no JSON object"),
        (b'[{"a": 1},', "rows.jsonl: Input data was truncated"),
        (b'{"a": "\xff"}', "rows.jsonl, line 1: "),
        ('{"a": 1}'.encode("utf-16"), "rows.jsonl, line 1: "),
        (b'{"a": "\\ud800"}', "rows.jsonl, line 1: "),
        (b'{"a": ' + b"[" * 9999, "rows.jsonl, line 1: "),
        (PACKED[:-12], "rows.jsonl: Compressed file ended before"),
        (PACKED[:-3], "rows.jsonl: Compressed file ended before"),
        (PACKED + b"junk", "rows.jsonl: Not a gzipped file"),
        (PACKED[:10] + b"\x07" * 9, "rows.jsonl: Error "),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, data, says):
    assert says in refused(tmp_path, data)


def test_a_damaged_checksum_is_seen(tmp_path):
    packed = bytearray(PACKED)
    packed[-6] ^= 1
    assert "CRC check failed" in refused(tmp_path, bytes(packed), "x.jsonl.gz")


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.jsonl: No such file or directory"):
        read_rows(tmp_path / "nowhere.jsonl")
    with pytest.raises(DataError, match="Is a directory"):
        read_rows(tmp_path)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.jsonl"])
def test_a_missing_table_is_told_of_the_forms_of_tables(tmp_path, name):
    with pytest.raises(DataError) as caught:
        read_columns(tmp_path / name)
    assert caught.value.message == f"{tmp_path / name}: No such file or directory"
    assert caught.value.hint == "check the path; .parquet, .csv, .json, .jsonl and .gz of the last three can be read"
    with pytest.raises(DataError) as caught:
        read_rows(tmp_path / name)
    assert caught.value.hint == "check the path; .json, .jsonl and their .gz can be read"


def test_a_broken_table_is_told_of_its_own_form(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"item": ["1"] * 99}), tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    assert read_columns(tmp_path / "whole.parquet") == {"item": ["1"] * 99}
    for data in (b"", b"no parquet", whole[:-40], whole[:4] + bytes(len(whole) - 12) + whole[-8:]):
        (tmp_path / "t.parquet").write_bytes(data)
        with pytest.raises(DataError, match=r"t\.parquet: ") as caught:
            read_columns(tmp_path / "t.parquet")
        assert caught.value.hint == "it should be a whole .parquet file; .csv and .jsonl can be read too"
        assert "\n" not in caught.value.message
    (tmp_path / "t.csv.gz").write_bytes(PACKED[:-3])
    with pytest.raises(DataError, match="Compressed file ended before") as caught:
        read_columns(tmp_path / "t.csv.gz")
    assert "gzip" in caught.value.hint
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="Is a directory") as caught:
        read_columns(tmp_path / "folder.csv")
    assert ".parquet" in caught.value.hint


def test_rows_of_a_table_are_those_of_any_form(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist([{"a": "1", "b": ["x"]}, {"a": None, "b": []}]), tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,y\n")
    (tmp_path / "t.jsonl").write_text('{"a": "1"}\n\n{"b": "y"}\n')
    found = {
        name: [(place.removeprefix(f"{tmp_path}/"), row) for place, row in read_table_rows(tmp_path / name)]
        for name in ("t.parquet", "t.csv", "t.jsonl")
    }
    assert found == {
        "t.parquet": [("t.parquet, row 1", {"a": "1", "b": ["x"]}), ("t.parquet, row 2", {"a": None, "b": []})],
        "t.csv": [("t.csv, row 1", {"a": "1", "b": "x"}), ("t.csv, row 2", {"a": "2", "b": "y"})],
        "t.jsonl": [("t.jsonl, line 1", {"a": "1"}), ("t.jsonl, line 3", {"b": "y"})],
    }


def test_one_object_of_a_file_may_hold_what_json_has_not(tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(gzip.compress(b'\xef\xbb\xbf{"scores": [NaN, -Infinity, 1]}'))
    assert [str(score) for score in read_object(path)["scores"]] == ["nan", "-inf", "1"]


@pytest.mark.parametrize("data", [b"[]", b'{"a": 1}\n{"a": 2}', b"\xff{}", b"", b"[" * 99_999], ids=range(5))
def test_anything_but_one_object_is_refused(tmp_path, data):
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(DataError, match=r"x\.json") as caught:
        read_object(tmp_path / "x.json")
    assert "one" in caught.value.hint
