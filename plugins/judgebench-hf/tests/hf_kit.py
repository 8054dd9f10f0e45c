"""Tiny models made on the spot, checkpoints that hold settings alone, and an opened backend for synchronous tests."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from judgebench import Chat, Message, Sampling

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TEXT = (
    "the quick brown fox jumps over the lazy dog while seven judges compare two answers and pick the better one. "
    "A or B? Yes or No! 0123456789 (one, two; three: four) - What is the capital of France? Paris is its name."
)
CAUSAL = {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}
REWARD = {"architectures": ["LlamaForSequenceClassification"], "model_type": "llama", "id2label": {"0": "reward"}}


def user(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def chat(text: str, **sampling: Any) -> Chat:
    return Chat(user(text), Sampling(**sampling))


def write_safetensors(path: Path, shapes: Mapping[str, tuple[int, ...]], fill: bytes = b"\0") -> None:
    """A .safetensors file of float32 tensors, without the library: a header of JSON behind its length, then data."""
    header: dict[str, Any] = {}
    end = 0
    for name, shape in shapes.items():
        size = 4
        for side in shape:
            size *= side
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [end, end + size]}
        end += size
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + fill * end)


def write_checkpoint(folder: Path, config: Mapping[str, Any] = CAUSAL, **shapes: tuple[int, ...]) -> Path:
    """A folder that looks like a saved model, for what is told without loading it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "tokenizer_config.json").write_text("{}")
    write_safetensors(folder / "model.safetensors", shapes or {"weight": (2, 2)})
    return folder


def write_adapter(folder: Path, base: str | None, shapes: Mapping[str, tuple[int, ...]], **settings: Any) -> Path:
    """A folder that looks like a saved adapter."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {"base_model_name_or_path": base, "peft_type": "LORA", "task_type": "CAUSAL_LM", **settings}
    (folder / "adapter_config.json").write_text(json.dumps(found))
    write_safetensors(folder / "adapter_model.safetensors", shapes)
    return folder


def tiny_tokenizer(template: str | None = CHATML) -> Any:
    """A byte-level BPE of some 400 tokens with ChatML's special ones."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator([TEXT] * 4, trainer)
    names = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
    return PreTrainedTokenizerFast(tokenizer_object=made, chat_template=template, **names)


def tiny_config(**settings: Any) -> Any:
    """The settings of a Llama with two layers."""
    from transformers import LlamaConfig

    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    ids = {"vocab_size": 400, "bos_token_id": None, "eos_token_id": 2, "pad_token_id": 0}
    more = {"num_key_value_heads": 2, "max_position_embeddings": 512, "initializer_range": 0.25}
    return LlamaConfig(**{**sizes, **ids, **more, **settings})


def tiny_model(folder: Path, seed: int = 0, **settings: Any) -> Path:
    """A random causal model. Its generation_config wishes for what no request asks."""
    import torch
    from transformers import LlamaForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = LlamaForCausalLM(tiny_config(**settings))
    wishes = {"do_sample": True, "temperature": 0.1, "top_k": 3, "top_p": 0.5, "repetition_penalty": 5.0}
    for name, value in wishes.items():
        setattr(model.generation_config, name, value)
    save(model, folder)
    return folder


def save(model: Any, folder: Path, template: str | None = CHATML) -> None:
    """A model with the tiny tokenizer, as a trainer saves it."""
    from judgebench_hf.quiet import quiet, without_bars

    with quiet(), without_bars():
        model.save_pretrained(folder)
        tiny_tokenizer(template).save_pretrained(folder)
