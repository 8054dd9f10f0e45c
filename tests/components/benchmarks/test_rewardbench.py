"""RewardBench from a mirror: small files of the hub's schema."""

import pyarrow as pa
import pytest
from pyarrow import parquet

from judgebench import ConfigError, DataError, Message, Preference
from judgebench.components.benchmarks.rewardbench import COMPONENT as RewardBench
from judgebench.components.benchmarks.rewardbench import PRIOR
from judgebench.forms.rewardbench_parts import PRIOR_SETS

FILE = "allenai/reward-bench/data/filtered-00000-of-00001.parquet"


def row(number, subset, **change):
    texts = {"prompt": f"question {number}", "chosen": f"good {number}", "rejected": f"bad {number}"}
    return {**texts, "chosen_model": "m", "rejected_model": "n", "subset": subset, "id": number, **change}


def save(folder, name, *rows):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(list(rows)), path)


def mirror(folder, *rows, **options):
    save(folder, FILE, *rows)
    return RewardBench(data_dir=str(folder), **options)


def test_a_pair_becomes_an_item(tmp_path):
    (item,) = mirror(tmp_path, row(7, "donotanswer")).items()
    assert (item.id, item.turns, item.context) == ("donotanswer/7", ("question 7",), ())
    assert [(response.author, response.turns) for response in item.responses] == [
        ("chosen", ("good 7",)),
        ("rejected", ("bad 7",)),
    ]
    assert item.gold == Preference((1.0, 0.0))
    assert (item.stratum, item.subsets, item.cluster) == ("donotanswer", ("donotanswer",), "")


def test_an_id_may_occur_in_two_subsets(tmp_path):
    items = mirror(tmp_path, row(3692, "donotanswer"), row(3692, "math-prm")).items()
    assert [item.id for item in items] == ["donotanswer/3692", "math-prm/3692"]


def test_the_same_problem_in_another_language_is_one_cluster(tmp_path):
    """By the order of ids within the subset, whatever the order of the rows."""
    rows = [row(12, "hep-go"), row(10, "hep-go"), row(21, "hep-js"), row(20, "hep-js"), row(1, "math-prm")]
    items = {item.id: item for item in mirror(tmp_path, *rows).items()}
    assert {name: item.cluster for name, item in items.items()} == {
        "hep-go/10": "hep-000",
        "hep-js/20": "hep-000",
        "hep-go/12": "hep-001",
        "hep-js/21": "hep-001",
        "math-prm/1": "",
    }
    assert {item.stratum for item in items.values()} == {"hep", "math-prm"}
    assert items["hep-go/10"].subsets == ("hep-go",)


def test_code_of_different_lengths_tells_no_problems(tmp_path):
    with pytest.raises(DataError, match="differ in length: hep-go 2, hep-js 1"):
        mirror(tmp_path, row(0, "hep-go"), row(1, "hep-go"), row(2, "hep-js")).items()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"chosen": None}, "row 2 has no text in 'chosen'"),
        ({"id": None}, "row 2 has no subset or no id"),
        ({"subset": "chat-easy"}, "row 2: unknown subset 'chat-easy'"),
        ({"subset": None}, "row 2: unknown subset None"),
    ],
)
def test_a_row_of_another_form_is_named(tmp_path, change, message):
    with pytest.raises(DataError, match=message):
        mirror(tmp_path, row(0, "math-prm"), {**row(1, "math-prm"), **change}).items()


def prior(folder, *, ids=(0, 1)):
    said = [{"content": "hello", "role": "user"}, {"content": "hi", "role": "assistant"}]
    for name in PRIOR:
        rows = [
            {"prompt": [*said, {"content": f"ask {n}", "role": "user"}], "chosen": "x", "rejected": "y", "id": n}
            for n in ids
        ]
        save(folder, f"allenai/preference-test-sets/data/{name}-00000-of-00001.parquet", *rows)


def test_prior_sets_are_conversations(tmp_path):
    prior(tmp_path)
    first, *others = mirror(tmp_path, row(0, "math-prm"), prior_sets=True).items()
    assert first.id == "math-prm/0"
    assert [item.id for item in others] == [f"{name}/{n}" for name in PRIOR for n in (0, 1)]
    assert {item.stratum for item in others} == set(PRIOR_SETS)
    assert others[0].turns == ("ask 0",)
    assert others[0].context == (Message("user", "hello"), Message("assistant", "hi"))


def test_files_are_named_with_their_digests(tmp_path):
    prior(tmp_path)
    benchmark = mirror(tmp_path, row(0, "math-prm"), prior_sets=True, revision="abc")
    assert [file.path for file in benchmark.data_files()] == [
        FILE,
        *(f"allenai/preference-test-sets/data/{name}-00000-of-00001.parquet" for name in PRIOR),
    ]
    assert [file.revision for file in benchmark.data_files()] == ["abc", None, None, None, None]
    benchmark.items()
    assert len(benchmark.sources()) == 5
    plain = mirror(tmp_path, row(0, "math-prm"))
    assert list(plain.sources()) == ["filtered-00000-of-00001.parquet"]
    assert len(plain.data_files()) == 1


def test_a_revision_of_the_older_sets_needs_them():
    with pytest.raises(ConfigError, match="prior_revision has no effect") as caught:
        RewardBench(prior_revision="abc")
    assert "prior_sets=true" in caught.value.hint
    assert RewardBench(prior_sets=True, prior_revision="abc").data_files()[-1].revision == "abc"
