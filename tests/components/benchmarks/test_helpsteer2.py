"""helpsteer2 on small files of the hub's schema, with gold worked out by hand."""

import gzip
import json

import pytest

from judgebench import ConfigError, DataError
from judgebench.components.benchmarks.helpsteer2 import COMPONENT as HelpSteer2
from judgebench.plugin.options import build

NAMES = ("helpfulness", "correctness", "coherence", "complexity", "verbosity")


def put(tmp_path, name, *rows):
    """A mirror that holds the file."""
    path = tmp_path / "nvidia/HelpSteer2" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    return str(tmp_path)


def rated(prompt, *both):
    """Two rows, each response rated by five numbers."""
    return [
        {"prompt": prompt, "response": f"answer {k}", **dict(zip(NAMES, ratings, strict=True))}
        for k, ratings in enumerate(both, start=1)
    ]


def rows(tmp_path, *pairs, name="validation.jsonl.gz"):
    return put(tmp_path, name, *(row for number, pair in enumerate(pairs) for row in rated(f"q{number}", *pair)))


def test_the_higher_weighted_sum_is_better(tmp_path):
    """4·0.65 + 4·0.8 + 4·0.45 + 2·0.55 − 2·0.4 = 7.9 against 3·0.65 + 3·0.8 + 4·0.45 + 2·0.55 − 1·0.4 = 6.85."""
    data = rows(tmp_path, ((4, 4, 4, 2, 2), (3, 3, 4, 2, 1)), ((0, 0, 0, 0, 4), (0, 0, 0, 0, 0)))
    first, second = HelpSteer2(data_dir=data).items()
    assert first.gold.probs == (1.0, 0.0)
    assert first.ratings == pytest.approx((7.9, 6.85))
    assert first.subsets == ("strength-2",)
    assert first.responses[0].features == dict(zip(NAMES, (4, 4, 4, 2, 2), strict=True))
    assert [response.turns for response in first.responses] == [("answer 1",), ("answer 2",)]
    assert second.gold.probs == (0.0, 1.0)  # wordy alone: −1.6 against 0
    assert second.ratings == pytest.approx((-1.6, 0.0))
    assert [(item.id, item.cluster, item.stratum) for item in (first, second)] == [("1", "", ""), ("2", "", "")]


def test_sums_that_are_equal_are_no_pair_though_floating_point_tells_them_apart(tmp_path):
    """3·0.1 is 0.3 exactly, as 1·0.3 is; as floats they differ by 6e-17."""
    assert 3 * 0.1 != 0.3
    data = rows(tmp_path, ((3, 0, 0, 0, 0), (0, 1, 0, 0, 0)), ((3, 0, 0, 0, 0), (0, 2, 0, 0, 0)))
    (item,) = HelpSteer2(weights=(0.1, 0.3, 0, 0, 0), data_dir=data).items()
    assert item.id == "2"  # its place in the file, whichever pairs are left out
    assert item.gold.probs == (0.0, 1.0)


