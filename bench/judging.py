"""Judgments per second and CPU per judgment, everything included, beside a bare aiohttp loop in the same run.

    python bench/judging.py [--pairs 2000] [--concurrency 64]

A server on loopback answers at once or after 50 ms. "judgebench" is a whole run in a process of its own: start-up,
plugins, plan, calls, cache, record, analysis, board. "bare aiohttp" renders the same prompts, posts them and reads the
answers, no more. CPU is that of the client process, user and system.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from judgebench import Chat, Completion, ModelName, Sample, Trial
from judgebench.components.benchmarks.pairs import COMPONENT as Pairs
from judgebench.components.judges.verdict import COMPONENT as Verdict
from judgebench.testing.loopback import serve

DELAYS = (0.05, 0.0)


def pairs_file(folder: Path, pairs: int) -> Path:
    """Pairs whose prompts come to about 5 kB each, all different."""
    words = [
        "judge",
        "answer",
        "better",
        "because",
        "model",
        "length",
        "order",
        "prompt",
        "reply",
        "clear",
        "wrong",
        "right",
    ]
    dice = random.Random(0)
    path = folder / "pairs.jsonl"
    with path.open("w") as file:
        for number in range(pairs):
            text = [" ".join(dice.choices(words, k=130)) for _ in range(6)]
            row = {"prompt": f"{number} {text[0]}", "response_a": " ".join(text[1:3]), "response_b": " ".join(text[3:])}
            file.write(json.dumps({**row, "gold": dice.choice("ab")}) + "\n")
    return path


def child(arguments: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a process that must succeed."""
    before, start = os.times(), time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu


def run_command(pairs: Path, out: Path, url: str, concurrency: int, cache: Path) -> list[str]:
    return [
        *("-m", "judgebench.cli.main", "run", f"pairs:{pairs}", "--quiet", "--out", str(out), "--cache", str(cache)),
        *("--judge", f"v=verdict@openai:m,base_url={url},concurrency={concurrency},order=seeded"),
    ]


async def prompts_of(pairs: Path) -> list[str]:
    """The prompts that the judge shows for these pairs."""
    prompts: list[str] = []

    async def ask(model: str, request: Chat, draw: int = 0) -> Sample:
        prompts.append(request.messages[-1].content)
        return Sample(model, Completion())

    for item in Pairs(str(pairs)).items():
        await Verdict(ModelName("m")).sample(Trial(item, item.responses, (0, 1)), ask)
    return prompts


async def bare(url: str, prompts: list[str], concurrency: int) -> None:
    """What a loop without any harness does: the same bodies, the answers parsed."""
    import aiohttp

    waiting = iter(prompts)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:

        async def lane() -> None:
            for prompt in waiting:
                message = {"role": "user", "content": prompt}
                body = {"model": "m", "messages": [message], "temperature": 0.0, "top_p": 1.0, "max_tokens": 1024}
                async with session.post(f"{url}/chat/completions", json=body) as response:
                    json.loads(await response.read())["choices"][0]["message"]["content"]

        await asyncio.gather(*(lane() for _ in range(concurrency)))


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--bare", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.bare:
        asyncio.run(bare(args.bare, asyncio.run(prompts_of(args.file)), args.concurrency))
        return
    python = sys.version.split()[0]
    print(f"{args.pairs} pairs, {args.concurrency} in flight, {os.cpu_count()} cores, Python {python}\n")
    print("| what | delay | judgments/s | wall s | CPU ms per judgment |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = pairs_file(folder, args.pairs)

        def row(what: str, delay: float | None, measured: tuple[float, float]) -> None:
            wall, cpu = measured
            shown = "-" if delay is None else f"{1000 * delay:.0f} ms"
            rate, each = args.pairs / wall, 1000 * cpu / args.pairs
            print(f"| {what} | {shown} | {rate:,.0f} | {wall:.2f} | {each:.2f} |", flush=True)

        for delay in DELAYS:
            with serve(delay=delay) as server:
                plain = [__file__, "--bare", server.url, "--file", str(pairs), "--concurrency", str(args.concurrency)]
                row("bare aiohttp", delay, child(plain))
                out, cache = folder / f"run{delay}", folder / f"{delay}.sqlite"
                run = run_command(pairs, out, server.url, args.concurrency, cache)
                row("judgebench", delay, child(run))
                row("judgebench, continued (all in the record)", None, child(run))
                (out / "record.jsonl").unlink()
                row("judgebench, from the cache", None, child(run))


if __name__ == "__main__":
    main()
