import gzip
import hashlib
import json
import os
from math import exp, log
from pathlib import Path

import pytest

from judgebench import DataError
from judgebench.components.imports.alpaca_eval import COMPONENT as AlpacaEval
from judgebench.core.item import Miss, Preference

ROW = {
    "instruction": "q",
    "output_1": "base answer",
    "generator_1": "base",
    "dataset": "koala",
    "output_2": "own answer",
    "generator_2": "model",
    "annotator": "judge",
    "preference": 1.25,
}


def completion(**chances):
    """A completion as the official code records it, with the chance of each token."""
    top = [{"token": token, "logprob": log(chance)} for token, chance in chances.items()]
    return {"text": "m", "logprobs": {"content": [{"token": "m", "top_logprobs": top}]}}


def read(tmp_path, *rows):
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(rows))
    return list(AlpacaEval().read([path]))


def test_an_annotation_holds_item_answer_and_verdict(tmp_path):
    (row,) = read(tmp_path, ROW)
    assert row.item.id == hashlib.sha256(b"q").hexdigest()[:16]
    assert (row.item.turns, row.item.stratum) == (("q",), "koala")
    assert (row.item.baseline.turns, row.item.baseline.author) == (("base answer",), "base")
    assert (row.response.turns, row.response.author, row.policy, row.judge) == (
        ("own answer",),
        *["model"] * 2,
        "judge",
    )
    assert (row.verdict, row.order, row.samples) == (Preference((0.25, 0.75)), (0, 1), ())


@pytest.mark.parametrize(("given", "p"), [(1, 0.0), (1.0, 0.0), (2, 1.0), (1.5, 0.5), (0, 0.5), (0.0, 0.5)])
def test_the_scale_of_preferences(given, p, tmp_path):
    (row,) = read(tmp_path, {**ROW, "preference": given})
    assert row.verdict == Preference((p, 1.0 - p))


def test_null_and_nothing_are_no_verdict(tmp_path):
    without = {name: value for name, value in ROW.items() if name != "preference"}
    for row in read(tmp_path, {**ROW, "preference": None}, {**without, "instruction": "r"}):
        assert row.verdict == Miss("read", "no preference is recorded")
        assert row.response.turns == ("own answer",)


@pytest.mark.parametrize("given", [0.5, 0.999, 2.01, -1, 3, "1.5", True, [1]])
def test_a_preference_off_the_scale_is_named(given, tmp_path):
    with pytest.raises(DataError, match=r"annotations\.json, row 2: preference is") as caught:
        read(tmp_path, ROW, {**ROW, "instruction": "r", "preference": given})
    assert "0 is a draw" in caught.value.hint


@pytest.mark.parametrize("name", ["instruction", "output_1", "generator_1", "output_2", "generator_2", "annotator"])
@pytest.mark.parametrize("value", [None, 3])
def test_a_row_that_lacks_a_text_is_named(name, value, tmp_path):
    with pytest.raises(DataError, match=rf"annotations\.json, row 2 has no text in '{name}'"):
        read(tmp_path, ROW, {**ROW, name: value})


def test_an_empty_answer_is_an_answer_and_an_empty_instruction_is_none(tmp_path):
    (row,) = read(tmp_path, {**ROW, "output_1": "", "output_2": ""})
    assert (row.response.turns, row.item.baseline.turns) == (("",), ("",))
    with pytest.raises(DataError, match="no text in 'instruction'"):
        read(tmp_path, {**ROW, "instruction": ""})


@pytest.mark.parametrize("write", [lambda raw: raw, json.dumps, repr])
@pytest.mark.parametrize(
    ("chance", "order", "shown"),
    [
        ({"m": 0.6, "M": 0.2, "The": 0.2}, (1, 0), (0.75, 0.25)),  # 75 % for the first: the baseline was first
        ({"m": 0.2, "M": 0.6}, (0, 1), (0.25, 0.75)),
        ({"m": 0.5, "M": 0.3}, (0, 1), (0.25, 0.75)),  # neither order gives the recorded preference
        ({"The": 0.9}, (0, 1), (0.25, 0.75)),
    ],
)
def test_the_order_is_that_under_which_the_log_probabilities_give_the_preference(write, chance, order, shown, tmp_path):
    (row,) = read(tmp_path, {**ROW, "raw_completion": write(completion(**chance))})
    assert row.order == order
    assert row.verdict.probs == pytest.approx(shown)
    (sample,) = row.samples
    assert (sample.model, sample.completion.text) == ("judge", "m")
    assert dict(sample.completion.logprobs) == pytest.approx({token: log(value) for token, value in chance.items()})


