"""The official annotation records, read again by the judge: their completions hold the preferences that they record."""

import gzip
import json
from pathlib import Path

import pytest
from alpaca_eval_kit import judge, read, trial
from judgebench_alpaca_eval import package

from judgebench import Completion


def test_recorded_completions_give_the_recorded_preferences(recorded: Path) -> None:
    processor = package.module("processors").RandomSwitchTwoColumnsProcessor(
        two_columns_to_switch=["output_1", "output_2"],
        random_seed_columns=["instruction"],
        _switch_column="is_switched_outputs",
        seed=0,
    )
    pandas = package.module("utils").pd
    made, read_again, without = judge(), 0, 0
    for path in sorted((recorded / "alpaca_eval_2/annotations_full").glob("*.json.gz")):
        with gzip.open(path) as file:
            rows = json.load(file)
        switched = processor.preprocess(pandas.DataFrame(rows))["is_switched_outputs"].tolist()
        for row, turned in zip(rows, switched, strict=True):
            if row["raw_completion"] is None:
                without += 1
                continue
            assert row["annotator"] == made.config
            raw = row["raw_completion"]
            top = raw["logprobs"]["content"][0]["top_logprobs"]
            pairs = tuple((entry["token"], entry["logprob"]) for entry in top)
            outputs = (row["output_1"], row["output_2"])
            shown = outputs[::-1] if turned else outputs
            verdict = read(made, trial(row["instruction"], *shown), Completion(raw["text"], logprobs=pairs))
            assert verdict is not None
            assert verdict.probs[0 if turned else 1] + 1 == pytest.approx(row["preference"], abs=1e-10)
            read_again += 1
    print(f"{read_again} recorded completions read again, {without} without one")
    assert (read_again, without) == (199, 1)
