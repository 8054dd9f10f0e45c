"""What is made of lm-eval's files, and of those that are damaged or stand alone."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from judgebench_lm_eval.benchmark import Tasks
from judgebench_lm_eval.logs import Logs
from lm_eval_logs import DATE, write

from judgebench import ConfigError, DataError, Judged, Match, Miss, Score


def read(*paths: Path, **options: Any) -> list[Judged]:
    return list(Logs(**options).read(paths))


def test_a_document_becomes_a_verdict(tmp_path: Path) -> None:
    results = write(tmp_path, {"acc": [1.0, 0.0, True]}, {"acc": 2 / 3, "acc_stderr": "N/A"})
    rows = read(results)
    assert [row.verdict for row in rows] == [Score((1.0,)), Score((0.0,)), Score((1.0,))]
    first = rows[0]
    assert (first.judge, first.policy, first.alone, first.order) == ("lm-eval/t/acc", "step-20", True, (0,))
    assert (first.item.id, first.item.turns, first.item.stratum) == ("t/0", ('{"q": 0}',), "t")
    assert first.response is not None
    assert first.response.turns == ("answer 0",)


def test_either_file_will_do_and_both_count_once(tmp_path: Path) -> None:
    results = write(tmp_path, {"acc": [1.0, 0.0]}, {"acc": 0.5})
    samples = results.with_name(f"samples_t_{DATE}.jsonl")
    assert read(results) == read(samples) == read(results, samples)
    assert {row.policy for row in read(samples, policy="mine")} == {"mine"}


@pytest.mark.parametrize(
    ("values", "printed", "higher", "told"),
    [
        ([[-3.0, 4], [-2.0, 5]], 7.1, False, "no plain number"),
        ([-1.0, -2.0], math.exp(1.5), False, "no mean"),
        ([0.5, 0.25], 0.375, False, "less is better"),
        ([12.0, 30.0], 21.0, True, "leaves the range"),
        ([0.5, 0.25], "N/A", True, "no mean"),
        ([0.5, 0.25], 0.3751, True, "no mean"),
    ],
)
def test_what_is_no_mean_of_scores_is_missing_and_says_why(
    tmp_path: Path, values: list[Any], printed: Any, higher: bool, told: str
) -> None:
    results = write(
        tmp_path, {"acc": [1.0, 0.0], "odd": values}, {"acc": 0.5, "odd": printed}, {"acc": True, "odd": higher}
    )
    found = {
        judge: [row.verdict for row in read(results) if row.judge == judge]
        for judge in ("lm-eval/t/acc", "lm-eval/t/odd")
    }
    assert found["lm-eval/t/acc"] == [Score((1.0,)), Score((0.0,))]
    for verdict in found["lm-eval/t/odd"]:
        assert isinstance(verdict, Miss)
        assert told in verdict.reason


def test_other_numbers_of_examples_are_another_table(tmp_path: Path) -> None:
    results = write(tmp_path, {"acc": [1.0]}, {"acc": 1.0})
    results.write_text(json.dumps({**json.loads(results.read_text()), "n-shot": {"t": 5}}))
    assert [row.judge for row in read(results)] == ["lm-eval/t/acc (5-shot)"]


def test_a_document_without_a_number_is_missing_alone(tmp_path: Path) -> None:
    rows = read(write(tmp_path, {"acc": [1.0, math.nan, 0.0]}, {"acc": 0.5}))
    assert [type(row.verdict) for row in rows] == [Score, Miss, Score]


def test_a_model_without_arguments_is_called_by_its_class(tmp_path: Path) -> None:
    results = write(tmp_path, {"acc": [1.0]}, {"acc": 1.0})
    whole = json.loads(results.read_text())
    results.write_text(json.dumps({**whole, "config": {"model": "dummy", "model_args": {}}, "model_name": "x7k2"}))
    assert read(results)[0].policy == "dummy"


def test_files_that_are_missing_or_damaged_are_named(tmp_path: Path) -> None:
    results = write(tmp_path / "a", {"acc": [1.0]}, {"acc": 1.0})
    samples = results.with_name(f"samples_t_{DATE}.jsonl")
    other = tmp_path / "notes.txt"
    other.write_text("x")
    whole, rows = results.read_text(), samples.read_text()

    def told(path: Path) -> str:
        with pytest.raises(DataError) as caught:
            read(path)
        assert caught.value.hint
        return caught.value.message

    assert "is no file of lm-eval's" in told(other)
    samples.write_text(rows[:-20])
    assert "line 1" in told(results)
    samples.write_text('{"doc_id": 0}\n')
    assert "line 1 is no sample" in told(results)
    samples.write_text("\n")
    assert "is empty" in told(results)
    samples.write_text(rows.replace('"filter": "none"', '"filter": "strict"'))
    assert "lacks the samples of t/acc" in told(results)
    samples.unlink()
    assert "No such file" in told(results)
    samples.write_text(rows)
    results.write_text("{")
    assert str(results) in told(results)
    results.write_text("{}")
    assert "is no file of results" in told(results)
    results.unlink()
    assert "there is no results_" in told(samples)
    results.write_text(whole.replace('"t": {"alias"', '"u": {"alias"'))
    assert "no results of 't'" in told(samples)


def test_the_benchmark_has_no_items_to_ask_about() -> None:
    with pytest.raises(ConfigError, match="come with their scores") as caught:
        Tasks().items()
    assert "judgebench lm-eval TASK" in caught.value.hint
    assert Tasks().matches(["a", "b"]) == [Match("a", alone=True), Match("b", alone=True)]
