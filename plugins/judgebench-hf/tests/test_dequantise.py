"""A .gguf file as a model, and as a folder: of a tiny model that is written here in llama.cpp's form."""

import asyncio
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hf_kit import CHATML, chat, tiny_config, tiny_tokenizer, user
from judgebench_hf.dequantise import dequantise, main

from judgebench import Completion, ConfigError, NextToken, PermanentError, SequenceScore
from judgebench.testing.opened import Opened, no_secret

torch = pytest.importorskip("torch", reason="needs torch")
pytestmark = pytest.mark.torch
Open = Callable[..., Opened]
ASKED = [NextToken(user(text), ("A", "B"), 400) for text in ("A or B?", "the lazy dog", "seven judges pick Paris")]
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
OUTER = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}


def turned(weight: Any, heads: int) -> Any:
    """Rows of a query or key projection in llama.cpp's order for rotary positions."""
    rows = weight.shape[0] // heads // 2
    return weight.reshape(heads, 2, rows, -1).swapaxes(1, 2).reshape(weight.shape)


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of float32 weights as a .gguf file."""
    import gguf as format
    from transformers import LlamaForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(6)
        config = tiny_config(num_key_value_heads=4, rms_norm_eps=1e-5)
        model = LlamaForCausalLM(config)
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    writer = format.GGUFWriter(str(path), "llama")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)
    tokenizer = tiny_tokenizer()
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda pair: pair[1])
    special = set(tokenizer.added_tokens_decoder)
    unused = [f"<unused{n}>" for n in range(len(pieces), config.vocab_size)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*(piece for piece, _ in pieces), *unused])
    writer.add_token_types([3 if n in special else 1 for n in range(len(pieces))] + [5] * len(unused))
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in merges])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHATML)
    for name, weight in model.state_dict().items():
        stem = name.removesuffix(".weight")
        if stem.startswith("model.layers."):
            layer, _, inner = stem.removeprefix("model.layers.").partition(".")
            stem = f"blk.{layer}.{NAMES[inner]}"
        else:
            stem = OUTER[stem]
        numbers = weight.numpy()
        heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}.get(stem.split(".")[-1])
        writer.add_tensor(f"{stem}.weight", numbers if heads is None else turned(numbers, heads))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def folder(gguf: Path) -> Path:
    dequantise(gguf, gguf.parent / "folder")
    return gguf.parent / "folder"


def test_a_gguf_file_and_the_folder_made_of_it_answer_alike(opened: Open, gguf: Path, folder: Path) -> None:
    requests = [*ASKED, SequenceScore(user("A or B?"), "Paris"), chat("the lazy dog", max_tokens=8)]
    assert opened(gguf).ask_all(requests) == opened(folder).ask_all(requests)
    assert not list(gguf.parent.glob(".folder*"))


@pytest.mark.model
def test_float32_weights_give_llama_cpp_s_log_probs(opened: Open, gguf: Path) -> None:
    """Without quantisation in between, what is left is llama.cpp's cache of keys and values in half precision."""
    llamacpp = pytest.importorskip("judgebench_llamacpp.backend", reason="needs judgebench-llamacpp")

    async def run() -> list[Completion]:
        async with llamacpp.LlamaCpp(model=str(gguf), n_ctx=256, deterministic=True).open(no_secret) as session:
            return [await session.complete(request) for request in ASKED]

    worst = 0.0
    for one, other in zip(opened(gguf).ask_all([*ASKED]), asyncio.run(run()), strict=True):
        theirs = sorted((value for _, value in other.logprobs), reverse=True)
        ours = sorted((value for _, value in one.logprobs), reverse=True)
        assert one.usage == other.usage
        assert one.logprobs[0][0] == other.logprobs[0][0]
        assert sum(map(math.exp, theirs)) == pytest.approx(1, abs=1e-3)
        worst = max(worst, *(abs(a - b) for a, b in zip(ours[:50], theirs[:50], strict=True)))
    print("worst difference", worst)
    assert worst < 0.01


def test_weights_are_written_in_the_dtype_asked_for(opened: Open, gguf: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    assert main([str(gguf), str(tmp_path / "half"), "--dtype", "bfloat16"]) == 0
    weights = load_file(tmp_path / "half" / "model.safetensors")
    assert {weight.dtype for weight in weights.values()} == {torch.bfloat16}
    assert opened(tmp_path / "half", dtype="bfloat16").ask(chat("the lazy dog", max_tokens=3)).usage.output_tokens == 3


def test_what_cannot_be_done_says_so(gguf: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is there already"):
        dequantise(gguf, folder)
    with pytest.raises(ConfigError, match="is no file"):
        dequantise(tmp_path / "none.gguf", tmp_path / "out")
    with pytest.raises(ConfigError, match="no dtype 'int8'"):
        dequantise(gguf, tmp_path / "out", "int8")
    (tmp_path / "damaged.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(PermanentError, match=r"damaged\.gguf could not be read"):
        dequantise(tmp_path / "damaged.gguf", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.gguf"]


def test_the_command_says_nothing_but_the_folder(gguf: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "judgebench_hf.dequantise", str(gguf), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path / 'out'}\n", "")
    again = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert again.returncode == 2
    assert again.stderr.startswith("error: ")
    assert len(again.stderr.splitlines()) == 2
