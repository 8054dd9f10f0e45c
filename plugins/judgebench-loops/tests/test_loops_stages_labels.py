"""RLAIF's labels on scripted models, computed once more from the records by plain code."""

import math
from collections import Counter

import pytest
from loops_data_kit import CANDIDATES, LABELS, said_to
from loops_kit import lines, loop, made, prompts, record, rows, text_of

from judgebench import ConfigError


def labelled(tmp_path, **options):
    """An RLAIF loop whose labeler's probabilities depend on what stands first."""
    logprobs = [
        ({"1": -0.1, "2": -2.5}, "Response 1: A long"),
        ({"1": -1.5, "2": -0.3}, "Response 1: Short"),
        ({" 1": -2.0, "1": -2.0, "2": -0.9}, "Response 1: Medium"),
        ({"x": -0.1}, "Response 1: junk"),
    ]
    rules = [{"match": match, "reply": "Because.", "logprobs": found} for found, match in logprobs]
    rules.append({"reply": "Because.", "logprobs": {"1": -0.7, "2": -0.6}})
    path = lines(tmp_path / "rules.jsonl", rules)
    more = {"rlaif": options} if options else {}
    return loop(
        tmp_path,
        "rlaif",
        models={"labeler": {"backend": "scripted", "path": str(path)}},
        prompts={"path": str(prompts(tmp_path, 10))},
        candidates={"n": 4},
        **more,
    )


def softmax(verdict):
    first = second = 0.0
    for token, value in verdict["samples"][-1]["completion"]["logprobs"]:
        first += math.exp(value) * (token.strip() == "1")
        second += math.exp(value) * (token.strip() == "2")
    if first + second == 0:
        return None
    shown = (first / (first + second), second / (first + second))
    return shown[verdict["order"].index(0)]


@pytest.mark.parametrize("average", ["probabilities", "log-probabilities"])
def test_rlaifs_soft_labels(average, tmp_path):
    of = labelled(tmp_path, average=average, confidence=0.52)
    marks, _ = made(of, LABELS)
    candidates = said_to(of)
    by_prompt, expected, dropped = {}, {}, Counter()
    for verdict in record(of, LABELS, "verdict"):
        by_prompt.setdefault(verdict["item"], []).append(softmax(verdict))
    assert by_prompt.keys() == candidates.keys()
    for name, orders in by_prompt.items():
        if len(orders) < 2 or None in orders:
            dropped["an order is missing"] += 1
            continue
        if average == "probabilities":
            p = sum(orders) / 2
        else:
            one, two = math.sqrt(math.prod(orders)), math.sqrt(math.prod(1 - p for p in orders))
            p = one / (one + two)
        if max(p, 1 - p) < 0.52:
            dropped["below the confidence"] += 1
            continue
        texts = list(candidates[name])[:2]
        expected[f"label:{name}"] = (*(texts if p >= 0.5 else texts[::-1]), max(p, 1 - p))
    found = {
        row["id"]: (text_of(row["chosen"]), text_of(row["rejected"]), row["probability"]) for row in rows(of, LABELS)
    }
    assert found.keys() == expected.keys()
    for name, (chosen, rejected, p) in expected.items():
        assert found[name] == (chosen, rejected, pytest.approx(p))
    assert marks[LABELS].dropped == dropped
    assert len(expected) >= 3
    assert marks[LABELS].rows + sum(dropped.values()) == marks[CANDIDATES].rows


def test_rlaifs_hard_labels(tmp_path):
    of = labelled(tmp_path, hard=True)
    made(of, LABELS)
    found = rows(of, LABELS)
    assert {row["probability"] for row in found} == {1.0}
    assert all(0.5 <= row["lineage"]["probability"] < 1 for row in found)


def test_direct_rlaif_needs_a_judge(tmp_path):
    with pytest.raises(ConfigError, match="mode=direct names no judge"):
        made(loop(tmp_path, "rlaif", rlaif={"mode": "direct"}), "iteration-1/rl-prompts")
    of = loop(
        tmp_path, "rlaif", rlaif={"mode": "direct", "reward": "expected-score@current"}, candidates={"system": "Hi"}
    )
    made(of, "iteration-1/rl-prompts")
    found = rows(of, "iteration-1/rl-prompts")
    assert [row["prompt"][0] for row in found] == [{"role": "system", "content": "Hi"}] * 6
    assert not (of.out / CANDIDATES).exists()


def test_a_pair_that_one_order_did_not_answer(tmp_path):
    of = labelled(tmp_path, missing="other")
    marks, _ = made(of, LABELS)
    assert marks[LABELS].dropped == {}
    orders = {}
    for verdict in record(of, LABELS, "verdict"):
        orders.setdefault(verdict["item"], []).append(softmax(verdict))
    alone = {name: max(p for p in two if p is not None) for name, two in orders.items() if None in two}
    assert alone
    found = {row["lineage"]["prompt"]: row["probability"] for row in rows(of, LABELS)}
    for name, p in alone.items():
        assert found[name] == pytest.approx(max(p, 1 - p))
