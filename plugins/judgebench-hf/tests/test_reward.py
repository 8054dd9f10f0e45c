import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hf_kit import save, tiny_config, tiny_model, tiny_tokenizer, user
from judgebench_hf.backend import HuggingFace
from judgebench_hf.quiet import quiet, without_bars
from judgebench_hf.reward import HuggingFaceReward

from judgebench import Chat, ConfigError, PermanentError, RequestError, Reward
from judgebench.testing.opened import Opened

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
Open = Callable[..., Opened]
WORDS = ("fox", "dog", "seven", "judges", "answers", "Paris", "France", "better")
ASKED = [Reward(user(" ".join(WORDS[n % 5 :])), " ".join(WORDS[: 1 + n % 8] * (1 + n // 2))) for n in range(11)]


def tokens(request: Reward) -> list[int]:
    turns = [{"role": message.role, "content": message.content} for message in request.messages]
    turns.append({"role": "assistant", "content": request.response})
    tokenizer = tiny_tokenizer()
    return list(tokenizer(tokenizer.apply_chat_template(turns, tokenize=False), add_special_tokens=False).input_ids)


def trained(folder: Path, labels: int = 1, **settings: Any) -> Path:
    """A reward head trained for some steps to like long responses."""
    from transformers import LlamaForSequenceClassification

    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = LlamaForSequenceClassification(tiny_config(num_labels=labels, **settings))
        best = torch.optim.Adam(model.parameters(), lr=1e-3)
        for _ in range(20):
            for request in ASKED[::3]:
                out = model(input_ids=torch.tensor([tokens(request)])).logits[0]
                loss = (out - len(request.response) / 50).square().sum()
                best.zero_grad()
                loss.backward()
                best.step()
    save(model, folder)
    return folder


@pytest.fixture(scope="module")
def reward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("reward") / "one")


def plain(folder: Path, request: Reward) -> list[float]:
    from transformers import AutoModelForSequenceClassification

    with quiet(), without_bars(), torch.inference_mode():
        model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).eval()
        return [float(value) for value in model(input_ids=torch.tensor([tokens(request)])).logits[0]]


def scores(opened: Opened) -> list[float]:
    answers = opened.ask_all([*ASKED])
    assert [answer.usage.input_tokens for answer in answers] == [len(tokens(request)) for request in ASKED]
    return [answer.score for answer in answers if answer.score is not None]


def test_a_reward_is_what_the_head_says(opened: Open, reward: Path) -> None:
    expected = [plain(reward, request)[0] for request in ASKED]
    assert scores(opened(reward, HuggingFaceReward)) == pytest.approx(expected, abs=1e-5)
    assert max(expected) - min(expected) > 0.5


def test_batches_change_nothing_but_rounding(opened: Open, reward: Path) -> None:
    alone = scores(opened(reward, HuggingFaceReward, batch=1))
    assert scores(opened(reward, HuggingFaceReward, batch=8)) == pytest.approx(alone, abs=1e-4)
    exact = scores(opened(reward, HuggingFaceReward, deterministic=True))
    assert scores(opened(reward, HuggingFaceReward, deterministic=True, batch=3)) == exact


def test_without_padding_of_its_own_each_row_is_computed_alone(opened: Open, reward: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(reward, tmp_path / "unpadded")
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "pad_token_id": None}))
    expected = scores(opened(reward, HuggingFaceReward, batch=1))
    assert scores(opened(copy, HuggingFaceReward, batch=8)) == pytest.approx(expected, abs=1e-5)


def test_padding_with_the_token_that_ends_a_turn_reads_the_head_where_training_did(
    opened: Open, tmp_path: Path
) -> None:
    folder = trained(tmp_path / "eos", pad_token_id=2)
    expected = [plain(folder, request)[0] for request in ASKED]
    assert scores(opened(folder, HuggingFaceReward)) == pytest.approx(expected, abs=1e-5)


def test_one_output_of_several(opened: Open, tmp_path: Path) -> None:
    folder = trained(tmp_path / "three", labels=3)
    expected = [plain(folder, request) for request in ASKED]
    for output in range(3):
        found = scores(opened(folder, HuggingFaceReward, output=output))
        assert found == pytest.approx([values[output] for values in expected], abs=1e-5)
    with pytest.raises(ConfigError, match="has 3 outputs"):
        opened(folder, HuggingFaceReward)


def test_an_adapter_with_a_head_of_its_own(opened: Open, tiny: Path, tmp_path: Path) -> None:
    import peft
    from transformers import AutoModelForSequenceClassification

    with quiet(), without_bars(), torch.random.fork_rng():
        torch.manual_seed(4)
        base = AutoModelForSequenceClassification.from_pretrained(tiny, num_labels=1)
        config = peft.LoraConfig(r=4, task_type="SEQ_CLS", target_modules=["q_proj", "v_proj"])
        model = peft.get_peft_model(base, config).eval()
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.2)
        model.save_pretrained(tmp_path / "lora")
    with torch.inference_mode():
        expected = [float(model(input_ids=torch.tensor([tokens(request)])).logits[0, 0]) for request in ASKED]
    assert scores(opened(tmp_path / "lora", HuggingFaceReward)) == pytest.approx(expected, abs=1e-5)
    assert scores(opened(tiny, HuggingFaceReward, adapter=str(tmp_path / "lora"))) == pytest.approx(expected, abs=1e-5)


def test_the_wrong_kind_is_never_made_up_at_random(opened: Open, tiny: Path, reward: Path, tmp_path: Path) -> None:
    for backend, model in ((HuggingFace, reward), (HuggingFaceReward, tiny)):
        with pytest.raises(ConfigError, match=r"no language model|no reward head"):
            opened(model, backend)
        unnamed = shutil.copytree(model, tmp_path / backend.name)  # settings that do not tell: weights do
        config = json.loads((unnamed / "config.json").read_text())
        del config["architectures"]
        (unnamed / "config.json").write_text(json.dumps({**config, "id2label": {"0": "reward"}}))
        with pytest.raises(PermanentError, match=r"lacks 1 weights .*(score|lm_head)\.weight") as caught:
            opened(unnamed, backend)
        assert f"Ask it as {'hf-reward' if backend is HuggingFace else 'hf'}:{unnamed}" in caught.value.hint
    tied = trained(tmp_path / "tied", tie_word_embeddings=True)
    config = json.loads((tied / "config.json").read_text())
    del config["architectures"]
    (tied / "config.json").write_text(json.dumps(config))
    with pytest.raises(PermanentError, match=r"brings a head .*score\.weight"):
        opened(tied)


def test_what_does_not_fit_is_refused_and_not_cut(opened: Open, reward: Path, tmp_path: Path) -> None:
    model = opened(reward, HuggingFaceReward, n_ctx=64)
    with pytest.raises(RequestError, match="context overflow"):
        model.ask(Reward(user("A"), "word " * 100))
    assert model.ask(ASKED[0]).score is not None
    with pytest.raises(PermanentError, match="cannot answer Chat"):
        model.ask(Chat(user("A")))
    bare = shutil.copytree(reward, tmp_path / "bare")
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(PermanentError, match="no chat template"):
        opened(bare, HuggingFaceReward).ask(ASKED[0])


def test_a_reward_model_of_a_language_model_s_weights_is_refused(opened: Open, tmp_path: Path) -> None:
    model = tiny_model(tmp_path / "lm")
    with pytest.raises(ConfigError) as caught:
        opened(model, HuggingFaceReward)
    assert caught.value.hint == f"ask it as hf:{model}"
