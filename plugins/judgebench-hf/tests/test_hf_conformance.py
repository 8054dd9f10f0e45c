"""Both backends keep the rules of their kind, with tiny random models."""

from pathlib import Path

import pytest
from hf_kit import save, tiny_config
from judgebench_hf.backend import HuggingFace
from judgebench_hf.reward import HuggingFaceReward

from judgebench.testing import conformance, make_all

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
NO_SECRET = {"says that a secret is missing": "it needs no secret"}


@pytest.fixture(scope="module")
def reward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with a reward head."""
    from transformers import LlamaForSequenceClassification

    folder = tmp_path_factory.mktemp("models") / "reward"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save(LlamaForSequenceClassification(tiny_config(num_labels=1)), folder)
    return folder


@pytest.mark.parametrize("deterministic", [True, False])
def test_a_language_model_conforms(tiny: Path, deterministic: bool) -> None:
    made = conformance(HuggingFace, model=str(tiny), device="cpu", threads=1, deterministic=deterministic)
    not_made = make_all(made)
    assert not_made.pop("answers equal greedy requests alike", None) is None or not deterministic
    assert not_made == NO_SECRET


def test_a_reward_model_conforms(reward: Path) -> None:
    made = conformance(HuggingFaceReward, model=str(reward), device="cpu", threads=1, deterministic=True)
    assert make_all(made) == NO_SECRET
