"""TRL's own command line trains on a folder of rows as it is."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from judgebench_loops.writing.dataset import write
from judgebench_loops.writing.rows import PairRow, SftRow
from loops_training_kit import rows

from judgebench import Message

pytestmark = pytest.mark.torch
pytest.importorskip("trl", reason="needs torch, transformers and trl")


def typed(row: dict[str, Any]) -> SftRow | PairRow:
    """The row as a loop's stage writes it, with its lineage."""
    prompt = tuple(Message(one["role"], one["content"]) for one in row["prompt"])
    lineage = {"iteration": 1, "scores": [4.5, 2.0]}
    if "completion" in row:
        return SftRow(row["id"], prompt, row["completion"][0]["content"], lineage)
    return PairRow(row["id"], prompt, row["chosen"][0]["content"], row["rejected"][0]["content"], lineage)


@pytest.mark.parametrize("method", ["sft", "dpo"])
def test_trl_trains_on_the_folder(tmp_path: Path, method: str) -> None:
    from hf_kit import tiny_model
    from transformers import AutoModelForCausalLM

    model, out = tiny_model(tmp_path / "tiny", seed=1), tmp_path / "out"
    data = write(tmp_path / "data", [typed(row) for row in rows(method)], title="data", facts={}, dropped={"cut": 2})
    command = [
        *(sys.executable, "-m", "trl.cli.main", method, "--model_name_or_path", str(model)),
        *("--dataset_name", str(data), "--output_dir", str(out), "--max_steps", "2", "--max_length", "64"),
        *("--per_device_train_batch_size", "2", "--report_to", "none", "--use_cpu", "--bf16", "false"),
    ]
    own = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path / "cache"), "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (out / "checkpoint-2" / "model.safetensors").is_file()
    AutoModelForCausalLM.from_pretrained(out)
