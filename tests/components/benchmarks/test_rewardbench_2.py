"""RewardBench 2 from a mirror: a small file of the hub's schema."""

import pyarrow as pa
import pytest
from pyarrow import parquet

from judgebench import DataError, Preference
from judgebench.components.benchmarks.rewardbench_2 import COMPONENT as RewardBench2

FILE = "allenai/reward-bench-2/data/test-00000-of-00001.parquet"


def row(name="1", subset="Math", good=1, bad=3, **change):
    found = {
        "id": name,
        "prompt": f"question {name}",
        "chosen": [f"good {k}" for k in range(good)],
        "rejected": [f"bad {k}" for k in range(bad)],
        "num_correct": good,
        "subset": subset,
    }
    return {**found, **change}


def items(folder, *rows):
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(list(rows)), path)
    return RewardBench2(data_dir=str(folder)).items()


def test_the_right_response_has_the_first_slot(tmp_path):
    (item,) = items(tmp_path, row(subset="Precise IF"))
    assert (item.id, item.turns, item.cluster) == ("precise-if/1", ("question 1",), "")
    assert (item.stratum, item.subsets) == ("precise-if", ("precise-if",))
    assert [response.author for response in item.responses] == ["chosen-1", "rejected-1", "rejected-2", "rejected-3"]
    assert [response.turns for response in item.responses] == [("good 0",), ("bad 0",), ("bad 1",), ("bad 2",)]
    assert item.gold == Preference((1.0, 0.0, 0.0, 0.0))


def test_right_responses_share_the_gold(tmp_path):
    (item,) = items(tmp_path, row("tied:3", "Ties", good=4, bad=2))
    assert item.gold == Preference((0.25, 0.25, 0.25, 0.25, 0.0, 0.0))


def test_a_prompt_of_the_ties_and_the_like_one_are_a_cluster(tmp_path):
    found = items(tmp_path, row("ref:3", "Ties"), row("tied:3", "Ties", good=2), row("ref:4", "Ties"))
    assert [item.id for item in found] == ["ties/ref:3", "ties/tied:3", "ties/ref:4"]
    assert [item.cluster for item in found] == ["ties/3", "ties/3", "ties/4"]
    assert {item.stratum for item in found} == {"ties"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subset": "Maths"}, "row 2: subset is 'Maths', id '2'"),
        ({"subset": "Ties"}, "row 2: id is '2'"),
        ({"prompt": ""}, "row 2 has no text in 'prompt'"),
        ({"rejected": []}, "row 2 has no list of texts in 'rejected'"),
        ({"chosen": [None]}, "row 2 has no list of texts in 'chosen'"),
        ({"num_correct": 2}, "row 2: num_correct is 2, and there are 1 chosen"),
    ],
)
def test_a_row_of_another_form_is_named(tmp_path, change, message):
    with pytest.raises(DataError, match=message):
        items(tmp_path, row(), {**row("2"), **change})


def test_the_file_is_named(tmp_path):
    items(tmp_path, row())
    benchmark = RewardBench2(data_dir=str(tmp_path))
    assert [file.path for file in benchmark.data_files()] == [FILE]
    assert list(benchmark.sources()) == ["test-00000-of-00001.parquet"]
