"""A short supervised fine-tuning of SmolLM2-135M: four checkpoints, the first of them untrained.

    python leaderboards/sft-trajectory/train.py DATA FOLDER

DATA is a folder of recorded judgments, of which AlpacaEval's reference answers are used: 96 that are short enough, so
that 24 steps of 4 see each once. FOLDER gets checkpoint-0, -8, -16 and -24. Needs judgebench-hf with its extra `train`;
about six minutes on 2 cores.
"""

import gzip
import json
import sys
from pathlib import Path

from judgebench_hf.dequantise import dequantise
from judgebench_llamacpp.weights import resolve

MODEL = "smollm2-135m"
EXAMPLES, BATCH, EVERY = 96, 4, 8
LONGEST = 650
"""Characters of an instruction with its answer."""


def examples(data: Path) -> list[dict[str, object]]:
    """Short instructions with GPT-4 Turbo's answers, in the file's order."""
    path = data / "alpaca_eval_2" / "model_outputs" / "gpt4_1106_preview.json.gz"
    rows = json.loads(gzip.decompress(path.read_bytes()))
    short = [row for row in rows if len(row["instruction"]) + len(row["output"]) <= LONGEST]
    return [
        {
            "prompt": [{"role": "user", "content": row["instruction"]}],
            "completion": [{"role": "assistant", "content": row["output"]}],
        }
        for row in short[:EXAMPLES]
    ]


def train(base: Path, rows: list[dict[str, object]], folder: Path) -> None:
    """Fine-tune on the answers' tokens alone, a checkpoint every few steps."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    settings = SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=BATCH,
        max_steps=len(rows) // BATCH,
        learning_rate=2e-5,
        max_length=256,
        save_steps=EVERY,
        save_only_model=True,
        logging_steps=EVERY,
        report_to=[],
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        seed=0,
    )
    trainer = SFTTrainer(model=str(base), args=settings, train_dataset=Dataset.from_list(rows))
    trainer.save_model(str(folder / "checkpoint-0"))
    trainer.train()


def main(data: Path, folder: Path) -> None:
    """Make the untrained model, and train it."""
    base = folder / "base"
    if not base.exists():
        dequantise(resolve(MODEL), base, "float32")
    rows = examples(data)
    print(f"{len(rows)} answers, {len(rows) // BATCH} steps")
    train(base, rows, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
