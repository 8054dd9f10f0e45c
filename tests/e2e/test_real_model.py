"""One real model, asked in two ways: in process, and as a server over HTTP. The verdicts must be the same bits."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.model
MODEL = "smollm2-135m"


@pytest.fixture(scope="module")
def weights():
    found = pytest.importorskip("judgebench_llamacpp.weights")
    try:
        found.resolve(MODEL)
    except Exception as error:  # whatever keeps a machine from having it
        pytest.skip(f"{MODEL} cannot be had: {error}")


@pytest.fixture(scope="module")
def url(weights):
    command = [sys.executable, "-m", "judgebench_llamacpp.serve", MODEL, "--deterministic"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)


def judged(model: str, folder: Path):
    """Every verdict of a run of both judges, with its samples' texts and log-probs."""
    subprocess.run(
        [
            *(sys.executable, "-m", "judgebench.cli.main", "run", "starter", "--limit", "3", "--no-cache", "--quiet"),
            *("--out", str(folder), "--model", f"m={model}"),
            *("--judge", "lp=logprob@m", "--judge", "v=verdict@m,max_tokens=24,limit=2"),
        ],
        check=True,
        capture_output=True,
    )
    lines = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]
    found = {}
    for line in lines:
        if line["line"] == "verdict":
            key = (line["judge"].split("#")[0], line["item"], tuple(line["order"]))
            (sample,) = line["samples"]
            said = sample["completion"]["text"] if key[0] == "v" else sample["completion"]["logprobs"]
            found[key] = (line.get("preference"), line.get("miss"), said)
    return found


@pytest.mark.slow
def test_in_process_and_over_http_judge_alike(url, tmp_path):
    here = judged(f"llamacpp:{MODEL},deterministic=true", tmp_path / "here")
    there = judged(f"openai:{MODEL},base_url={url},concurrency=1", tmp_path / "there")
    assert len(here) == 10
    assert here == there


def test_a_real_model_answers_and_is_judged(weights, tmp_path):
    model = f"llamacpp:{MODEL}"
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "judgebench.cli.main",
                "run",
                "starter",
                "--limit",
                "3",
                "--no-cache",
                "--out",
                str(tmp_path / "r"),
            ),
            *("--policy", f"small=chat@{model},max_tokens=16", "--judge", f"lp=logprob@{model}"),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "win-rate, judged by lp" in done.stdout
    assert "answers of small were cut at its max_tokens" in done.stdout
