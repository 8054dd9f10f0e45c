import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hf_kit import chat, tiny_model, tiny_tokenizer, user
from judgebench_hf.backend import HuggingFace
from judgebench_hf.quiet import quiet, without_bars

from judgebench import ConfigError, NextToken, PermanentError, SequenceScore
from judgebench.testing.opened import Opened

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
Open = Callable[..., Opened]
ASKED = (
    SequenceScore(user("the lazy dog"), "Paris is its name."),
    NextToken(user("A or B?"), ("A", "B"), 50),
)


def lora(base: Path, **settings: Any) -> Any:
    """An adapter on a base, with weights that change its answers."""
    import peft
    from transformers import AutoModelForCausalLM

    with quiet(), without_bars(), torch.random.fork_rng():
        torch.manual_seed(5)
        config = peft.LoraConfig(r=4, task_type="CAUSAL_LM", target_modules=["q_proj", "v_proj", "up_proj"], **settings)
        model = peft.get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weight, std=0.2)
    return model


@pytest.fixture(scope="module")
def adapter(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters") / "lora"
    with quiet(), without_bars():
        lora(tiny).save_pretrained(folder)
    return folder


def numbers(opened: Opened) -> list[float]:
    score, head = (opened.ask(request) for request in ASKED)
    assert score.score is not None
    return [score.score, *(value for _, value in sorted(head.logprobs))]


def test_an_adapter_is_asked_alone_beside_its_model_and_merged(
    opened: Open, tiny: Path, adapter: Path, tmp_path: Path
) -> None:
    alone, beside = opened(adapter), opened(tiny, adapter=str(adapter))
    assert numbers(alone) == numbers(beside)
    with quiet(), without_bars():
        lora(tiny).merge_and_unload().save_pretrained(tmp_path / "merged")
        tiny_tokenizer().save_pretrained(tmp_path / "merged")
    merged = opened(tmp_path / "merged")
    for request in ASKED:
        one, two = alone.ask(request), merged.ask(request)
        assert (one.score or 0.0) == pytest.approx(two.score or 0.0, abs=1e-4)
        assert dict(one.logprobs) == pytest.approx(dict(two.logprobs), abs=1e-4)
    assert abs(numbers(alone)[0] - numbers(opened(tiny))[0]) > 0.5
    greedy = chat("the lazy dog", max_tokens=12)
    assert alone.ask(greedy).text == merged.ask(greedy).text


def test_the_adapter_s_own_tokenizer_counts(opened: Open, adapter: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(adapter, tmp_path / "own")
    with quiet(), without_bars():
        tiny_tokenizer("{% for m in messages %}{{ m.content }}{% endfor %}").save_pretrained(copy)
    request = chat("fox", max_tokens=2)
    assert opened(copy).ask(request).usage.input_tokens < opened(adapter).ask(request).usage.input_tokens
    assert opened(copy).ask(request) == opened(copy, adapter=None).ask(request)


def test_an_adapter_for_another_model_is_refused(opened: Open, tiny: Path, adapter: Path, tmp_path: Path) -> None:
    deeper = tiny_model(tmp_path / "deeper", num_hidden_layers=3)
    with pytest.raises(PermanentError, match=r"lacks .*layers\.2"):
        opened(deeper, adapter=str(adapter))
    wider = tiny_model(tmp_path / "wider", hidden_size=96)
    with pytest.raises(PermanentError, match="could not be loaded"):
        opened(wider, adapter=str(adapter))
    shallow = tiny_model(tmp_path / "shallow", num_hidden_layers=1)
    with pytest.raises(PermanentError, match="has no place for"):
        opened(shallow, adapter=str(adapter))
    with pytest.raises(ConfigError, match="is no adapter"):
        HuggingFace(model=str(tiny), adapter=str(wider)).fingerprint()


def test_the_base_of_an_adapter_can_be_given(opened: Open, tiny: Path, adapter: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(adapter, tmp_path / "moved")
    settings = json.loads((moved / "adapter_config.json").read_text())
    (moved / "adapter_config.json").write_text(
        json.dumps({**settings, "base_model_name_or_path": str(tmp_path / "gone")})
    )
    with pytest.raises(ConfigError, match="is not there"):
        opened(moved)
    assert numbers(opened(tiny, adapter=str(moved))) == numbers(opened(adapter))
