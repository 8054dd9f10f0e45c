import hashlib
import json

import pytest

from judgebench import DataError
from judgebench.components.benchmarks.alpaca_eval_2 import COMPONENT as AlpacaEval2

HEADER = "model,index,preference,std_delta_len,instruction_difficulty,not_gamed_baseline"
GAMED = (
    "concise,0,0.125,2.5,-0.5,False",
    "concise,1,0.25,-1.5,0.75,False",
    "concise,2,0.375,0.5,1e-10,False",
    "verbose,2,0.5,-0.5,1e-10,False",
    "verbose,0,0.625,1.0,-0.5,False",
)
ROWS = tuple(
    {"dataset": stratum, "instruction": f"question {n}", "output": "answer" * n, "generator": "gpt4_1106_preview"}
    for n, stratum in enumerate(("helpful_base", "koala", "koala"))
)


def mirror(folder, rows=ROWS, gamed=GAMED, header=HEADER):
    place = folder / "tatsu-lab/alpaca_eval"
    place.mkdir(parents=True, exist_ok=True)
    (place / "alpaca_eval_gpt4_baseline.json").write_text(json.dumps(rows))
    (place / "df_gamed.csv").write_text("\n".join([header, *gamed]) + "\n")
    return AlpacaEval2(data_dir=str(folder))


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv("JUDGEBENCH_DATA", raising=False)


def test_instructions_become_items(tmp_path):
    items = mirror(tmp_path).items()
    assert [item.id for item in items] == ["0", "1", "2"]
    assert [item.turns for item in items] == [("question 0",), ("question 1",), ("question 2",)]
    assert [item.stratum for item in items] == ["helpful_base", "koala", "koala"]
    assert [item.features for item in items] == [
        {"difficulty": -0.5, "row": 0.0},
        {"difficulty": 0.75, "row": 1.0},
        {"difficulty": 1e-10, "row": 2.0},
    ]
    assert [item.baseline.turns for item in items] == [("",), ("answer",), ("answeranswer",)]
    assert {item.baseline.author for item in items} == {"gpt4_1106_preview"}
    assert all(item.responses == () and item.gold is None for item in items)


def test_the_numbers_beside_the_items(tmp_path):
    assert mirror(tmp_path).reference() == {
        "difficulty": [-0.5, 0.75, 1e-10],
        "gamed.preference": [0.125, 0.25, 0.375, 0.5, 0.625],
        "gamed.length_difference": [2.5, -1.5, 0.5, -0.5, 1.0],
        "gamed.difficulty": [-0.5, 0.75, 1e-10, 1e-10, -0.5],
    }


def test_sources_name_the_files_that_were_read(tmp_path):
    benchmark = mirror(tmp_path)
    place = tmp_path / "tatsu-lab/alpaca_eval"

    def source(name):
        return f"tatsu-lab/alpaca_eval (mirror) sha256:{hashlib.sha256((place / name).read_bytes()).hexdigest()}"

    assert benchmark.sources() == {"df_gamed.csv": source("df_gamed.csv")}
    benchmark.items()
    name = "alpaca_eval_gpt4_baseline.json"
    assert benchmark.sources() == {"df_gamed.csv": source("df_gamed.csv"), name: source(name)}


def test_the_variable_names_a_mirror(tmp_path, monkeypatch):
    mirror(tmp_path)
    monkeypatch.setenv("JUDGEBENCH_DATA", str(tmp_path))
    assert len(AlpacaEval2().items()) == 3


def test_the_reference_needs_no_instructions(tmp_path):
    benchmark = mirror(tmp_path)
    (tmp_path / "tatsu-lab/alpaca_eval/alpaca_eval_gpt4_baseline.json").unlink()
    assert benchmark.reference()["difficulty"] == [-0.5, 0.75, 1e-10]
    with pytest.raises(DataError, match=r"alpaca_eval_gpt4_baseline\.json is not there"):
        benchmark.items()


def test_without_the_gamed_rows_there_is_nothing(tmp_path):
    benchmark = mirror(tmp_path)
    (tmp_path / "tatsu-lab/alpaca_eval/df_gamed.csv").unlink()
    for ask in (benchmark.items, benchmark.reference, benchmark.sources):
        with pytest.raises(DataError, match=r"df_gamed\.csv is not there"):
            ask()


@pytest.mark.parametrize("column", ["instruction", "output", "generator", "dataset"])
@pytest.mark.parametrize("value", [None, 3, ["text"]])
def test_an_instruction_that_lacks_a_text_is_named(column, value, tmp_path):
    with pytest.raises(DataError, match=rf"baseline\.json, row 2 has no text in '{column}'") as caught:
        mirror(tmp_path, (ROWS[0], {**ROWS[1], column: value}, ROWS[2])).items()
    assert caught.value.hint


@pytest.mark.parametrize("column", ["instruction", "generator", "dataset"])
def test_only_an_answer_may_be_empty(column, tmp_path):
    with pytest.raises(DataError, match=f"row 1 has no text in '{column}'"):
        mirror(tmp_path, ({**ROWS[0], column: ""}, *ROWS[1:])).items()


@pytest.mark.parametrize("rows", [ROWS[:2], (*ROWS, ROWS[0])])
def test_both_files_must_have_the_same_instructions(rows, tmp_path):
    with pytest.raises(DataError, match=f"has {len(rows)} instructions, .* difficulty of 3") as caught:
        mirror(tmp_path, rows).items()
    assert "one revision" in caught.value.hint


@pytest.mark.parametrize("column", ["index", "preference", "std_delta_len", "instruction_difficulty"])
def test_a_gamed_column_is_missing(column, tmp_path):
    with pytest.raises(DataError, match=rf"df_gamed\.csv: column '{column}' is missing"):
        mirror(tmp_path, header=HEADER.replace(column, "other")).reference()


@pytest.mark.parametrize(
    ("place", "column"), [(1, "index"), (2, "preference"), (3, "std_delta_len"), (4, "instruction_difficulty")]
)
@pytest.mark.parametrize("cell", ["", "much"])
def test_a_gamed_cell_that_is_no_number_is_named(place, column, cell, tmp_path):
    cells = GAMED[1].split(",")
    cells[place] = cell
    with pytest.raises(DataError, match=rf"df_gamed\.csv, row 2: {column} is '{cell}'"):
        mirror(tmp_path, gamed=(GAMED[0], ",".join(cells), *GAMED[2:])).reference()


def test_an_instruction_has_one_difficulty(tmp_path):
    with pytest.raises(DataError, match="gives instruction 0 two difficulties"):
        mirror(tmp_path, gamed=(*GAMED, "verbose,0,0.5,1.0,0.25,False")).items()


@pytest.mark.parametrize("index", ["4", "-1", "1.5"])
def test_instructions_are_numbered_without_gaps(index, tmp_path):
    with pytest.raises(DataError, match="does not number its instructions from 0 on"):
        mirror(tmp_path, gamed=(*GAMED, f"verbose,{index},0.5,1.0,0.25,False")).reference()


@pytest.mark.parametrize("gamed", [(), ("concise,0,0.5",)])
def test_an_empty_or_torn_file_is_named(gamed, tmp_path):
    with pytest.raises(DataError, match=r"df_gamed\.csv"):
        mirror(tmp_path, gamed=gamed).reference()
    with pytest.raises(DataError, match=r"baseline\.json is empty"):
        mirror(tmp_path, rows=()).items()
