"""What a model is, told before anything is loaded."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError
from judgebench_vllm import engine
from judgebench_vllm.backend import VLLM
from vllm_kit import write_adapter, write_checkpoint

from judgebench import ConfigError, DataError, PermanentError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "cache"))


def identity(path: Path | str, **options: Any) -> str:
    return VLLM(model=str(path), **options).fingerprint()["model"]


def test_the_fingerprint_is_of_what_decides(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "a")
    first = identity(model)
    for left in ("optimizer.pt", "training_args.bin", "trainer_state.json", "README.md"):
        (model / left).write_text("whatever")
    assert identity(model) == first == identity(write_checkpoint(tmp_path / "b"))
    seen = {first}
    for name in ("config.json", "tokenizer.json", "generation_config.json", "chat_template.jinja"):
        (model / name).write_text(json.dumps({"changed": name}))
        seen.add(identity(model))
    (model / "model.safetensors").write_bytes(b"other weights")
    seen.add(identity(model))
    assert len(seen) == 6


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


def test_folders_that_are_not_whole(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "run" / "step-10")
    with pytest.raises(DataError, match=r"holds neither config\.json") as caught:
        identity(tmp_path / "run")
    assert "step-10" in caught.value.hint
    (model / "model.safetensors").unlink()
    with pytest.raises(DataError, match="holds no weights"):
        identity(model)
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    (model / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {name: name for name in shards}}))
    (model / shards[0]).write_bytes(b"one")
    with pytest.raises(DataError, match=f"lacks 1 of its files of weights, such as {shards[1]}"):
        identity(model)
    (model / shards[1]).write_bytes(b"two")
    assert identity(model)
    (model / "tokenizer.json").unlink()
    with pytest.raises(DataError, match="no tokenizer"):
        identity(model)
    (model / "config.json").write_text("{")
    (model / "tokenizer.json").write_text("{}")
    with pytest.raises(DataError, match=r"config\.json"):
        identity(model)


def test_what_vllm_is_not_asked_for(tmp_path: Path) -> None:
    reward = write_checkpoint(tmp_path / "rm", "LlamaForSequenceClassification")
    with pytest.raises(ConfigError, match="no language model") as caught:
        identity(reward)
    assert caught.value.hint == f"ask it as hf-reward:{reward}"
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    with pytest.raises(ConfigError, match="is a file") as caught:
        identity(tmp_path / "model.gguf")
    assert "llamacpp" in caught.value.hint
    with pytest.raises(ConfigError, match="neither a folder nor a model's name"):
        identity(tmp_path / "nothing" / "there")
    with pytest.raises(ConfigError, match="revision=main means nothing"):
        identity(write_checkpoint(tmp_path / "a"), revision="main")


def test_an_adapter_is_the_same_alone_and_beside_its_model(tmp_path: Path) -> None:
    base = write_checkpoint(tmp_path / "base")
    adapter = write_adapter(tmp_path / "lora", str(base))
    alone = VLLM(model=str(adapter)).fingerprint()
    assert set(alone) == {"model", "adapter"}
    assert alone == VLLM(model=str(base), adapter=str(adapter)).fingerprint()
    assert alone["model"] == identity(base)
    (adapter / "adapter_model.safetensors").write_bytes(b"other")
    assert VLLM(model=str(adapter)).fingerprint()["adapter"] != alone["adapter"]


def test_adapters_that_cannot_be_placed(tmp_path: Path) -> None:
    base = write_checkpoint(tmp_path / "base")
    lora = write_adapter(tmp_path / "lora", str(base))
    cases: list[tuple[str, dict[str, Any], str]] = [
        (str(lora), {"adapter": str(lora)}, "is another"),
        (str(base), {"adapter": str(base)}, "is no adapter"),
        (str(write_adapter(tmp_path / "mute", None)), {}, "does not say which model"),
        (str(write_adapter(tmp_path / "lost", str(tmp_path / "gone"))), {}, "is for a model that is not there"),
        (str(write_adapter(tmp_path / "twice", str(lora))), {}, "is an adapter itself"),
        (str(write_adapter(tmp_path / "other", str(base), peft_type="IA3")), {}, "no LoRA adapter"),
        (str(write_adapter(write_checkpoint(tmp_path / "both"), str(base))), {}, "holds a model and an adapter"),
    ]
    for model, options, told in cases:
        with pytest.raises(ConfigError, match=told):
            VLLM(model=model, **options).fingerprint()


def hub(monkeypatch: pytest.MonkeyPatch, folder: Path, **files: str | Exception) -> list[tuple[str, str | None]]:
    """A hub with one repository of these files; returns what it is asked for."""
    asked: list[tuple[str, str | None]] = []
    snapshot = folder / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)

    def download(repo: str, name: str, *, revision: str | None, etag_timeout: float) -> str:
        asked.append((name, revision))
        found = files.get(name.partition(".")[0])
        if found is None:
            raise EntryNotFoundError(name)
        if isinstance(found, Exception):
            raise found
        (snapshot / name).write_text(found)
        return str(snapshot / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    monkeypatch.setattr(huggingface_hub, "try_to_load_from_cache", lambda *_, **__: None)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *_, **__: str(snapshot))
    return asked


def test_a_model_of_the_hub_is_the_commit_of_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = hub(monkeypatch, tmp_path, config='{"architectures": ["LlamaForCausalLM"]}')
    backend = VLLM(model="owner/name", revision="v2")
    assert backend.fingerprint() == {"model": f"owner/name@{COMMIT}"}
    assert asked[0] == ("config.json", "v2")
    found = engine.arguments(backend, backend.checkpoint())
    assert (found["model"], found["revision"]) == ("owner/name", COMMIT)
    assert (found["tokenizer"], found["tokenizer_revision"]) == ("owner/name", COMMIT)


def test_an_adapter_of_the_hub_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = write_checkpoint(tmp_path / "base")
    settings = {"base_model_name_or_path": str(base), "peft_type": "LORA", "r": 4}
    hub(monkeypatch, tmp_path, adapter_config=json.dumps(settings))
    backend = VLLM(model="owner/lora")
    assert backend.fingerprint() == {"model": identity(base), "adapter": f"owner/lora@{COMMIT}"}
    place = backend.checkpoint().adapter
    assert place is not None
    assert (place.where, place.rank()) == (str(tmp_path / "snapshots" / COMMIT), 4)
    assert engine.arguments(backend, backend.checkpoint())["max_lora_rank"] == 8


def test_hubs_that_say_no_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = OSError("no such repository")
    refusal.response = SimpleNamespace(status_code=404)  # type: ignore[attr-defined]
    hub(monkeypatch, tmp_path / "a", config=refusal)
    with pytest.raises(ConfigError, match=r"the hub refuses it: .*no such repository"):
        identity("owner/name")
    hub(monkeypatch, tmp_path / "b", config=LocalEntryNotFoundError("no connection"))
    with pytest.raises(PermanentError, match=r"the hub cannot be reached: .*no connection"):
        identity("owner/name")
    hub(monkeypatch, tmp_path / "c")
    with pytest.raises(ConfigError, match=r"holds no config\.json"):
        identity("owner/name")
