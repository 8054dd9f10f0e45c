"""From a checkpoint to a whole model folder."""

import shutil
from pathlib import Path
from typing import Any

from judgebench_hf import folder

from judgebench import ConfigError, PermanentError
from judgebench_loops.training import finished
from judgebench_loops.training.job import Merge

ORIGIN = "merged.json"
"""The file in a merged folder that says what it was made of."""


def merge(task: Merge) -> None:
    """Write the folder, or find that it is there. ConfigError where something else stands in its place."""
    origin = {"checkpoint": folder.digest(task.checkpoint), "base": task.base}
    if task.out.exists():
        if finished.read(task.out / ORIGIN) != origin:
            raise ConfigError(f"{task.out} is there already, and is not of this checkpoint", "choose another folder")
        return
    partial = task.out.with_name(f".{task.out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    _write(task, partial)
    finished.write(partial / ORIGIN, origin)
    partial.rename(task.out)


def _write(task: Merge, partial: Path) -> None:
    import torch
    import transformers

    adapter = folder.is_adapter(task.checkpoint)
    scores = _scores(task.checkpoint, adapter)
    kind: Any = transformers.AutoModelForSequenceClassification if scores else transformers.AutoModelForCausalLM
    more = {"num_labels": 1} if scores else {}
    tokenizer = transformers.AutoTokenizer.from_pretrained(task.base)
    config = transformers.AutoConfig.from_pretrained(task.base)
    model, found = kind.from_pretrained(
        task.base if adapter else str(task.checkpoint), dtype=torch.float32, output_loading_info=True, **more
    )
    made_up = [] if adapter and scores else sorted(found["missing_keys"])
    if made_up:
        raise PermanentError(f"{task.checkpoint} lacks {made_up[0]}", "was it trained from this base?")
    if adapter:
        import peft

        model = peft.PeftModel.from_pretrained(model, str(task.checkpoint)).merge_and_unload()
    if scores:
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        model.config.pad_token_id = tokenizer.pad_token_id
    model.to(config.dtype or torch.float32)
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)


def _scores(checkpoint: Path, adapter: bool) -> bool:
    """Is the checkpoint of a reward model."""
    settings = folder.read_json(checkpoint / (folder.ADAPTER_CONFIG if adapter else folder.CONFIG))
    if adapter:
        return bool(settings.get("task_type") == "SEQ_CLS")
    return any(str(one).endswith("ForSequenceClassification") for one in settings.get("architectures") or ())