def test_one_name_alone_is_certain(tmp_path):
    row = {**ROW, "preference": 2, "raw_completion": completion(M=0.9)}
    assert read(tmp_path, row)[0].order == (1, 0)
    row["raw_completion"] = completion(m=0.9)
    assert read(tmp_path, row)[0].order == (0, 1)


def test_a_draw_leaves_the_order_open(tmp_path):
    (row,) = read(tmp_path, {**ROW, "preference": 1.5, "raw_completion": completion(m=0.4, M=0.4)})
    assert (row.order, row.verdict.probs) == ((0, 1), (0.5, 0.5))


@pytest.mark.parametrize("raw", [None, 3, "", "no completion", "[", "{'a': f()}", [], {}, {"logprobs": None}, "\x00"])
def test_a_completion_that_cannot_be_read_is_left_out(raw, tmp_path):
    (row,) = read(tmp_path, {**ROW, "raw_completion": raw})
    assert (row.samples, row.order, row.verdict.probs) == ((), (0, 1), (0.25, 0.75))


def test_a_completion_without_log_probabilities_keeps_its_text(tmp_path):
    (row,) = read(tmp_path, {**ROW, "raw_completion": {"text": "M", "logprobs": None}})
    assert row.order == (0, 1)
    assert [sample.text for sample in row.samples] == ["M"]


def test_a_miss_keeps_its_completion(tmp_path):
    (row,) = read(tmp_path, {**ROW, "preference": None, "raw_completion": completion(The=0.5)})
    assert isinstance(row.verdict, Miss)
    assert len(row.samples) == 1


def test_row_is_the_place_among_the_models_rows_of_its_file(tmp_path):
    rows = [{**ROW, "instruction": q, "generator_2": model} for q in "qr" for model in ("x", "y")]
    found = read(tmp_path, *rows, {**rows[0], "instruction": "s"})
    assert [(row.policy, row.response.features["row"]) for row in found] == [
        ("x", 0),
        ("y", 0),
        ("x", 1),
        ("y", 1),
        ("x", 2),
    ]
    path = tmp_path / "annotations.json"
    assert [row.response.features["row"] for row in AlpacaEval().read([path, path])] == [0, 0, 1, 1, 2] * 2


def test_gzip_and_lines_are_read_too(tmp_path):
    plain = read(tmp_path, ROW)
    packed, lines = tmp_path / "a.json.gz", tmp_path / "a.jsonl"
    packed.write_bytes(gzip.compress((tmp_path / "annotations.json").read_bytes()))
    lines.write_text(json.dumps(ROW) + "\n")
    assert list(AlpacaEval().read([packed])) == list(AlpacaEval().read([lines])) == plain


def test_real_annotations():
    named = os.environ.get("JUDGEBENCH_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[3] / "../shared/data"
    path = folder / "alpaca_eval_2/annotations_full/text_davinci_001.json.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    found = list(AlpacaEval().read([path]))
    assert len(found) == 200
    assert {row.policy for row in found} == {"text_davinci_001"}
    assert [row.response.features["row"] for row in found] == list(range(200))
    checked = 0
    for row in found:
        if not row.samples or isinstance(row.verdict, Miss):
            continue
        chance = {token: exp(value) for token, value in row.samples[0].completion.logprobs if token in ("m", "M")}
        first = chance.get("m", 0.0) / sum(chance.values())
        assert row.verdict.probs == pytest.approx((first, 1.0 - first), abs=1e-4)
        checked += 1
    assert checked > 150
    assert 0.35 < sum(row.order == (1, 0) for row in found) / len(found) < 0.65


@pytest.mark.parametrize(
    "raw",
    [
        '{"logprobs": {"content": [{"top_logprobs": [{"token": "m", "logprob": -9999.0}]}]}}',
        '{"logprobs": {"content": [{"top_logprobs": [{"token": "m", "logprob": 10000.0}]}]}}',
        "{[]: 1}",
        "[" * 100_000,
    ],
    ids=["improbable", "impossible", "no key", "without end"],
)
def test_a_completion_that_tells_no_order_is_no_error(raw, tmp_path):
    row = {
        "instruction": "q", "output_1": "a", "generator_1": "base", "output_2": "b", "generator_2": "m",
        "annotator": "j", "preference": 1.25, "raw_completion": raw,
    }  # fmt: skip
    (tmp_path / "annotations.json").write_text(json.dumps([row]))
    (judged,) = AlpacaEval().read([tmp_path / "annotations.json"])
    assert judged.order[judged.verdict.probs.index(0.25)] == 0
