"""A judge as a reward: its scores, its misses, its record, and models that stay loaded."""

import math
from pathlib import Path
from typing import Any

import pytest
from judgebench_loops.training import direct
from judgebench_loops.training.kept_open import KEPT
from judgebench_loops.training.reward_source import Reward
from loops_training_kit import message

from judgebench import ConfigError, DataError, Item, Judged, Preference

PROMPTS = [[message("system", "Be brief."), message("user", "One?")], [message("user", "Two?")]]


def scripted(judge: str, *replies: str) -> Reward:
    return Reward(judge={"judge": judge, "model": "m"}, models={"m": {"backend": "scripted", "replies": list(replies)}})


def test_scores_and_misses(tmp_path: Path) -> None:
    with direct.scorer(scripted("rating", "no number here"), tmp_path, 0) as score:
        assert score(PROMPTS, ["a", "b"]) == [None, None]
    with direct.scorer(scripted("rating", "Rating: [[7]]"), tmp_path / "b", 0) as score:
        assert score(PROMPTS, ["a", ""]) == [7.0, 7.0]


def test_each_batch_has_its_run(tmp_path: Path) -> None:
    reward = scripted("rating", "Rating: [[7]]")
    with direct.scorer(reward, tmp_path, 0) as score:
        first = score(PROMPTS, ["a", "b"])
        second = score(PROMPTS, ["a", "c"])
    runs = sorted(path.parent for path in tmp_path.glob("*/record.jsonl"))
    assert len(runs) == 2
    kept = [(run / "record.jsonl").read_bytes() for run in runs]
    with direct.scorer(reward, tmp_path, 0) as score:
        assert [score(PROMPTS, ["a", "b"]), score(PROMPTS, ["a", "c"])] == [first, second]
    assert kept == [(run / "record.jsonl").read_bytes() for run in runs]  # nothing was asked twice


def test_a_judge_that_compares_gives_no_reward(tmp_path: Path) -> None:
    with direct.scorer(scripted("verdict", "[[A]]"), tmp_path, 0) as score, pytest.raises(ConfigError):
        score(PROMPTS, ["a", "b"])
    with pytest.raises(ConfigError, match="compares"):
        direct._score(Judged(Item("1", ("q",)), "j", Preference((1.0,)), order=(0,)))


def test_prompts_end_with_the_user(tmp_path: Path) -> None:
    prompt = [message("user", "a"), message("assistant", "b")]
    with direct.scorer(scripted("rating", "Rating: [[7]]"), tmp_path, 0) as score, pytest.raises(DataError):
        score([prompt], ["c"])


def test_backends_that_stay_open_are_renamed() -> None:
    assert direct._kept("hf:folder,device=cpu") == "hf-kept:folder,device=cpu"
    assert direct._kept({"backend": "hf-reward", "model": "x"}) == {"backend": "hf-reward-kept", "model": "x"}
    for other in ("openai:gpt", {"backend": "scripted"}):
        assert direct._kept(other) == other


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_a_model_stays_loaded_and_scores_as_it_does_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="needs torch")
    from hf_kit import tiny_model
    from judgebench_hf import loading

    from judgebench import collect

    loads: list[Any] = []
    plain = loading.load
    monkeypatch.setattr(loading, "load", lambda options: loads.append(options) or plain(options))
    tiny = tiny_model(tmp_path / "tiny", seed=1)
    judge = {"judge": "expected-score", "model": "m", "most": 9, "normalise": True}
    model = {"backend": "hf", "model": str(tiny), "device": "cpu", "threads": 1}
    with direct.scorer(Reward(judge=judge, models={"m": model}), tmp_path / "runs", 0) as score:
        found = [score(PROMPTS, texts) for texts in (["a b c", "d"], ["the fox", "the dog"])]
    assert len(loads) == 1
    assert all(value is not None and -1 <= value <= 1 for values in found for value in values)
    assert len({value for values in found for value in values}) == 4
    rows = [{"id": "1", "prompt": "Two?", "responses": ["d", "the dog"]}]
    path = tmp_path / "rows.jsonl"
    import json

    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = {"benchmark": {"benchmark": "ranked", "path": str(path)}, "judges": {"j": judge}, "models": {"m": model}}
    (judged,) = collect({**run, "out": str(tmp_path / "alone")}).judgments
    values = dict(zip(judged.order, judged.verdict.values, strict=True))
    assert math.isclose(values[0], found[0][1], rel_tol=1e-4)
    assert math.isclose(values[1], found[1][1], rel_tol=1e-4)
    assert set(KEPT) == {"hf", "hf-reward"}
