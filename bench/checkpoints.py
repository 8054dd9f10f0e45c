"""Tokens per second of the backend `hf`, beside a bare transformers loop and beside llama.cpp, in one run.

    python bench/checkpoints.py [--prompts 32] [--tokens 48] [--batch 8]

SmolLM2-135M dequantised to float32 for both of the first, its 4-bit file for llama.cpp. "bare" is the shortest loop
that does the work: prompts in the order they come, padded on the left, batch by batch through `generate` or one forward
pass. Every engine answers the same prompts of `starter` greedily; one that ends early writes fewer tokens: rates
count what was written. Needs judgebench-hf (`make torch`). Runs of a few seconds on shared cores vary by some ten per
cent: each is made three times in turn, and the median is shown.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from judgebench import Backend, Chat, Message, NextToken, Sampling, cache_folder
from judgebench.components.benchmarks.starter import COMPONENT as Starter

ROUNDS = 3
LETTERS = ("A", "B")
Engine = Callable[[], tuple[int, float]]


def prompts(number: int) -> list[tuple[Message, ...]]:
    """First turns of `starter`, some twice: of very different lengths."""
    items = Starter().items()
    return [(Message("user", items[k % len(items)].turns[0]),) for k in range(number)]


def through(backend: Backend, requests: list[Any]) -> tuple[int, float]:
    """Tokens (written, or read where nothing is written) and seconds of all requests at once, without loading."""

    async def all_at_once() -> tuple[int, float]:
        async with backend.open(lambda name: None) as session:
            await session.complete(requests[0])
            start = time.perf_counter()
            jobs: list[Coroutine[Any, Any, Any]] = [session.complete(request) for request in requests]
            done = await asyncio.gather(*jobs)
            spent = time.perf_counter() - start
        writes = isinstance(requests[0], Chat)
        return sum(one.usage.output_tokens if writes else one.usage.input_tokens for one in done), spent

    return asyncio.run(all_at_once())


def bare(folder: Path, asked: list[tuple[Message, ...]], tokens: int, batch: int) -> tuple[Engine, Engine]:
    """The bare loops: writing, and the next token's log-probs."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    rows = [[{"role": m.role, "content": m.content} for m in messages] for messages in asked]
    texts = [tokenizer.apply_chat_template(row, add_generation_prompt=True, tokenize=False) for row in rows]
    blocks = [texts[k : k + batch] for k in range(0, len(texts), batch)]

    def encoded(block: list[str]) -> Any:
        return tokenizer(block, return_tensors="pt", padding=True, add_special_tokens=False)

    @torch.no_grad()
    def write() -> tuple[int, float]:
        start, written = time.perf_counter(), 0
        for block in blocks:
            inputs = encoded(block)
            out = model.generate(
                **inputs,
                max_new_tokens=tokens,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
                top_p=None,
                top_k=None,
            )
            new = out[:, inputs["input_ids"].shape[1] :]
            written += int((new != tokenizer.pad_token_id).sum())
            tokenizer.batch_decode(new, skip_special_tokens=True)
        return written, time.perf_counter() - start

    @torch.no_grad()
    def look() -> tuple[int, float]:
        start, read = time.perf_counter(), 0
        for block in blocks:
            inputs = encoded(block)
            logits = model(**inputs, logits_to_keep=1).logits[:, -1].float()
            torch.log_softmax(logits, -1).topk(20)
            read += int(inputs["attention_mask"].sum())
        return read, time.perf_counter() - start

    return write, look


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--prompts", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--batch", type=int, default=8)
    given = parser.parse_args()
    from judgebench_hf import switches

    switches.prepare_threads()  # before torch is imported: here for the bare loop too
    try:
        import torch  # noqa: F401
    except ImportError:
        print("skipped: needs PyTorch and transformers (make torch)")
        return
    from judgebench_hf.backend import HuggingFace
    from judgebench_hf.dequantise import dequantise
    from judgebench_llamacpp.backend import LlamaCpp
    from judgebench_llamacpp.weights import resolve

    folder = cache_folder() / "models" / "hf" / "smollm2-135m"
    if not folder.exists():
        dequantise(resolve("smollm2-135m"), folder, "float32")
    asked = prompts(given.prompts)
    chats = [Chat(messages, Sampling(max_tokens=given.tokens)) for messages in asked]
    looks = [NextToken(messages, LETTERS) for messages in asked]
    hf = HuggingFace(model=str(folder), batch=given.batch)
    llama = LlamaCpp(model="smollm2-135m", parallel=given.batch)
    write, look = bare(folder, asked, given.tokens, given.batch)
    for what, bare_loop, requests in (("tokens written", write, chats), ("tokens read (next token)", look, looks)):
        engines: dict[str, Engine] = {
            "bare transformers": bare_loop,
            "hf": lambda requests=requests: through(hf, requests),  # type: ignore[misc]
            "llama.cpp": lambda requests=requests: through(llama, requests),  # type: ignore[misc]
        }
        rates: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(ROUNDS):
            for name, engine in engines.items():
                count, seconds = engine()
                rates[name].append(count / seconds)
        middle = {name: statistics.median(found) for name, found in rates.items()}
        print(
            f"{what} a second, {given.prompts} prompts, batch {given.batch} (median of {ROUNDS}; lowest to highest)",
            flush=True,
        )
        for name, rate in middle.items():
            low, high = min(rates[name]), max(rates[name])
            ratio = rate / middle["bare transformers"]
            print(f"  {name:<18} {rate:8.1f}  ({low:.1f} to {high:.1f})   {ratio:.2f} of the bare loop", flush=True)


if __name__ == "__main__":
    main()
