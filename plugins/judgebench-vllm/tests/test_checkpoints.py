"""What vLLM needs to know of a checkpoint; how one is found and told from others is tested with judgebench-hf."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from judgebench_hf.backend import HuggingFace
from judgebench_vllm import checkpoints
from judgebench_vllm.backend import VLLM
from vllm_kit import write_adapter, write_checkpoint

from judgebench import ConfigError, DataError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "cache"))


def test_a_checkpoint_is_the_same_in_vllm_and_in_hf(tmp_path: Path) -> None:
    base = str(write_checkpoint(tmp_path / "base"))
    adapter = str(write_adapter(tmp_path / "lora", base))
    for options in ({"model": base}, {"model": adapter}, {"model": base, "adapter": adapter}):
        found = VLLM(**options).fingerprint()
        assert found == HuggingFace(**options).fingerprint()
        assert ("adapter" in found) == (adapter in options.values())


def test_the_chat_template_given_is_part_of_the_identity(tmp_path: Path) -> None:
    model = str(write_checkpoint(tmp_path / "a"))
    template = tmp_path / "template.jinja"
    template.write_text("{{ messages }}")
    one = VLLM(model=model, chat_template=str(template)).fingerprint()
    template.write_text("{{ messages[0] }}")
    assert set(one) == {"model", "chat_template"}
    assert VLLM(model=model, chat_template=str(template)).fingerprint() != one
    with pytest.raises(ConfigError, match="chat_template"):
        VLLM(model=model, chat_template=str(tmp_path / "none")).fingerprint()


def test_what_vllm_is_not_asked_for(tmp_path: Path) -> None:
    base = str(write_checkpoint(tmp_path / "base"))
    reward = str(write_checkpoint(tmp_path / "rm", "LlamaForSequenceClassification"))
    masked = str(write_checkpoint(tmp_path / "mlm", "BertForMaskedLM"))
    gguf = tmp_path / "model.gguf"
    gguf.write_bytes(b"GGUF")
    ia3 = str(write_adapter(tmp_path / "ia3", base, peft_type="IA3"))
    scoring = str(write_adapter(tmp_path / "scoring", base, task_type="SEQ_CLS"))
    cases = [
        (reward, "is no language model", f"ask it as hf-reward:{reward}"),
        (masked, "BertForMaskedLM", "vllm takes causal language models"),
        (str(gguf), r"is a \.gguf file", "the backends hf and llamacpp take .gguf"),
        (str(write_adapter(tmp_path / "quantised", str(gguf))), r"is a \.gguf file", "hf and llamacpp"),
        (ia3, "no LoRA adapter", "merge it into its model"),
        (scoring, "scores sequences", "ask it with hf-reward in the place of vllm"),
    ]
    for model, told, hint in cases:
        with pytest.raises(ConfigError, match=told) as caught:
            VLLM(model=model).fingerprint()
        assert hint in caught.value.hint


def test_hints_name_vllm(tmp_path: Path) -> None:
    base = str(write_checkpoint(tmp_path / "base"))
    mute = str(write_adapter(tmp_path / "mute", None))
    with pytest.raises(ConfigError, match="does not say which model") as caught:
        VLLM(model=mute).fingerprint()
    assert caught.value.hint == f"give it: vllm:MODEL,adapter={mute}"
    with pytest.raises(ConfigError, match="is no adapter") as caught:
        VLLM(model=base, adapter=base).fingerprint()
    assert caught.value.hint == f"ask it as a model: vllm:{base}"


@pytest.mark.parametrize("settings", [{"r": None}, {"r": 0}, {"r": "8"}, {"rank_pattern": {"q_proj": 0}}])
def test_an_adapter_without_ranks_is_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    model = write_adapter(tmp_path / "lora", str(write_checkpoint(tmp_path / "base")), **settings)
    with pytest.raises(ConfigError, match="no LoRA adapter"):
        VLLM(model=str(model)).fingerprint()


def test_a_damaged_folder_is_refused_before_the_engine_starts(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "a")
    (model / "model.safetensors").write_bytes(b"half")
    with pytest.raises(DataError, match=r"model\.safetensors"):
        VLLM(model=str(model)).fingerprint()


def hub(monkeypatch: pytest.MonkeyPatch, snapshot: Path, **files: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """A hub with one repository of these settings; returns what it is asked for."""
    asked: list[tuple[str, str | None]] = []

    def settings(repo: str, file: str, revision: str | None = None) -> tuple[str, Mapping[str, Any]] | None:
        asked.append((file, revision))
        found = files.get(file.partition(".")[0])
        return None if found is None else (COMMIT, found)

    def download(repo: str, commit: str) -> Path:
        assert commit == COMMIT
        snapshot.mkdir(exist_ok=True)
        for name, content in files.items():
            (snapshot / f"{name}.json").write_text(json.dumps(content))
        return snapshot

    monkeypatch.setattr("judgebench_hf.hub.settings", settings)
    monkeypatch.setattr("judgebench_hf.hub.cached", lambda repo, commit: None)
    monkeypatch.setattr("judgebench_hf.hub.download", download)
    return asked


def test_a_model_of_the_hub_is_left_to_vllm_at_the_commit_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = hub(monkeypatch, tmp_path / "snapshot", config={"architectures": ["LlamaForCausalLM"]})
    backend = VLLM(model="owner/name", revision="v2")
    assert backend.fingerprint() == {"model": f"owner/name@{COMMIT}"}
    assert asked[0] == ("config.json", "v2")
    found = backend.arguments(backend.checkpoint())
    assert (found["model"], found["revision"]) == ("owner/name", COMMIT)
    assert (found["tokenizer"], found["tokenizer_revision"]) == ("owner/name", COMMIT)
    assert not (tmp_path / "snapshot").exists()


def test_an_adapter_of_the_hub_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base, snapshot = write_checkpoint(tmp_path / "base"), tmp_path / "snapshot"
    settings = {"base_model_name_or_path": str(base), "peft_type": "LORA", "r": 4}
    hub(monkeypatch, snapshot, adapter_config=settings, tokenizer={})
    backend = VLLM(model="owner/lora")
    identity = VLLM(model=str(base)).fingerprint()["model"]
    assert backend.fingerprint() == {"model": identity, "adapter": f"owner/lora@{COMMIT}"}
    assert not snapshot.exists()
    checkpoint = backend.checkpoint()
    found = backend.arguments(checkpoint)
    assert (found["model"], found["revision"], found["max_lora_rank"]) == (str(base), None, 8)
    assert (found["tokenizer"], found["tokenizer_revision"]) == (str(snapshot), None)
    assert checkpoint.adapter is not None
    assert checkpoints.address(checkpoint.adapter) == (str(snapshot), None)
    assert "downloading owner/lora from the hub" in capsys.readouterr().err
