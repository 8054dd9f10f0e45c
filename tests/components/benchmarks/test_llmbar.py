"""LLMBar from the hub's file, a local file of its form, and the official folder."""

import gzip
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

from judgebench import ConfigError, DataError, Preference
from judgebench.components.benchmarks.llmbar import COMPONENT as LLMBar
from judgebench.forms.llmbar import SETS

FILE = "allenai/reward-bench/data/filtered-00000-of-00001.parquet"


def row(name, subset):
    return {"id": name, "prompt": f"question {name}", "chosen": "good", "rejected": "bad", "subset": subset}


def official(folder, *, sets=tuple(SETS), label=2):
    for name in sets:
        place = folder / name
        place.mkdir(parents=True)
        rows = [{"input": f"{name} {n}", "output_1": "one", "output_2": "two", "label": label} for n in (0, 1)]
        (place / "dataset.json").write_text(json.dumps(rows))


def test_the_hub_holds_it_among_others(tmp_path):
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    rows = [row(1, "math-prm"), row(2, "llmbar-natural"), row(3, "llmbar-adver-GPTOut")]
    parquet.write_table(pa.Table.from_pylist(rows), path)
    benchmark = LLMBar(data_dir=str(tmp_path))
    items = benchmark.items()
    assert [item.id for item in items] == ["llmbar-natural/2", "llmbar-adver-GPTOut/3"]
    assert [item.stratum for item in items] == ["llmbar-natural", "llmbar-adver-GPTOut"]
    assert [response.author for response in items[0].responses] == ["chosen", "rejected"]
    assert items[0].gold == Preference((1.0, 0.0))
    assert list(benchmark.sources()) == ["filtered-00000-of-00001.parquet"]
    assert [file.path for file in benchmark.data_files()] == [FILE]


def test_a_local_file_of_the_hubs_form(tmp_path):
    path = tmp_path / "subsets.jsonl.gz"
    rows = [row("llmbar-natural-0", "llmbar-natural"), row("x", "donotanswer")]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    benchmark = LLMBar(path=str(path))
    (item,) = benchmark.items()
    assert item.id == "llmbar-natural-0"  # which names its subset already
    assert list(benchmark.sources()) == ["subsets.jsonl.gz"]
    assert benchmark.data_files() == []


@pytest.mark.parametrize("part", ["", "LLMBar", "Dataset/LLMBar"])
def test_the_official_folder_or_one_above_it(tmp_path, part):
    official(tmp_path / part)
    benchmark = LLMBar(path=str(tmp_path))
    items = benchmark.items()
    assert len(items) == 10
    assert {item.stratum for item in items} == set(SETS.values())
    item = items[3]
    assert (item.id, item.turns) == ("llmbar-adver-neighbor-1", ("Adversarial/Neighbor 1",))
    assert [(response.author, response.turns) for response in item.responses] == [
        ("output_1", ("one",)),
        ("output_2", ("two",)),
    ]
    assert item.gold == Preference((0.0, 1.0))
    assert len(benchmark.sources()) == 5


def test_all_five_sets_are_needed(tmp_path):
    official(tmp_path, sets=("Natural", "Adversarial/Manual"))
    with pytest.raises(DataError, match="Neighbor"):
        LLMBar(path=str(tmp_path)).items()


@pytest.mark.parametrize("label", [0, None, "1", True])
def test_a_row_of_another_form_is_named(tmp_path, label):
    official(tmp_path, label=label)
    with pytest.raises(DataError, match=r"dataset\.json, row 1 is no row of LLMBar"):
        LLMBar(path=str(tmp_path)).items()


def test_a_place_without_it(tmp_path):
    with pytest.raises(DataError, match="holds no folder Natural"):
        LLMBar(path=str(tmp_path)).items()
    path = tmp_path / "other.jsonl"
    path.write_text(json.dumps(row(1, "math-prm")) + "\n")
    with pytest.raises(DataError, match="holds no pair of LLMBar"):
        LLMBar(path=str(path)).items()


def test_a_revision_has_no_effect_on_a_path():
    with pytest.raises(ConfigError, match="revision has no effect") as caught:
        LLMBar(path="LLMBar", revision="abc")
    assert "path or revision" in caught.value.hint
    assert LLMBar(revision="abc").data_files()[0].revision == "abc"