@pytest.mark.parametrize(("apart", "strength"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_the_strength_is_how_far_the_sums_are_apart(apart, strength, tmp_path):
    data = rows(tmp_path, ((apart, 0, 0, 0, 0), (0, 4, 4, 4, 4)))
    (item,) = HelpSteer2(weights=(1, 0, 0, 0, 0), data_dir=data).items()
    assert item.subsets == (f"strength-{strength}",)


def test_tenths_fall_on_the_side_where_exact_arithmetic_puts_them(tmp_path):
    """0.65 + 0.35 is 1, and 2·0.65 + 0.7 is 2."""
    data = rows(tmp_path, ((1, 1, 0, 0, 0), (0, 0, 0, 0, 0)), ((2, 2, 0, 0, 0), (0, 0, 0, 0, 0)))
    items = HelpSteer2(weights=(0.65, 0.35, 0, 0, 0), data_dir=data).items()
    assert [item.subsets for item in items] == [("strength-1",), ("strength-2",)]


def test_earlier_turns_are_context(tmp_path):
    asked = "one\n<extra_id_1>Assistant\ntwo\n<extra_id_1>User\nthree"
    data = put(tmp_path, "validation.jsonl.gz", *rated(asked, (1, 0, 0, 0, 0), (0, 0, 0, 0, 0)))
    (item,) = HelpSteer2(data_dir=data).items()
    assert item.turns == ("three",)
    assert [(message.role, message.content) for message in item.context] == [("user", "one"), ("assistant", "two")]


def test_pairs_of_one_prompt_are_resampled_together(tmp_path):
    pair = ((1, 0, 0, 0, 0), (0, 0, 0, 0, 0))
    data = put(tmp_path, "validation.jsonl.gz", *rated("q", *pair), *rated("p", *pair), *rated("q", *pair))
    assert [item.cluster or item.id for item in HelpSteer2(data_dir=data).items()] == ["1", "2", "1"]


def test_the_train_split_is_another_file(tmp_path):
    data = rows(tmp_path, ((1, 0, 0, 0, 0), (0, 0, 0, 0, 0)), name="train.jsonl.gz")
    benchmark = HelpSteer2(split="train", data_dir=data)
    assert len(benchmark.items()) == 1
    assert list(benchmark.sources()) == ["train.jsonl.gz"]
    assert [file.path for file in benchmark.data_files()] == ["nvidia/HelpSteer2/train.jsonl.gz"]


def preferred(strength, split="val", prompt="q"):
    pair = {"prompt": prompt, "response_1": "x", "response_2": "y"}
    return {"split": split, **pair, "preference_strength": strength, "preference_statement": "x or y"}


def test_stated_preferences_below_0_are_for_the_first_response(tmp_path):
    statements = [preferred(-3), preferred(1), preferred(0), preferred(2, "train"), preferred(2, prompt="p")]
    data = put(tmp_path, "preference/preference.jsonl.gz", *statements)
    items = HelpSteer2(gold="preference", data_dir=data).items()
    assert [(item.id, item.gold.probs, item.subsets) for item in items] == [
        ("1", (1.0, 0.0), ("strength-3",)),
        ("2", (0.0, 1.0), ("strength-1",)),
        ("5", (0.0, 1.0), ("strength-2",)),
    ]
    assert [item.cluster or item.id for item in items] == ["1", "1", "5"]
    (train,) = HelpSteer2(gold="preference", split="train", data_dir=data).items()
    assert train.id == "4"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (preferred(4), "preference_strength is 4"),
        (preferred(1.5), "preference_strength is 1.5"),
        (preferred(None), "preference_strength is None"),
        (preferred(1, "test"), "split is 'test'"),
        ({**preferred(1), "response_2": None}, "no text in 'response_2'"),
    ],
)
def test_a_preference_that_cannot_be_read_is_named(row, complaint, tmp_path):
    data = put(tmp_path, "preference/preference.jsonl.gz", preferred(1), row)
    with pytest.raises(DataError, match=complaint) as caught:
        HelpSteer2(gold="preference", data_dir=data).items()
    assert "line 2" in caught.value.message


PAIR = rated("q", (1, 0, 0, 0, 0), (0, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("found", "complaint", "line"),
    [
        ([*PAIR, PAIR[0]], "no second row of its prompt", 3),
        ([PAIR[0], {**PAIR[1], "prompt": "p"}], "no second row of its prompt", 1),
        ([PAIR[0], {**PAIR[1], "coherence": 5}], "coherence is 5", 2),
        ([{**PAIR[0], "verbosity": "2"}, PAIR[1]], "verbosity is '2'", 1),
        ([PAIR[0], {key: PAIR[1][key] for key in ("prompt", "response")}], "helpfulness is None", 2),
        ([{**PAIR[0], "response": 3}, PAIR[1]], "no text in 'response'", 1),
        ([{**PAIR[0], "prompt": None}, PAIR[1]], "no text in 'prompt'", 1),
    ],
)
def test_a_rated_row_that_cannot_be_read_is_named(found, complaint, line, tmp_path):
    with pytest.raises(DataError, match=complaint) as caught:
        HelpSteer2(data_dir=put(tmp_path, "validation.jsonl.gz", *found)).items()
    assert f"line {line}" in caught.value.message
    assert caught.value.hint


def test_weights_are_five_finite_numbers():
    assert build(HelpSteer2, {"weights": "[1, 0, 0, 0, 0]"}, "benchmark", strict=False).weights == (1, 0, 0, 0, 0)
    with pytest.raises(ConfigError, match="weights"):
        build(HelpSteer2, {"weights": [1, 0]}, "benchmark")
    with pytest.raises(ConfigError, match="the weights are"):
        HelpSteer2(weights=(1.0, 0.0, 0.0, 0.0, float("inf")))


def test_weights_have_no_effect_on_stated_preferences():
    with pytest.raises(ConfigError, match="weights have no effect") as caught:
        HelpSteer2(gold="preference", weights=(1, 0, 0, 0, 0))
    assert "gold=attributes" in caught.value.hint
    same = build(HelpSteer2, {"gold": "preference", "weights": [0.65, 0.8, 0.45, 0.55, -0.4]}, "benchmark")
    assert same == HelpSteer2(gold="preference")
