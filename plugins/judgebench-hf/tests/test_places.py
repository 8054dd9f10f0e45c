"""What is told of a checkpoint before anything is loaded: none of this needs torch."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hf_kit import CAUSAL, REWARD, write_adapter, write_checkpoint, write_safetensors
from judgebench_hf import folder
from judgebench_hf.backend import HuggingFace
from judgebench_hf.reward import HuggingFaceReward

from judgebench import ConfigError, DataError

HEAD = "base_model.model.score.weight"


def identity(path: Path, **options: Any) -> str:
    return HuggingFace(model=str(path), **options).fingerprint()["model"]


def test_the_fingerprint_is_of_what_decides(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "a")
    first = identity(model)
    for left in ("optimizer.pt", "rng_state.pth", "trainer_state.json", "training_args.bin", "README.md"):
        (model / left).write_text("whatever")
    assert identity(model) == first
    assert identity(write_checkpoint(tmp_path / "b")) == first
    seen = {first}
    for name in ("config.json", "tokenizer.json", "generation_config.json", "chat_template.jinja"):
        (model / name).write_text(json.dumps({**CAUSAL, "changed": name}))
        seen.add(identity(model))
    write_safetensors(model / "model.safetensors", {"weight": (2, 2)}, b"\1")
    seen.add(identity(model))
    assert len(seen) == 6


def test_safetensors_count_and_pytorch_files_only_without_them(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "a")
    first = identity(model)
    (model / "pytorch_model.bin").write_bytes(b"old")
    assert identity(model) == first
    (model / "model.safetensors").unlink()
    assert identity(model) != first
    assert folder.weights(model) == (model / "pytorch_model.bin",)


def test_shards_count_each(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "a")
    (model / "model.safetensors").unlink()
    names = [f"model-0000{n}-of-00002.safetensors" for n in (1, 2)]
    for name in names:
        write_safetensors(model / name, {name: (3,)})
    index = {"weight_map": {name: name for name in names}}
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    whole = identity(model)
    write_safetensors(model / names[1], {names[1]: (3,)}, b"\1")
    assert identity(model) != whole
    (model / names[1]).unlink()
    with pytest.raises(DataError, match=r"1 of the 2 files that model\.safetensors\.index\.json names are missing"):
        identity(model)


def test_a_half_written_checkpoint_is_no_model(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "a")
    content = (model / "model.safetensors").read_bytes()
    for damaged in (content[:-1], content[:12], b"", content + b"x"):
        (model / "model.safetensors").write_bytes(damaged)
        with pytest.raises(DataError, match=r"model\.safetensors") as caught:
            identity(model)
        assert "half-written" in caught.value.hint
    (model / "model.safetensors").unlink()
    with pytest.raises(DataError, match="holds no weights"):
        identity(model)
    (model / "config.json").write_text('{"architectures": [')
    with pytest.raises(DataError, match=r"config\.json"):
        identity(model)


def test_a_checkpoint_without_tokenizer_says_how_to_save_one(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "a")
    (model / "tokenizer.json").unlink()
    (model / "tokenizer_config.json").unlink()
    with pytest.raises(DataError, match="no tokenizer") as caught:
        identity(model)
    assert f"tokenizer.save_pretrained('{model}')" in caught.value.hint


def test_a_folder_of_checkpoints_names_them(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "run" / "checkpoint-10")
    with pytest.raises(DataError, match="holds neither") as caught:
        identity(tmp_path / "run")
    assert "checkpoint-10" in caught.value.hint
    with pytest.raises(ConfigError, match="neither a folder nor a model's name"):
        identity(tmp_path / "run" / "checkpoint-11")
    with pytest.raises(ConfigError, match=r"no \.gguf file"):
        identity(tmp_path / "run" / "checkpoint-10" / "config.json")
    with pytest.raises(ConfigError, match="revision=main means nothing"):
        identity(tmp_path / "run" / "checkpoint-10", revision="main")


def test_an_adapter_is_the_same_alone_and_beside_its_model(tmp_path: Path) -> None:
    base = write_checkpoint(tmp_path / "base")
    adapter = write_adapter(tmp_path / "adapter", str(base), {"lora": (2, 2)})
    alone = HuggingFace(model=str(adapter)).fingerprint()
    assert set(alone) == {"model", "adapter"}
    assert HuggingFace(model=str(base), adapter=str(adapter)).fingerprint() == alone
    assert alone["model"] == identity(base)
    write_safetensors(adapter / "adapter_model.safetensors", {"lora": (2, 2)}, b"\1")
    assert HuggingFace(model=str(adapter)).fingerprint()["adapter"] != alone["adapter"]


def test_adapters_that_cannot_be_placed(tmp_path: Path) -> None:
    base = write_checkpoint(tmp_path / "base")
    lost = write_adapter(tmp_path / "lost", str(tmp_path / "gone"), {"lora": (2, 2)})
    with pytest.raises(ConfigError, match="is not there") as caught:
        identity(lost)
    assert f"hf:MODEL,adapter={lost}" in caught.value.hint
    with pytest.raises(ConfigError, match="does not say which model"):
        identity(write_adapter(tmp_path / "mute", None, {}))
    with pytest.raises(ConfigError, match="is no adapter"):
        identity(base, adapter=str(base))
    with pytest.raises(ConfigError, match="is another"):
        identity(lost, adapter=str(lost))
    twice = write_adapter(tmp_path / "twice", str(lost), {})
    with pytest.raises(ConfigError, match="an adapter itself"):
        identity(twice)
    with pytest.raises(ConfigError, match="PREFIX_TUNING"):
        identity(write_adapter(tmp_path / "prefix", str(base), {}, peft_type="PREFIX_TUNING"))
    both = write_adapter(write_checkpoint(tmp_path / "both"), str(base), {})
    with pytest.raises(ConfigError, match="holds a model and an adapter"):
        identity(both)
    (lost / "adapter_model.safetensors").unlink()
    with pytest.raises(DataError, match="no weights of an adapter"):
        identity(lost)


def test_the_wrong_kind_is_refused_before_anything_is_spent(tmp_path: Path) -> None:
    causal, reward = write_checkpoint(tmp_path / "lm"), write_checkpoint(tmp_path / "rm", REWARD)
    assert HuggingFaceReward(model=str(reward)).fingerprint()
    with pytest.raises(ConfigError, match="no language model") as caught:
        identity(reward)
    assert caught.value.hint == f"ask it as hf-reward:{reward}"
    with pytest.raises(ConfigError, match="no reward head") as caught:
        HuggingFaceReward(model=str(causal)).fingerprint()
    assert caught.value.hint == f"ask it as hf:{causal}"
    masked = write_checkpoint(tmp_path / "mlm", {"architectures": ["BertForMaskedLM"]})
    for backend in (HuggingFace, HuggingFaceReward):
        with pytest.raises(ConfigError, match="BertForMaskedLM"):
            backend(model=str(masked)).fingerprint()
    scored = write_adapter(tmp_path / "scored", str(causal), {HEAD: (1, 4)}, task_type="SEQ_CLS")
    assert set(HuggingFaceReward(model=str(scored)).fingerprint()) == {"model", "adapter"}
    with pytest.raises(ConfigError, match="scores sequences"):
        identity(scored)
    with pytest.raises(ConfigError, match="is for a language model"):
        HuggingFaceReward(model=str(write_adapter(tmp_path / "lora", str(causal), {}))).fingerprint()
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    assert len(identity(tmp_path / "model.gguf")) == 64
    with pytest.raises(ConfigError, match="no reward head"):
        HuggingFaceReward(model=str(tmp_path / "model.gguf")).fingerprint()


def test_a_head_with_several_outputs_needs_a_choice(tmp_path: Path) -> None:
    labels = {"id2label": {"0": "helpful", "1": "harmless"}}
    two = write_checkpoint(tmp_path / "two", {**REWARD, **labels})
    with pytest.raises(ConfigError, match=r"has 2 outputs \(0: helpful, 1: harmless\)") as caught:
        HuggingFaceReward(model=str(two)).fingerprint()
    assert "output=N" in caught.value.hint
    assert HuggingFaceReward(model=str(two), output=1).fingerprint()
    with pytest.raises(ConfigError, match="no output 2"):
        HuggingFaceReward(model=str(two), output=2).fingerprint()
    unsaid = write_checkpoint(tmp_path / "unsaid", {"architectures": REWARD["architectures"]})
    with pytest.raises(ConfigError, match="has 2 outputs"):
        HuggingFaceReward(model=str(unsaid)).fingerprint()
    adapter = write_adapter(tmp_path / "lora", str(unsaid), {HEAD: (3, 4)}, task_type="SEQ_CLS")
    with pytest.raises(ConfigError, match="has 3 outputs"):
        HuggingFaceReward(model=str(adapter)).fingerprint()


def test_options_decide_rows_slots_and_identity(tmp_path: Path) -> None:
    template = tmp_path / "template.jinja"
    template.write_text("{{ messages }}")
    model = str(write_checkpoint(tmp_path / "a"))
    backend = HuggingFace(model=model, batch=3, chat_template=str(template))
    assert (backend.rows, backend.slots) == (3, 12)
    assert HuggingFace(model=model, batch=3, deterministic=True).rows == 1
    assert set(backend.fingerprint()) == {"model", "chat_template"}
    with pytest.raises(ConfigError, match="chat_template"):
        HuggingFace(model=model, chat_template=str(tmp_path / "none")).fingerprint()
    for wrong in ({"batch": 0}, {"n_ctx": 1}, {"threads": 0}):
        with pytest.raises(ConfigError, match=next(iter(wrong))):
            HuggingFace(model=model, **wrong)
    with pytest.raises(ConfigError, match="output is -1"):
        HuggingFaceReward(model=model, output=-1)


def test_listing_and_checking_load_neither_torch_nor_transformers(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "a")
    code = (
        "import sys, judgebench_hf\n"
        "from judgebench_hf.backend import HuggingFace\n"
        "names = [cls.name for cls in judgebench_hf.judgebench_components()]\n"
        f"HuggingFace(model={str(model)!r}).fingerprint()\n"
        "heavy = {'torch', 'transformers', 'peft', 'huggingface_hub', 'numpy'} & set(sys.modules)\n"
        "print(names, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['hf', 'hf-reward'] []"
