"""kill -9 at random moments of each system's data: what comes out is the same bytes, and little is asked twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import warnings

import pytest
from loops_kit import loop, made, plain, prompts

from judgebench.testing.loopback import serve

CONCURRENCY = 8
KILLS = 5
SAID = (
    "Because of the one. Score: 4 [[A]]",
    "Because of the other. Score: 2 [[B]]",
    "Neither is. Score: 3",
    "It is as it is. Score: 5 [[A]]",
    "7. Tell a story about a fox at sea\n8. Name three long rivers of Asia\n9. Why do cats purr at night so loudly?",
)
LOOPS = {
    "meta-rewarding": (
        "iteration-1/pairs",
        {
            "candidates": {"n": 3, "max_tokens": 64},
            "prompts": {"new": 6, "shots": 3, "calls": 8, "filter": {"rouge_l": 1.0}, "with_seeds": True},
        },
    ),
    "self-taught": ("iteration-1/judgments", {"self_taught": {"samples": 6, "max_tokens": 64, "balance": False}}),
    "rlaif": ("iteration-1/labels", {"judge": {"judge": "logprob", "model": "current"}, "candidates": {"n": 5}}),
}


def configured(system, folder, url):
    """A loop whose models are the server's; the log-probs that this gives are those of A, B and C."""
    folder.mkdir(exist_ok=True)
    more = LOOPS[system][1]
    return {
        "ask": {"backend": "openai", "base_url": url, "concurrency": CONCURRENCY},
        **more,
        "prompts": {"path": str(prompts(folder, 8)), "number": 0, **more.get("prompts", {})},
    }


def begun(of, stage):
    """A process of its own that makes a loop up to a stage."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn where there are threads
        process = os.fork()
    if process == 0:
        try:
            made(of, stage)
        finally:
            os._exit(0)
    return process


def killed(process):
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def ended(process):
    return os.waitpid(process, os.WNOHANG)[0] != 0


def results(folder):
    """All that stages wrote of rows, their records left aside: the lines of those stand as they came."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((folder / "loop").rglob("*.jsonl"))
        if path.name != "record.jsonl"
    }


@pytest.mark.parametrize("system", LOOPS)
def test_kills(system, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    dice = random.Random(5)
    whole, torn, log, stage = tmp_path / "whole", tmp_path / "torn", tmp_path / "calls", LOOPS[system][0]
    with serve(replies=SAID) as server:
        port = int(server.url.rsplit(":", 1)[1].split("/")[0])
        made(loop(whole, system, **configured(system, whole, server.url)), stage)
        needed = server.stats()["requests"]
    assert needed > 40
    with serve(delay=0.01, replies=SAID, calls=log, port=port) as server:
        of = loop(torn, system, **configured(system, torn, server.url))
        deaths = 0
        for number in range(KILLS):
            asked = server.stats()["requests"]
            left = max(needed - asked, 0)  # what was in flight at a kill is asked twice
            goal = asked + dice.randrange(1, left // (KILLS - number) + 2)
            process = begun(of, stage)
            deadline = time.monotonic() + 20
            over = False
            while server.stats()["requests"] < goal and time.monotonic() < deadline and not (over := ended(process)):
                time.sleep(0.002)
            time.sleep(dice.random() * 0.02)
            if not over:
                deaths += 1
                killed(process)
        made(of, stage)
        repeated = server.stats()["requests"] - needed
        digests = [digest for digest, _ in server.calls()]
    assert deaths > 1
    assert 0 <= repeated <= CONCURRENCY * deaths
    assert len(set(digests)) == needed
    assert results(torn) == results(whole)
    assert any(name.endswith("data/train.jsonl") for name in results(whole))


def test_kills_where_files_are_made_and_taken_away(tmp_path):
    """Nothing waits for a model here, and each time the configuration is another: what was made is taken away."""
    dice = random.Random(3)

    def of(folder, longest):
        folder.mkdir(exist_ok=True)
        return loop(folder, "meta-rewarding", candidates={"n": 4, "max_tokens": longest})

    began = time.monotonic()
    made(of(tmp_path / "whole", 64), "iteration-1/pairs")
    took = time.monotonic() - began
    for number in range(10):
        process = begun(of(tmp_path / "torn", 64 + number % 2), "iteration-1/pairs")
        time.sleep(took * dice.random())
        killed(process)
    made(of(tmp_path / "torn", 64), "iteration-1/pairs")
    assert results(tmp_path / "torn") == results(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("system", LOOPS)
def test_kills_of_the_command_line(system, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    dice = random.Random(7)
    stage = LOOPS[system][0]

    def command(folder, url, *more):
        config = folder / "loop.yaml"
        config.write_text(json.dumps(plain(folder, system, **configured(system, folder, url))))
        words = [sys.executable, "-m", "judgebench.cli.main", "loop", system, "--config", str(config), "--quiet"]
        return [*words, "--stage", stage, *more]

    (tmp_path / "whole").mkdir()
    (tmp_path / "torn").mkdir()
    with serve(delay=0.02, replies=SAID) as server:
        subprocess.run(command(tmp_path / "whole", server.url), check=True, capture_output=True)
        needed = server.stats()["requests"]
        for _ in range(4):
            before = server.stats()["requests"]
            process = subprocess.Popen(
                command(tmp_path / "torn", server.url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            goal, deadline = before + dice.randrange(2, needed // 3), time.monotonic() + 20
            while server.stats()["requests"] < goal and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.003)
            process.kill()
            process.wait()
        subprocess.run(command(tmp_path / "torn", server.url), check=True, capture_output=True)
        repeated = server.stats()["requests"] - 2 * needed
    assert 0 <= repeated <= 4 * CONCURRENCY
    assert results(tmp_path / "torn") == results(tmp_path / "whole")
