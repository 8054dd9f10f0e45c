"""What the child process does: one training from its rows to the mark that it has ended."""

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from judgebench import ConfigError, DataError
from judgebench_loops.training import checkpoints, dpo, finished, reward, rl, rows, sft
from judgebench_loops.training.arguments import adapter, arguments, dropouts
from judgebench_loops.training.job import Job, identity
from judgebench_loops.training.lengths import fitting
from judgebench_loops.training.reward_source import Scorer, imported
from judgebench_loops.training.settings import steps

LOCK, JUDGED = ".lock", "rewards"
WAIT = 60.0
"""Seconds to wait for a process that trains in the same folder and is about to end."""


def train(job: Job) -> None:
    """Train, or go on, and mark the end. ConfigError where the folder is of another training."""
    told = identity(job)
    if not finished.is_same(job.out, told):
        raise ConfigError(f"{job.out} holds another training", "choose another folder, or remove it")
    finished.begin(job.out, told)
    with _alone(job.out):
        if finished.facts(job.out) is None:
            _train(job)
        checkpoints.tidy(job.out, job.settings.keep_optimizer)


def _train(job: Job) -> None:
    with _scorer(job) as scorer:
        trainer, facts = prepared(job, scorer)
        last = checkpoints.last_whole(job.out)
        print("from the beginning" if last is None else f"goes on from {last.name}", flush=True)
        started = time.monotonic()
        trainer.train(resume_from_checkpoint=None if last is None else str(last))
    history = trainer.state.log_history
    lines = (json.dumps({name: _finite(value) for name, value in entry.items()}) + "\n" for entry in history)
    (job.out / finished.LOG).write_text("".join(lines), encoding="utf-8")
    facts |= {"steps": trainer.state.global_step, "seconds": round(time.monotonic() - started, 3)}
    if scorer is not None:
        facts["missed"] = round(sum(entry.get(rl.MISSED, 0) for entry in history))
    finished.end(job.out, checkpoints.steps(job.out), facts)


def prepared(job: Job, scorer: Scorer | None = None) -> tuple[Any, dict[str, Any]]:
    """The trainer, ready to train, and what is to be said of its rows.

    DataError for rows that are none, or where TRL leaves some out that were counted.
    """
    import torch
    from datasets import Dataset
    from transformers import AutoConfig, AutoTokenizer

    settings, model = job.settings, str(job.model)
    if (Path(model) / "adapter_config.json").is_file():
        raise ConfigError(f"the model {model} is an adapter", "merge it into its base first")
    tokenizer = AutoTokenizer.from_pretrained(model)
    if tokenizer.chat_template is None:
        raise ConfigError(f"the tokenizer of {model} has no chat template", "give a model that has one")
    fit, cut = fitting(rows.read(job.data, settings.method), tokenizer, settings)
    facts: dict[str, Any] = {"rows": len(fit.rows), "dropped": dict(fit.dropped), "cut": cut}
    planned = steps(settings, len(fit.rows))
    print(f"{len(fit.rows)} rows, {planned} steps; dropped: {facts['dropped'] or 'none'}; cut: {cut}", flush=True)
    brought = dropouts(AutoConfig.from_pretrained(model).get_text_config())
    given = arguments(settings, job.out, brought, on_cpu=not torch.accelerator.is_available())
    dataset, lora = Dataset.from_list(list(fit.rows)), adapter(settings)
    match settings.method:
        case "sft":
            trainer = sft.trainer(job, given, dataset, lora)
        case "dpo":
            trainer = dpo.trainer(job, given, dataset, lora)
        case "reward":
            trainer = reward.trainer(job, given, dataset, lora)
        case _:
            trainer = rl.trainer(job, given, dataset, lora, scorer)
    if len(trainer.train_dataset) != len(fit.rows):
        raise DataError(
            f"TRL trains on {len(trainer.train_dataset)} of {len(fit.rows)} rows",
            "does the chat template set a prompt alone as it does before a response?",
        )
    return trainer, facts


def _finite(value: Any) -> Any:
    """The value, but null for a number that JSON does not have, as the gradient's norm may be."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def _scorer(job: Job) -> Iterator[Scorer | None]:
    """What gives RL its rewards, but for a reward model."""
    source = job.reward
    if source is None or source.model is not None:
        yield None
    elif source.function is not None:
        yield imported(source.function)
    else:
        from judgebench_loops.training import direct

        with direct.scorer(source, job.out / JUDGED, job.settings.seed) as found:
            yield found


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """No other process trains in this folder while the block runs. ConfigError where one does."""
    import fcntl

    with (out / LOCK).open("w") as file:
        until = time.monotonic() + WAIT
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise ConfigError(f"another process trains in {out}", "wait for it, or end it") from None
                time.sleep(0.2)
        yield
