"""What the plugin brings keeps the rules of its kinds."""

from pathlib import Path

import pytest
from judgebench_lm_eval.backend import LmEval
from judgebench_lm_eval.benchmark import Tasks
from judgebench_lm_eval.logs import Logs
from judgebench_lm_eval.task_score import TaskScore
from lm_eval_logs import write

from judgebench import Chat, Message, Sampling, SequenceScore, Text
from judgebench.testing import conformance, make_all

WITH_ITEMS = {
    "brings the same items twice",
    "tells its items apart",
    "brings gold, ratings and votes that fit its responses",
    "keeps each cluster in one stratum",
}


def test_the_benchmark_conforms_but_for_its_items_that_come_with_scores() -> None:
    assert set(make_all(conformance(Tasks))) == WITH_ITEMS


def test_measure_and_import_conform(tmp_path: Path) -> None:
    assert make_all(conformance(TaskScore, examples=10)) == {}
    assert make_all(conformance(Logs, paths=[write(tmp_path, {"acc": [1.0, 0.0]}, {"acc": 0.5})])) == {}


def test_the_backend_conforms() -> None:
    pytest.importorskip("lm_eval", reason="needs lm-eval")
    import toy_lm  # noqa: F401  registers its classes

    sums = (Message("user", "4 + 5"),)
    asked = (Chat(sums, Sampling(max_tokens=6)), Text("4 + 5", Sampling(max_tokens=6)), SequenceScore(sums, "9"))
    not_made = make_all(conformance(LmEval, model_class="judgebench-toy", args={}, requests=asked))
    assert not_made == {"says that a secret is missing": "it needs no secret"}
